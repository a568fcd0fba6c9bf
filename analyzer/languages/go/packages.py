"""Which packages of a module that lies above the service its programs are made of."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from analyzer.languages.go.project import GoModule, is_part
from analyzer.tree import SourceTree

_GO: Final = ".go"
# Of a larger program so much is read.
_MOST_FILES: Final = 2000


def packages_above(
    tree: SourceTree, module: GoModule | None, sources: Sequence[str]
) -> tuple[str, ...]:
    """Return the sources outside the service's folder that its own import, and those import."""
    if module is None or not module.path.startswith("../") or module.declaration is None:
        return ()
    beside = _by_folder(tree)
    imported = re.compile(rb'"' + re.escape(module.declaration[1].encode()) + rb'(/[\w./-]+)?"')
    root = tree.in_repository(posixpath.dirname(module.path))
    known: set[str] = set()
    found: list[str] = []
    waiting = list(sources) if beside else []
    while waiting and len(found) < _MOST_FILES:
        data = tree.data(waiting.pop()) or b""
        for match in imported.finditer(data):
            package = (match[1] or b"").decode()
            folder = posixpath.normpath(f"{root}{package}")
            if folder not in known:
                known.add(folder)
                found += beside.get(folder, ())
                waiting += beside.get(folder, ())
    return tuple(sorted(found))


def _by_folder(tree: SourceTree) -> Mapping[str, Sequence[str]]:
    """Return the sources beside the service by their folder as the repository has it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in tree.outer:
        if path.endswith(_GO) and is_part(path):
            found[tree.in_repository(posixpath.dirname(path))].append(path)
    return found
