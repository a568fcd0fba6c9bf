"""Which of a tree's Dockerfiles builds the service."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.containers.compose_file import LESSER, RUN_FOLDERS, compose_files
from analyzer.witnesses.containers.compose_own import own_services
from analyzer.witnesses.containers.dockerfile_above import dockerfiles_above
from analyzer.witnesses.containers.dockerfile_instructions import (
    final_stages,
    lineage,
    read_stages,
    stages_until,
)
from analyzer.witnesses.containers.images import image_of, store_of
from analyzer.witnesses.words.project_names import project_names

_NAME: Final = Pattern(
    r"(?:[Dd]ockerfile|[Cc]ontainerfile)(?:[._-][\w.-]+|[A-Z][a-z]+)?|[\w.-]+\.[Dd]ockerfile"
)
_FOR_USERS: Final = Pattern(
    r"prod|release|default|main|web|server|app(?:$|[^a-z])|api|backend|self-?host"
)
_IN_PRODUCTION: Final = Pattern(r"/prod(?:uction)?/")
_OF_A_SYSTEM: Final = Pattern(r"alpine|debian|ubuntu|slim|distroless|ubi\d?|fedora|bookworm")
_OF_ANOTHER_USE: Final = Pattern(
    r"(?:^|[^a-z])(?:base|deps|docs|frontend|client|ui|nginx|proxy|worker|cron|windows|arm|arm64|"
    r"armv7|cuda|gpu|rpm|deb|debian|snap|rootless|postgres|mysql|db|redis|lambda|tmpl|template|j2|"
    r"gitlab|goreleaser|cli)(?:$|[^a-z])"
)


def dockerfile_of(tree: SourceTree) -> tuple[str, str | None] | None:
    """Return the Dockerfile that builds the service for its users, and the stage it is built to."""
    path = next(iter(dockerfiles_of(tree)), None)
    return (path, _targets(tree).get(path)) if path else None


def is_doubtful(path: str) -> bool:
    """Say whether a Dockerfile is for developing, or for a use that its name alone tells."""
    name = posixpath.basename(path).lower()
    is_plain = name in ("dockerfile", "containerfile") or bool(_FOR_USERS.search(name))
    is_known = is_plain or bool(_OF_A_SYSTEM.search(name))
    return not is_known or bool(LESSER.search(path.lower()))


def has_entrypoint(tree: SourceTree) -> bool:
    """Say whether the service's image starts with something that a command only adds words to."""
    path, target = dockerfile_of(tree) or ("", None)
    stages = stages_until(read_stages(tree.text(path) or ""), target)
    return any(step.name == "ENTRYPOINT" for one in lineage(stages) for step in one.instructions)


def dockerfiles_of(tree: SourceTree) -> Iterator[str]:
    """Yield the Dockerfiles that build the service and no store, the likeliest first."""
    seen: set[str] = set()
    for path in (*_by_compose(tree), *_by_place(tree), *dockerfiles_above(tree)):
        if path not in seen and path in tree and not _is_of_a_store(tree, path):
            seen.add(path)
            yield path


def _by_compose(tree: SourceTree) -> Iterator[str]:
    yield from (
        path for path in _targets(tree) if not LESSER.search(posixpath.basename(path).lower())
    )


def _targets(tree: SourceTree) -> dict[str, str | None]:
    """Return the Dockerfiles that compose files build the service with, and to which stage."""
    found: dict[str, str | None] = {}
    for file in compose_files(tree):
        own = None if file.is_lesser else own_services(tree, file)
        path = own.main.dockerfile if own and own.is_sure else None
        build = own.main.node.get("build") if own else None
        if path and build:
            target = build.get("target")
            found.setdefault(path, target.text if target else None)
    return found


def _by_place(tree: SourceTree) -> list[str]:
    named = [
        path
        for path in tree.paths
        if "erfile" in path
        and _NAME.fullmatch(path.rpartition("/")[2])
        and not path.startswith(".devcontainer/")
    ]
    near = [path for path in named if RUN_FOLDERS.issuperset(path.lower().split("/")[:-1])]
    inner = [path for path in named if _is_in_run_folder(path)]
    inner = _called_as(tree, inner) or inner
    others = [path for path in named if not is_aside(path) and not LESSER.search(path.lower())]
    plain = [path for path in others if path.lower().endswith(("/dockerfile", "/containerfile"))]
    lone = next((some for some in (others, plain) if len(some) == 1), [])
    lone = [path for path in lone if not _OF_ANOTHER_USE.search(posixpath.dirname(path.lower()))]
    found = near or inner or lone
    return sorted(found, key=_doubt)


def _called_as(tree: SourceTree, paths: Sequence[str]) -> list[str]:
    """Return those in a folder that is called as the repository, or as the first part of it."""
    names = project_names(tree)
    folders = {path: posixpath.basename(posixpath.dirname(path)).lower() for path in paths}
    return [
        path
        for path, folder in folders.items()
        if any(name == folder or name.startswith(f"{folder}-") for name in names)
    ]


def _is_in_run_folder(path: str) -> bool:
    """Say whether a path is as `docker/php/Dockerfile`: one of several images that run together."""
    folders = path.split("/")[:-1]
    return 1 < len(folders) < 4 and folders[0].lower() in RUN_FOLDERS


def _doubt(path: str) -> tuple[bool, bool, bool, bool, int, str]:
    name = posixpath.basename(path).lower()
    variant = re.sub(r"dockerfile|containerfile", "", path.lower())
    is_plain = name in ("dockerfile", "containerfile")
    return (
        bool(LESSER.search(variant)),
        bool(_OF_ANOTHER_USE.search(variant)),
        not is_plain and not _FOR_USERS.search(name),
        not _IN_PRODUCTION.search(path.lower()),
        path.count("/"),
        path,
    )


def _is_of_a_store(tree: SourceTree, path: str) -> bool:
    stages = final_stages(tree.text(path) or "")
    return not stages or store_of(image_of(stages[-1].base)) is not None
