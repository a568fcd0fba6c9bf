"""The packages of a workspace that a Node service beside them is made with."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from analyzer.languages.dependencies import Dependencies
from analyzer.languages.node.packages import CACHES, DRIVERS, QUEUES
from analyzer.languages.node.project import (
    PACKAGE_FILE,
    PackageFile,
    package_above,
    read_package_file,
)
from analyzer.languages.node.starts import is_started
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree

_NAME: Final = Pattern(r"\"name\"\s*:\s*\"(@?[\w./-]{1,100})\"")
_MOST: Final = 200
_SECTIONS: Final = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_STORES: Final = frozenset({*DRIVERS, *CACHES, *QUEUES})
# What a package is called after that is there to keep things, or for the whole back end; others
# bring a driver or a queue along for its types alone.
_KEEPS: Final = Pattern(
    r"(?:^|[@/._-])(?:backend|bull|cach(?:e|ing)|common|core|database|data|db|drizzle|entities|jobs?|knex|lib|models?|mongo"
    r"|mongodb|mongoose|orm|persistence|postgres|postgresql|prisma|queues?|redis|repositor(?:y|ies)|server"
    r"|shared|sql|storage|store|typeorm)(?:$|[._-])"
)


def dependencies_beside(tree: SourceTree, package: PackageFile) -> Dependencies:
    """Return what packages of the repository run with that a service names, and those they name.

    A service that names no package at all runs with what the root above it names.
    """
    above = package_above(tree) if package.path == PACKAGE_FILE else None
    names_some = any(package.section(section) for section in _SECTIONS)
    root = read_package_file(tree, above) if above and not names_some else None
    paths = dict(_named(tree, package))
    found: dict[str, PackageFile] = {root.path: root} if root else {}
    waiting = [package, *found.values()]
    while waiting and paths:
        for name in waiting.pop().dependencies:
            path = paths.pop(name, None)
            part = read_package_file(tree, path) if path else None
            if part and not is_started(part):
                found[part.path] = part
                waiting.append(part)
    parts = [found[path] for path in sorted(found)]
    return {
        name: line
        for part in parts
        for name, line in part.dependencies.items()
        if part is root or name not in _STORES or _KEEPS.search(str(part.content.get("name", "")))
    }


def _named(tree: SourceTree, package: PackageFile) -> Iterator[tuple[str, str]]:
    """Yield the names of the repository's other packages, and where they lie."""
    beside = (path for path in tree.outer if path.endswith(f"/{PACKAGE_FILE}"))
    others = (
        path
        for path in chain(tree.named(PACKAGE_FILE), beside)
        if path != package.path and not is_aside(path)
    )
    for path in islice(others, _MOST):
        name = _NAME.search(tree.text(path) or "")
        if name:
            yield name[1], path
