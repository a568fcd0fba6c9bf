"""What a Python project's own files name: the packages it runs with, and the optional ones."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from analyzer.facts import quoted
from analyzer.languages.dependencies import Dependencies
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

_FILES: Final = ("pyproject.toml", "Pipfile", "setup.cfg", "setup.py", "environment.yml")
_REQUIREMENTS: Final = Pattern(
    r"(?:.*/)?(?:[\w.-]*requirements[\w.-]*|requirements/[\w.-]+)\.(?:txt|in)"
)
# What only developers install says nothing of the running service.
_ASIDE: Final = Pattern(r"dev|test|lint|doc|typing|types|\bci\b|local|bench|style|format|qa|debug")
_BASIC: Final = Pattern(r"base|main|common|core|default|prod|production|deploy|app|web|server|all")

_NAME: Final = r"([A-Za-z0-9][A-Za-z0-9._-]*)[ \t]*(\[[\w ,.-]{1,100}\])?"
_LINE: Final = Pattern(rf"^[ \t]*{_NAME}", re.MULTILINE)
_ENTRY: Final = Pattern(rf"[\"'][ \t]*{_NAME}[^\"'\n]{{0,200}}[\"']")
_ASSIGNED: Final = Pattern(r"^\"?([A-Za-z0-9][A-Za-z0-9._-]*)\"?[ \t]*=(.*)$", re.MULTILINE)
_CONDA: Final = Pattern(rf"^[ \t]*-[ \t]*[\"']?{_NAME}(?=[=<>!\"' \t\n]|$)", re.MULTILINE)

_INSTALLED: Final = Pattern(
    r"\binstall_requires[\"']?[ \t]*[=:][ \t]*(?:[^,\[\n]{0,40}\[|(\w+)[ \t]*[,)\n])"
)
_DEEPEST: Final = 2
# No list that people write comes near it, and each costs a look at the lines before it.
_MOST_NAMED: Final = 2_000

_Named = Iterator[tuple[str, bool, Evidence]]


@dataclass(frozen=True)
class PythonProject:
    """The packages of a project, normalized; `celery[redis]` stands beside `celery`.

    Those `brought` are required by others of them, as a list says that was made of a shorter one.
    """

    files: tuple[str, ...] = ()
    required: Dependencies = field(default_factory=dict)
    optional: Dependencies = field(default_factory=dict)
    brought: frozenset[str] = frozenset()

    def evidence(self, *names: str) -> Evidence | None:
        """Return the line of the first package that is required, or None."""
        return next((self.required[name] for name in names if name in self.required), None)


def project_files(tree: SourceTree) -> tuple[str, ...]:
    """Return the files that name packages: the service's own outermost ones, else those above."""
    listed = (path for path in tree.ending(".txt", ".in") if "requirements" in path)
    named = sorted({*tree.named(*_FILES), *listed})
    found = {path: _depth(path) for path in named if _is_project_file(path)}
    outermost = min(found.values(), default=_DEEPEST + 1)
    if outermost <= _DEEPEST:
        return tuple(path for path, depth in found.items() if depth == outermost)
    above = tree.nearest("pyproject.toml", "requirements.txt", "Pipfile", "setup.py")
    return (above,) if above else ()


def read_project(tree: SourceTree) -> PythonProject:
    """Read every project file; what any of them requires is required."""
    files = project_files(tree)
    required: dict[str, Evidence] = {}
    optional: dict[str, Evidence] = {}
    chosen: set[str] = set()
    plain = [path for path in files if _is_plain(path)]
    for path in files:
        text = tree.text(path)
        is_extra = bool(plain) and path not in plain
        is_compiled = path.endswith(".txt") and f"{path[:-4]}.in" in files
        for name, is_optional, evidence in _named_in(path, text) if text else ():
            (optional if is_optional or is_extra else required).setdefault(name, evidence)
            if not is_compiled:
                chosen.add(name)
    return PythonProject(files, required, optional, frozenset(required.keys() - chosen))


def normalized(name: str) -> str:
    """Return a package name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def document_of(text: str) -> Mapping[str, Any]:
    """Return a TOML text's content; empty where it cannot be read."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def table(document: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Return a table inside a document; empty where there is none."""
    for key in keys:
        inner = document.get(key) if isinstance(document, Mapping) else None
        document = inner if isinstance(inner, Mapping) else {}
    return document


def _depth(path: str) -> int:
    return path.count("/") - ("requirements/" in path)


