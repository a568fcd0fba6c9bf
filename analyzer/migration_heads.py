"""Which files are migrations, and the newest of each folder: to which schema a commit belongs."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree

_PLACE: Final = Pattern(
    r"(?:^|/)(?P<folder>migrations?|migrate|versions|changelogs?|changesets?|db/changelog)/"
    r"(?:[^/]+/){0,3}[^/]+\.(?:sql|py|rb|php|js|cjs|mjs|ts|cs|ex|exs|xml|ya?ml|json)$",
    re.IGNORECASE,
)
# Named so, but not steps of a schema: package markers, snapshots, the way down alone.
_NO_STEP: Final = Pattern(
    r"(?:^|/)(?:__init__\.py|env\.py|schema\.rb|.*snapshot.*\.(?:cs|json)|.*\.designer\.cs|"
    r"_journal\.json|down\.sql|.*\.down\.sql)$",
    re.IGNORECASE,
)
_MOST_HEADS: Final = 20
_NUMBER: Final = Pattern(r"[0-9]+")
# Alembic names its files by chance and chains them.
_REVISION: Final = Pattern(r"^revision\b[^=\n]{0,40}=\s*['\"]([\w-]+)", re.MULTILINE)
_BELOW: Final = Pattern(r"^down_revision\b[^=\n]{0,80}=([^\n]*)", re.MULTILINE)
_NAME: Final = Pattern(r"['\"]([\w-]+)['\"]")


def migration_folder(path: str) -> str | None:
    """Return the folder of migrations that a path is a step of, or None where it is none."""
    place = _PLACE.search(path)
    return path[: place.end("folder")] if place and not _NO_STEP.search(path) else None


def migration_heads(tree: SourceTree) -> tuple[str, ...]:
    """Return the newest migration of each folder: by its number or date, or at its chain's end."""
    folders: dict[str, list[str]] = {}
    for path in tree.paths:
        if _may_be_step(path) and not is_aside(path):
            folder = migration_folder(path)
            if folder is not None:
                folders.setdefault(folder, []).append(path)
    heads = (head for paths in folders.values() for head in _heads(tree, paths))
    return tuple(sorted(heads)[:_MOST_HEADS])


def _may_be_step(path: str) -> bool:
    # Most paths of a repository are no migration, and the whole form is dear.
    return "igrat" in path or "ersion" in path or "hange" in path


def _heads(tree: SourceTree, paths: Sequence[str]) -> list[str]:
    return list(_chain_ends(tree, paths)) or [max(paths, key=_by_number)]


def _chain_ends(tree: SourceTree, paths: Sequence[str]) -> Iterator[str]:
    if not paths[0].endswith(".py"):
        return
    read = {path: tree.text(path) or "" for path in paths}
    texts = {path: text for path, text in read.items() if "revision" in text}
    below = {
        name
        for text in texts.values()
        for said in _BELOW.findall(text)
        for name in _NAME.findall(said)
    }
    for path, text in texts.items():
        revision = _REVISION.search(text)
        if revision and revision[1] not in below:
            yield path


def _by_number(path: str) -> str:
    """Return a path that sorts as its numbers do; a date with its time has 14 digits."""
    return _NUMBER.sub(lambda number: number[0].zfill(20), path.lower())
