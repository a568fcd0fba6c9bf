"""What a Mix project's own files name: packages, versions, releases."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from analyzer.facts import Fact, quoted, quoted_match
from analyzer.languages.dependencies import Dependencies
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

MIX: Final = "mix.exs"
_COMMENT: Final = Pattern(r"^[ \t]*#[^\n]*", re.MULTILINE)
_DEPENDENCY: Final = Pattern(r"\{:(\w+),([^{}]*(?:\{[^{}]*\}[^{}]*)?)\}")
_NOT_IN_PRODUCTION: Final = Pattern(r"\bonly:[ \t]*(?:\[[^\]]*\]|:\w+)")
_APP: Final = Pattern(r"\bapp:[ \t]*:(\w+)")
_RELEASE: Final = Pattern(
    r"(?:\breleases:[ \t]*\[|\breleases(?:\(\))?[ \t]+do)\s*\[?\s*\"?(\w+)\"?:[ \t]*\["
)
_VERSIONS: Final[tuple[tuple[str, str, Confidence], ...]] = (
    (".tool-versions", r"^elixir[ \t]+(\d+\.\d+(?:\.\d+)?)", "high"),
    (".elixir-version", r"\A\s*(\d+\.\d+(?:\.\d+)?)", "high"),
    ("elixir_buildpack.config", r"^elixir_version=v?(\d+\.\d+(?:\.\d+)?)", "medium"),
    ("mise.toml", r"^elixir[ \t]*=[ \t]*\"(\d+\.\d+(?:\.\d+)?)", "high"),
    (MIX, r"\belixir:[ \t]*\"[~>=^ ]*(\d+\.\d+(?:\.\d+)?)", "medium"),
)


@dataclass(frozen=True)
class MixProject:
    """The `mix.exs` of a project, with those of the applications under its umbrella.

    `beside` are those of an umbrella's other applications that one of them is made with.
    """

    files: tuple[tuple[str, str], ...]
    beside: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> str:
        """Return where the project's own file lies."""
        return self.files[0][0]

    @property
    def text(self) -> str:
        """Return what the project's own file says."""
        return self.files[0][1]

    @cached_property
    def evidence(self) -> Evidence | None:
        """Return the line that opens the project."""
        return self.find(r"defmodule [\w.]+")

    @cached_property
    def app(self) -> str:
        """Return the application's name, "" for an umbrella."""
        match = _APP.search(self.text)
        return match[1] if match else ""

    @cached_property
    def release(self) -> tuple[str, Evidence] | None:
        """Return the first release that the project names."""
        match = _RELEASE.search(_COMMENT.sub(_blank, self.text))
        return (match[1], quoted(self.path, self.text, *match.span(1))) if match else None

    @cached_property
    def dependencies(self) -> Dependencies:
        """Return the packages that run in production, with their lines."""
        return _dependencies_of(self.files)

    @cached_property
    def all_dependencies(self) -> Dependencies:
        """Return them with what runs in the applications beside it that it is made with."""
        return {**_dependencies_of(self.beside), **self.dependencies}

    def find(self, pattern: str) -> Evidence | None:
        """Return the line of the project's own file in which a pattern matches."""
        match = re.search(pattern, _COMMENT.sub(_blank, self.text))
        return quoted(self.path, self.text, *match.span()) if match else None

    def find_anywhere(self, pattern: str) -> Evidence | None:
        """Return the line of the first file, also of an umbrella's, in which a pattern matches."""
        for path, text in self.files:
            match = re.search(pattern, _COMMENT.sub(_blank, text))
            if match:
                return quoted(path, text, *match.span())
        return None


def read_project(tree: SourceTree) -> MixProject | None:
    """Return the project whose `mix.exs` is nearest, with its umbrella's applications.

    Of an application of an umbrella those beside it count that it names, and those that they name.
    """
    path = tree.nearest(MIX)
    inside = [one for one in tree.named(MIX) if re.fullmatch(rf"apps/[^/]+/{re.escape(MIX)}", one)]
    texts = [(one, tree.text(one)) for one in (path, *inside) if one]
    files = tuple((one, text) for one, text in texts if text)
    if not files or path is None:
        return None
    return MixProject(files, tuple(_siblings(tree, files[0][1])) if path == MIX else ())


def _dependencies_of(files: Iterable[tuple[str, str]]) -> Dependencies:
    found: dict[str, Evidence] = {}
    for path, text in files:
        for match in _needed(text):
            start = match.start()
            line = quoted(path, text, start, start + len(match[1]) + 2)
            found.setdefault(match[1], line)
    return found


def _siblings(tree: SourceTree, text: str) -> Iterator[tuple[str, str]]:
    """Yield the projects of the same umbrella that one names, and those that these name."""
    applications = posixpath.dirname(tree.folder)
    paths = {
        folder: path
        for path in tree.outer
        if path.endswith(f"/{MIX}")
        for place, folder in [posixpath.split(posixpath.dirname(tree.in_repository(path)))]
        if place == applications
    }
    waiting = [text]
    while waiting:
        for match in _needed(waiting.pop()):
            path = paths.pop(match[1], None) if "in_umbrella:" in match[2] else None
            sibling = tree.text(path) if path else None
            if path and sibling:
                yield path, sibling
                waiting.append(sibling)


def _needed(text: str) -> Iterator[re.Match[str]]:
    """Yield the dependencies that run in production: the name, and what is said of it."""
    for match in _DEPENDENCY.finditer(_COMMENT.sub(_blank, text)):
        only = _NOT_IN_PRODUCTION.search(match[2])
        if only is None or ":prod" in only.group():
            yield match


def elixir_versions(tree: SourceTree) -> Iterator[Fact]:
    """Yield the version of Elixir from each file that pins one."""
    for name, pattern, confidence in _VERSIONS:
        path = tree.nearest(name)
        text = tree.text(path) if path else None
        match = re.search(pattern, text, re.MULTILINE) if text else None
        if path and text and match:
            rule = "elixir/requirement" if name == MIX else "elixir/version-file"
            evidence = quoted_match(path, text, match)
            yield Fact("runtime_version", match[1], rule, confidence, evidence)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())
