"""What a Python project's own files name: packages, and the version of Python."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from analyzer.facts import quoted, quoted_match
from analyzer.languages.dependencies import Dependencies
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

REQUIREMENTS = ("requirements.txt", "requirements/base.txt", "requirements/production.txt")
PROJECT_FILES = ("pyproject.toml", *REQUIREMENTS, "Pipfile", "setup.py", "setup.cfg")

_REQUIREMENT = re.compile(r"^[ \t]*([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)
_PIPFILE_PACKAGE = re.compile(r"^\"?([A-Za-z0-9][A-Za-z0-9._-]*)\"?[ \t]*=", re.MULTILINE)
_VERSION_FILES: tuple[tuple[str, str, Confidence], ...] = (
    (".python-version", r"\A\s*(?:python-?|cpython-)?(\d+\.\d+(?:\.\d+)?)", "high"),
    ("runtime.txt", r"\A\s*python-(\d+\.\d+(?:\.\d+)?)", "high"),
    (".tool-versions", r"^python[ \t]+(\d+\.\d+(?:\.\d+)?)", "high"),
    ("Pipfile", r"^python(?:_full)?_version[ \t]*=[ \t]*\"(\d+\.\d+(?:\.\d+)?)", "high"),
    ("pyproject.toml", r"^requires-python[ \t]*=[ \t]*[\"'][>=~^ ]*(\d+\.\d+)", "medium"),
    ("pyproject.toml", r"^python[ \t]*=[ \t]*[\"'][>=~^ ]*(\d+\.\d+)", "medium"),
)


def python_dependencies(tree: SourceTree) -> Dependencies:
    """Return the packages that the project names, normalized, with the lines that do."""
    found: dict[str, Evidence] = {}
    for path in PROJECT_FILES:
        text = tree.text(path)
        for name, evidence in _named_in(path, text) if text else ():
            found.setdefault(normalized(name), evidence)
    return found


def python_versions(tree: SourceTree) -> Iterator[tuple[str, str, Confidence, Evidence]]:
    """Yield version, file, confidence and evidence from each file that pins one."""
    for path, pattern, confidence in _VERSION_FILES:
        text = tree.text(path)
        match = re.search(pattern, text, re.MULTILINE) if text else None
        if match and text:
            yield match[1], path, confidence, quoted_match(path, text, match)


def normalized(name: str) -> str:
    """Return a package name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _named_in(path: str, text: str) -> Iterator[tuple[str, Evidence]]:
    if path in REQUIREMENTS:
        yield from ((m[1], quoted_match(path, text, m)) for m in _REQUIREMENT.finditer(text))
    elif path == "pyproject.toml":
        yield from _named_in_pyproject(path, text)
    elif path == "Pipfile":
        start = text.find("[packages]")
        end = text.find("\n[", start + 1)
        section = text[: end if end > 0 else len(text)]
        for match in _PIPFILE_PACKAGE.finditer(section, max(start, 0)):
            yield match[1], quoted_match(path, text, match)


def _named_in_pyproject(path: str, text: str) -> Iterator[tuple[str, Evidence]]:
    try:
        document: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    begin = max(text.find("dependencies"), 0)
    for name in _pyproject_names(document):
        named = re.compile(rf"(?:^|[\"']){re.escape(name)}(?![\w.-])", re.MULTILINE)
        match = named.search(text, begin)
        if match:
            yield name, quoted(path, text, match.end() - len(name), match.end())


def _pyproject_names(document: dict[str, Any]) -> Iterator[str]:
    project = document.get("project", {})
    required = project.get("dependencies", []) if isinstance(project, dict) else []
    for requirement in required if isinstance(required, list) else []:
        match = _REQUIREMENT.match(str(requirement))
        if match:
            yield match[1]
    tool = document.get("tool", {})
    poetry = tool.get("poetry", {}) if isinstance(tool, dict) else {}
    packages = poetry.get("dependencies", {}) if isinstance(poetry, dict) else {}
    yield from (str(name) for name in packages if name != "python")