def _is_project_file(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    if name in _FILES:
        return not is_aside(path)
    return _REQUIREMENTS.fullmatch(path) is not None and not is_aside(path)


def _is_plain(path: str) -> bool:
    """Say whether a file is no `requirements-parsing.txt`, for those who want more than others."""
    name = path.rsplit("/", 1)[-1].lower()
    if name in _FILES:
        return True
    words = name.rsplit(".", 1)[0].replace("requirements", "").strip("-_.")
    return not words or _BASIC.search(words) is not None


def _named_in(path: str, text: str) -> _Named:
    name = path.rsplit("/", 1)[-1]
    if name == "pyproject.toml":
        yield from _in_pyproject(path, text)
    elif name == "Pipfile":
        yield from _assigned_in(path, text, "[packages]")
    elif name == "setup.cfg":
        yield from _in_setup_cfg(path, text)
    elif name == "setup.py":
        yield from _in_setup_py(path, text)
    elif name == "environment.yml":
        yield from _matched(path, text, _CONDA, 0, len(text))
    else:
        yield from _in_requirements(path, text)


def _in_requirements(path: str, text: str) -> _Named:
    if not _ASIDE.search(path.lower()):
        yield from _matched(path, text, _LINE, 0, len(text))


def _in_setup_py(path: str, text: str) -> _Named:
    listed = _INSTALLED.search(text)
    if listed and listed[1]:
        # The list stands under a name of its own.
        listed = re.search(rf"^{listed[1]}[ \t]*=[ \t]*\[", text, re.MULTILINE)
    if listed:
        begin = listed.end() - 1
        yield from _matched(path, text, _ENTRY, begin, _closing(text, begin))


def _in_setup_cfg(path: str, text: str) -> _Named:
    block = re.search(
        r"^install_requires[ \t]*=[^\n]*\n((?:[ \t]+[^\n]*\n?|\n)*)", text, re.MULTILINE
    )
    if block:
        yield from _matched(path, text, _LINE, block.start(1), block.end(1))


def _assigned_in(path: str, text: str, header: str, *, optional: bool = False) -> _Named:
    begin = text.find(f"{header}\n")
    if begin < 0:
        return
    end = text.find("\n[", begin + 1)
    found = _ASSIGNED.finditer(text, begin, end if end > 0 else len(text))
    for match in islice(found, _MOST_NAMED):
        is_optional = optional or "optional = true" in match[2]
        evidence = quoted(path, text, match.start(1), match.end(1))
        yield normalized(match[1]), is_optional, evidence
        extras = re.search(r"extras[ \t]*=[ \t]*\[([^\]]{1,100})\]", match[2])
        for extra in re.findall(r"[\w-]+", extras[1]) if extras else ():
            yield f"{normalized(match[1])}[{extra}]", is_optional, evidence


def _in_pyproject(path: str, text: str) -> _Named:
    document = document_of(text)
    yield from _listed_in(path, text, r"^dependencies[ \t]*=[ \t]*\[")
    for header in ("tool.poetry.dependencies", "tool.pixi.dependencies"):
        yield from _assigned_in(path, text, f"[{header}]")
    for group in table(document, "tool", "poetry", "group"):
        if not _ASIDE.search(group):
            header = f"[tool.poetry.group.{group}.dependencies]"
            yield from _assigned_in(path, text, header, optional=True)
    for keys in (("project", "optional-dependencies"), ("dependency-groups",)):
        for group in table(document, *keys):
            if not _ASIDE.search(group):
                pattern = rf"^[\"']?{re.escape(group)}[\"']?[ \t]*=[ \t]*\["
                yield from _listed_in(path, text, pattern, optional=True)


def _listed_in(path: str, text: str, opening: str, *, optional: bool = False) -> _Named:
    match = re.search(opening, text, re.MULTILINE)
    if match:
        begin = match.end() - 1
        yield from _matched(path, text, _ENTRY, begin, _closing(text, begin), optional=optional)


def _closing(text: str, begin: int) -> int:
    # The bracket that ends a list; those inside quotes name extras.
    quote = ""
    for index in range(begin, min(len(text), begin + 20_000)):
        sign = text[index]
        if quote:
            quote = "" if sign in (quote, "\n") else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "#":
            quote = "\n"
        elif sign == "]":
            return index
    return begin


def _matched(
    path: str, text: str, pattern: Pattern[str], begin: int, end: int, *, optional: bool = False
) -> _Named:
    for match in islice(pattern.finditer(text, begin, end), _MOST_NAMED):
        evidence = quoted(path, text, match.start(1), match.end(1))
        yield normalized(match[1]), optional, evidence
        for extra in re.findall(r"[\w.-]+", match[2] or ""):
            yield f"{normalized(match[1])}[{normalized(extra)}]", optional, evidence
