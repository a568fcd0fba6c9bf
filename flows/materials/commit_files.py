"""The files of a commit from wherever they lie: a folder here, or the archive left in S3."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from blocks.source_archives import SourceArchives
from delightful.errors import ConfigError
from delightful.names import commit_sha
from delightful.source_place import Kind, SourcePlace, is_in_s3, source_place
from delightful.text import escaped
from flows.effects import effect
from flows.environment import delivery_environment
from flows.materials.source import (
    archive_of,
    changed_paths,
    first_parents,
    folder_in_repository,
    source_tree,
)
from flows.materials.unpacking import changed_members, check, content_hashes, unpack
from flows.runs.telling import tell, warn


class CommitFiles(NamedTuple):
    """A commit's files: the repository's root, the service's folder in it, and their archive."""

    repository: Path
    folder: Path
    archive: SourcePlace | None = None


@contextmanager
def commit_files(source: str, service: str, environment: str, commit: str) -> Iterator[CommitFiles]:
    """Yield the files of `commit` for the length of a `with` block.

    Raises:
        ConfigError: what `source_tree` raises; E_SOURCE, an address in S3 that is not this
            commit's, or holds nothing; E_ARCH and its kin.
    """
    if not is_in_s3(source):
        with source_tree(source, commit) as files:
            yield CommitFiles(*files)
        return
    archives = delivery_environment(environment).sources(service)
    place = source_place(source, archives.place(service, commit), may_be_proposed=True)
    with tempfile.TemporaryDirectory(prefix="delightful-source-") as scratch:
        packed, repository = Path(scratch, "archive"), Path(scratch, "repository")
        folder = archives.fetch(place, packed)
        repository.mkdir()
        with packed.open("rb") as stream:
            unpack(stream, repository)
        packed.unlink()
        yield CommitFiles(repository, _inside(repository, folder, place), place)


@effect("check source")
def refuse_source(
    source: str, service: str, environment: str, commit: str, *, may_be_proposed: bool
) -> None:
    """Refuse, before anything begins, a source that a run may not work on.

    Where steps take on roles, what is released was left in S3 by the service's build.

    Raises:
        ConfigError: E_SOURCE, also where nothing was left there yet.
    """
    delivery = delivery_environment(environment)
    if is_in_s3(source):
        expected = delivery.sources(service).place(service, commit_sha(commit))
        place = source_place(source, expected, may_be_proposed=may_be_proposed)
        delivery.sources(service).folder(place)
    elif delivery.roles_arn is not None and not may_be_proposed:
        place = delivery.sources(service).place(service, commit_sha(commit))
        raise ConfigError(
            "E_SOURCE",
            f"source: {escaped(source)} is a folder of whatever machine the run is on, "
            f"and {environment} releases what the service's build has left",
            hint=f"run `delightful build`, then give {place.url}",
        )


def known_history(source: str, history: list[str], commit: str) -> list[str]:
    """Return a commit's first-parent history as it was given, else as the folder's git has it."""
    return history or ([] if is_in_s3(source) else first_parents(source, commit_sha(commit)))


def changed_since(
    source: str, service: str, environment: str, since: str, commit: str
) -> tuple[str, ...] | None:
    """Return the paths of the service's folder that differ between two commits.

    Of archives it is None, and said, where the earlier one was never left in S3.
    """
    if not is_in_s3(source):
        return tuple(changed_paths(source, since, commit))
    archives = delivery_environment(environment).sources(service)
    place = source_place(source, archives.place(service, commit), may_be_proposed=True)
    after = _hashes(archives, place)
    try:
        before = _hashes(archives, archives.place(service, since))
    except ConfigError as error:
        if error.code != "E_SOURCE":
            raise
        warn(f"nothing to compare with: {error.message}")
        return None
    return tuple(changed_members(before, after))


def leave_source(source: str, service: str, environment: str, commit: str, kind: Kind) -> str:
    """Leave the files of a commit in S3, once, and return their address.

    Raises:
        ConfigError: git does not know the commit (E_COMMIT), E_SOURCE, E_ARCH and its kin.
        Refused: E_SOURCE_TAKEN.
    """
    archives = delivery_environment(environment).sources(service)
    place = archives.place(service, commit).model_copy(update={"kind": kind})
    with tempfile.TemporaryDirectory(prefix="delightful-source-") as scratch:
        packed = Path(scratch, "archive.tar.gz")
        archive_of(source, commit, packed)
        with packed.open("rb") as stream:
            check(stream)
        is_new = archives.keep(place, packed, folder_in_repository(source))
    tell(f"source {place.url} {'left' if is_new else 'is there already'}")
    return place.url


def _hashes(archives: SourceArchives, place: SourcePlace) -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="delightful-source-") as scratch:
        packed = Path(scratch, "archive")
        folder = archives.fetch(place, packed)
        with packed.open("rb") as stream:
            return content_hashes(stream, folder)


def _inside(repository: Path, folder: str, place: SourcePlace) -> Path:
    inside = (repository / folder).resolve()
    if inside.is_dir() and inside.is_relative_to(repository.resolve()):
        return repository / folder
    raise ConfigError(
        "E_SOURCE",
        f"source: {place.url} has no folder {escaped(folder)}",
        hint="build from the service's folder as the commit has it",
    )
