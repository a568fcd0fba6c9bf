"""Which packages of a module that lies above the service its programs are made of."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from analyzer.languages.go.project import GoModule, is_part
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree

_GO: Final = ".go"
# Where a program's main file lies in the folder of what it is made of.
_MAY_START: Final = Pattern(r"(.+?)/cmd/(?:[^/]+/)?[^/]+\.go|(.+)/main\.go")
_PROGRAM: Final = Pattern(rb"^package main\b", re.MULTILINE)
_UNBUILT: Final = Pattern(rb"^//(?:go:build| \+build) ignore\b", re.MULTILINE)
# Folders of packages that all programs of a module share.
_LIBRARIES: Final = frozenset({"common", "internal", "lib", "libs", "pkg", "shared"})
# Of a larger program so much is read.
_MOST_FILES: Final = 2000


def packages_above(
    tree: SourceTree, module: GoModule | None, sources: Sequence[str]
) -> tuple[str, ...]:
    """Return the sources outside the service's folder that its own import, and those import."""
    if module is None or not module.path.startswith("../"):
        return ()
    beside = [path for path in tree.outer if path.endswith(_GO) and is_part(path)]
    others = tuple(f"{folder}/" for folder in _others(tree, beside))
    beside = [path for path in beside if not tree.in_repository(path).startswith(others)]
    return _imported(tree, module, sources, beside) if beside else ()


def _others(tree: SourceTree, beside: Sequence[str]) -> frozenset[str]:
    """Return the folders of other programs: what they offer to import is how to ask them."""
    found = {
        match[1] or match[2]
        for path in beside
        if (match := _MAY_START.fullmatch(tree.in_repository(path)))
        and (data := tree.data(path))
        and _PROGRAM.search(data)
        and not _UNBUILT.search(data)
    }
    return frozenset(
        folder
        for folder in found
        if folder.rpartition("/")[2] not in _LIBRARIES
        and not f"{tree.folder}/".startswith(f"{folder}/")
    )


def packages_of(
    tree: SourceTree, module: GoModule | None, program: Sequence[str], sources: Sequence[str]
) -> frozenset[str]:
    """Return those sources that a program is made of: its own, and what they lead to."""
    if module is None:
        return frozenset(sources)
    return frozenset((*program, *_imported(tree, module, program, sources)))


def _imported(
    tree: SourceTree, module: GoModule, begun: Sequence[str], among: Sequence[str]
) -> tuple[str, ...]:
    """Return the sources among some that a module's own sources import, and those import."""
    if module.declaration is None:
        return ()
    by_folder = _by_folder(tree, among)
    imported = re.compile(rb'"' + re.escape(module.declaration[1].encode()) + rb'(/[\w./-]+)?"')
    root = tree.in_repository(posixpath.dirname(module.path))
    known: set[str] = set()
    found: list[str] = []
    waiting = list(begun)
    while waiting and len(found) < _MOST_FILES:
        data = tree.data(waiting.pop()) or b""
        for match in imported.finditer(data):
            package = (match[1] or b"").decode()
            folder = posixpath.normpath(f"{root}{package}")
            if folder not in known:
                known.add(folder)
                found += by_folder.get(folder, ())
                waiting += by_folder.get(folder, ())
    return tuple(sorted(found))


def _by_folder(tree: SourceTree, paths: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Return sources by their folder as the repository has it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        found[tree.in_repository(posixpath.dirname(path))].append(path)
    return found
