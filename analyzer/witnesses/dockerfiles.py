"""Which of a tree's Dockerfiles builds the service."""

import posixpath
import re
from collections.abc import Iterator
from typing import Final

from analyzer.paths import is_aside
from analyzer.tree import SourceTree
from analyzer.witnesses.compose_file import LESSER, RUN_FOLDERS, compose_files
from analyzer.witnesses.compose_own import own_services
from analyzer.witnesses.dockerfile_above import dockerfiles_above
from analyzer.witnesses.dockerfile_instructions import final_stages
from analyzer.witnesses.images import image_of, store_of

_NAME: Final = re.compile(r"(?:Dockerfile|Containerfile)(?:[._-][\w.-]+)?|[\w.-]+\.[Dd]ockerfile")
_FOR_USERS: Final = re.compile(r"prod|release|default|main|web|server|app(?:$|[^a-z])|api|backend")
_OF_ANOTHER_USE: Final = re.compile(
    r"(?:^|[^a-z])(?:base|deps|docs|frontend|client|ui|nginx|proxy|worker|cron|windows|arm|arm64|"
    r"armv7|cuda|gpu|rpm|deb|debian|snap|rootless|postgres|mysql|db|redis|lambda|tmpl|template|j2|"
    r"gitlab|goreleaser|cli)(?:$|[^a-z])"
)


def dockerfile_of(tree: SourceTree) -> str | None:
    """Return the path of the Dockerfile that builds the service for its users, or None."""
    return next(iter(dockerfiles_of(tree)), None)


def dockerfiles_of(tree: SourceTree) -> Iterator[str]:
    """Yield the Dockerfiles that build the service and no store, the likeliest first."""
    seen: set[str] = set()
    for path in (*_by_compose(tree), *_by_place(tree), *dockerfiles_above(tree)):
        if path not in seen and path in tree and not _is_of_a_store(tree, path):
            seen.add(path)
            yield path


def _by_compose(tree: SourceTree) -> Iterator[str]:
    for file in compose_files(tree):
        own = None if file.is_lesser else own_services(tree, file)
        path = own.main.dockerfile if own and own.is_sure else None
        if path and not LESSER.search(posixpath.basename(path).lower()):
            yield path


def _by_place(tree: SourceTree) -> list[str]:
    named = [path for path in tree.paths if _NAME.fullmatch(path.rpartition("/")[2])]
    near = [path for path in named if RUN_FOLDERS.issuperset(path.split("/")[:-1])]
    inner = [path for path in named if _is_in_run_folder(path)]
    others = [path for path in named if not is_aside(path) and not LESSER.search(path.lower())]
    found = near or inner or (others if len(others) == 1 else [])
    return sorted(found, key=_doubt)


def _is_in_run_folder(path: str) -> bool:
    """Say whether a path is as `docker/php/Dockerfile`: one of several images that run together."""
    folders = path.split("/")[:-1]
    return 1 < len(folders) < 4 and folders[0] in RUN_FOLDERS


def _doubt(path: str) -> tuple[bool, bool, bool, int, str]:
    name = posixpath.basename(path).lower()
    variant = re.sub(r"dockerfile|containerfile", "", path.lower())
    is_plain = name in ("dockerfile", "containerfile")
    return (
        bool(LESSER.search(variant)),
        bool(_OF_ANOTHER_USE.search(variant)),
        not is_plain and not _FOR_USERS.search(name),
        path.count("/"),
        path,
    )


def _is_of_a_store(tree: SourceTree, path: str) -> bool:
    stages = final_stages(tree.text(path) or "")
    return not stages or store_of(image_of(stages[-1].base)) is not None
