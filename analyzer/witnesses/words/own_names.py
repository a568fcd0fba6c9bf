"""The names under which a repository is published, as its own project files give them."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.facts import quoted_match
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

_PYTHON: Final = Pattern(r"^[ \t]*name[ \t]*=[ \t]*[\"']?([\w.-]+)", re.MULTILINE)
_NAMES: Final = {
    "pyproject.toml": _PYTHON,
    "setup.cfg": _PYTHON,
    "setup.py": _PYTHON,
    "Cargo.toml": Pattern(r"^name[ \t]*=[ \t]*\"([\w-]+)", re.MULTILINE),
    "package.json": Pattern(r"^[ \t]*\"name\":[ \t]*\"(?:@[\w.-]+/)?([\w.-]+)", re.MULTILINE),
    "composer.json": Pattern(r"^[ \t]*\"name\":[ \t]*\"(?:[\w.-]+/)?([\w.-]+)", re.MULTILINE),
    "mix.exs": Pattern(r"\bapp:[ \t]*:(\w+)"),
    "go.mod": Pattern(
        r"^module[ \t]+(?:\S+/)?((?!v\d+[ \t\r]*$)[\w.-]+)(?:/v\d+)?[ \t\r]*$", re.MULTILINE
    ),
    "settings.gradle": Pattern(r"rootProject\.name[ \t]*=[ \t]*[\"']([\w.-]+)"),
    "settings.gradle.kts": Pattern(r"rootProject\.name[ \t]*=[ \t]*[\"']([\w.-]+)"),
}
# The rules of these languages look at the name themselves.
_TOLD_ELSEWHERE: Final = frozenset({"Cargo.toml", "package.json"})
_ARTIFACT: Final = Pattern(r"<artifactId>([\w.-]+)</artifactId>")
_PARENT: Final = Pattern(r"<parent>.*?</parent>", re.DOTALL)
# A build of several modules is called after what they have in common.
_OF_ALL: Final = Pattern(r"-(?:parent|bom|root|aggregator|project|build|all|monorepo)$")
_EXECUTABLES: Final = Pattern(r"\.executables\b(?![ \t]*=[ \t]*\[\s*\])")
_COMMANDS: Final = {
    "pyproject.toml": ("[project.scripts]", "[tool.poetry.scripts]", "scripts."),
    "setup.cfg": ("console_scripts",),
    "setup.py": ("console_scripts", "scripts="),
    "package.json": ('"bin":',),
    "composer.json": ('"bin":',),
}


@dataclass(frozen=True)
class OwnNames:
    """The names, normalized, and whether a command of the reader's is made of it."""

    all: frozenset[str]
    has_command: bool


def own_names(tree: SourceTree) -> OwnNames:
    """Read the names from the project files that lie outermost in the service's folder."""
    return OwnNames(frozenset(_found(tree)), _has_command(tree))


def named_in(tree: SourceTree, name: Pattern[str]) -> Evidence | None:
    """Return the line of the first project file that gives a name of that form."""
    for file, pattern in _NAMES.items():
        text = (tree.text(file) or "") if file in tree and file not in _TOLD_ELSEWHERE else ""
        match = pattern.search(text)
        if match and name.search(normalized(match[1])):
            return quoted_match(file, text, match)
    return None


def is_own(target: str, names: frozenset[str]) -> bool:
    """Say whether an installed thing, maybe with owner, path and version, is of a name."""
    parts = (normalized(part) for part in re.split(r"[/@:]", target) if part)
    return any(one in names for part in parts for one in _beginnings(part))


def _beginnings(name: str) -> Iterator[str]:
    """Yield a name, and what it begins with: of one project come `shop` and `shop-client`."""
    words = name.split("-")
    return ("-".join(words[:count]) for count in range(len(words), 0, -1))


def normalized(name: str) -> str:
    """Return a name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower().strip("-")


def _found(tree: SourceTree) -> Iterator[str]:
    for file, pattern in _NAMES.items():
        match = pattern.search(tree.text(file) or "") if file in tree else None
        if match:
            yield _OF_ALL.sub("", normalized(match[1]))
    if "pom.xml" in tree:
        artifact = _ARTIFACT.search(_PARENT.sub("", tree.text("pom.xml") or ""))
        if artifact:
            yield _OF_ALL.sub("", normalized(artifact[1]))
    for path in tree.ending(".gemspec", ".sln", ".slnx"):
        if path.count("/") <= 1:
            yield normalized(posixpath.basename(path).rpartition(".")[0])


def _has_command(tree: SourceTree) -> bool:
    gemspecs = (path for path in tree.ending(".gemspec") if "/" not in path)
    if any(_EXECUTABLES.search(tree.text(path) or "") for path in gemspecs):
        return True
    return any(
        mark in (tree.text(file) or "")
        for file, marks in _COMMANDS.items()
        if file in tree
        for mark in marks
    )
