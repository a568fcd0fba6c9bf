"""The version of Python that a project pins."""

import re
from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, quoted
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

_VERSION: Final = r"(\d+\.\d+(?:\.\d+)?)"
_RANGE: Final = r"[=:][ \t]*[\"']?[ \t]*(?:[>=~^! ]*)(3\.\d+(?:\.\d+)?)"
# File, what to look for, the rule's name, how sure it is: a range names the lowest version only.
_PINNED: Final[tuple[tuple[str, str, str, Confidence], ...]] = (
    (
        ".python-version",
        rf"\A(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*(?:python-?|cpython-)?{_VERSION}",
        "python/version-file",
        "high",
    ),
    ("runtime.txt", rf"\A\s*python-{_VERSION}", "python/runtime-txt", "high"),
    (".tool-versions", rf"^python[ \t]+{_VERSION}", "python/tool-versions", "high"),
    ("mise.toml", rf"^python[ \t]*=[ \t]*[\"']{_VERSION}", "python/mise", "high"),
    (".mise.toml", rf"^python[ \t]*=[ \t]*[\"']{_VERSION}", "python/mise", "high"),
    ("Pipfile", rf"^python(?:_full)?_version[ \t]*=[ \t]*\"{_VERSION}", "python/pipfile", "high"),
    ("environment.yml", rf"^[ \t]*-[ \t]*python[ \t]*=+[ \t]*{_VERSION}", "python/conda", "high"),
    ("pyproject.toml", rf"^requires-python[ \t]*{_RANGE}", "python/requires-python", "medium"),
    ("pyproject.toml", rf"^python[ \t]*{_RANGE}", "python/poetry-python", "medium"),
    (
        "pyproject.toml",
        rf"^python[ \t]*=[ \t]*\{{[ \t]*version[ \t]*{_RANGE}",
        "python/poetry-python",
        "medium",
    ),
    ("setup.cfg", rf"^python_requires[ \t]*{_RANGE}", "python/python-requires", "medium"),
    ("setup.py", rf"\bpython_requires[ \t]*{_RANGE}", "python/python-requires", "medium"),
)
_TYPES: Final = Pattern(r"^python_version[ \t]*=[ \t]*[\"'](3\.\d+)", re.MULTILINE)
_TARGET: Final = Pattern(r"^target-version[ \t]*=[ \t]*\[?[ \t]*[\"']py3(\d{1,2})\b", re.MULTILINE)


def version_facts(tree: SourceTree, folder: str) -> Iterator[Fact]:
    """Yield each version that a file pins, for a project whose files lie in a folder."""
    found = [fact for pin in _PINNED for fact in _pinned(tree, folder, *pin)]
    yield from found
    # What tools are told follows the range; alone it is a hint.
    if not found:
        yield from _target(tree, f"{folder}pyproject.toml")


def _pinned(
    tree: SourceTree, folder: str, name: str, pattern: str, rule: str, sure: Confidence
) -> Iterator[Fact]:
    path = f"{folder}{name}" if f"{folder}{name}" in tree else tree.nearest(name)
    text = tree.text(path) if path else None
    match = re.search(pattern, text, re.MULTILINE) if text else None
    if path and text and match:
        # A line of its own, so that the file and not what stands before the version is quoted.
        start = text.rfind("\n", 0, match.start(1)) + 1
        evidence = quoted(path, text, start, match.end(1))
        minor = match[1].split(".")[1]
        closed = re.match(
            rf"[ \t]*,[ \t]*<[ \t]*3\.{int(minor) + 1}(?:\.0)?\b", text[match.end(1) :]
        )
        yield Fact("runtime_version", match[1], rule, "high" if closed else sure, evidence)


def _target(tree: SourceTree, path: str) -> Iterator[Fact]:
    text = tree.text(path) or ""
    for pattern, prefix in ((_TARGET, "3."), (_TYPES, "")):
        match = pattern.search(text)
        if match:
            evidence = quoted(path, text, match.start(), match.end())
            version = f"{prefix}{match[1]}"
            yield Fact("runtime_version", version, "python/tool-target", "low", evidence)
            return
