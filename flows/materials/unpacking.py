"""An archive that came from elsewhere, laid out as files, or compared with another one."""

import hashlib
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from delightful.errors import ConfigError
from delightful.reading.archive import ArchiveLimits, Member, read_archive
from delightful.text import escaped

# A build wants every file whole, also one that is too large to be analyzed.
LIMITS: Final = ArchiveLimits(file_bytes=ArchiveLimits().packed_bytes)


def unpack(archive: BinaryIO, target: Path) -> None:
    """Write an archive's files into an empty folder, then its links that stay within it.

    Nothing is ever written through a link: they come last, and none replaces anything.

    Raises:
        ConfigError: E_ARCH and its kin, as soon as a member breaks a rule.
    """
    links: list[Member] = []
    for member in read_archive(archive, LIMITS):
        if member.is_link:
            links.append(member)
        else:
            _write(member, target)
    for link in links:
        if link.target is not None and stays_inside(link.path, link.target):
            _link(link.path, link.target, target)


def stays_inside(path: str, target: str) -> bool:
    """Say whether a link at a path leads to what is below the same root, whatever else is linked.

    Steps up are counted from the link's own folder, which is never a link, and only come first:
    after a name, which may be a link, nobody knows without looking where `..` leads.
    """
    if not target or target.startswith("/") or "\0" in target:
        return False
    parts = [part for part in target.split("/") if part not in ("", ".")]
    steps_up = next((place for place, part in enumerate(parts) if part != ".."), len(parts))
    return ".." not in parts[steps_up:] and steps_up <= path.count("/")


def content_hashes(archive: BinaryIO, folder: str) -> dict[str, str]:
    """Return what each file and link of a folder holds, as a hash, by path as seen from there."""
    inside = f"{folder}/" if folder else ""
    return {
        member.path.removeprefix(inside): _hash_of(member)
        for member in read_archive(archive, LIMITS)
        if member.path.startswith(inside)
    }


def _hash_of(member: Member) -> str:
    content = (member.target or "").encode("utf-8", "surrogateescape")
    kind = f"{member.is_link}{member.is_executable}".encode()
    return hashlib.sha256(kind + (content if member.is_link else _whole(member))).hexdigest()


def changed_members(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the paths whose content differs, or that only one of two archives has."""
    return sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )


def check(archive: BinaryIO) -> None:
    """Read an archive to its end as whoever unpacks it will, so that it is refused here.

    Raises:
        ConfigError: E_ARCH and its kin.
    """
    for member in read_archive(archive, LIMITS):
        if not member.is_link:
            _whole(member)


def _whole(member: Member) -> bytes:
    if member.data is not None:
        return member.data
    raise ConfigError(
        "E_ARCH_LIMIT",
        f"{escaped(member.path)} has {member.size} bytes",
        hint=f"keep a file of more than {LIMITS.file_bytes} bytes elsewhere than in the repository",
    )


def _write(member: Member, target: Path) -> None:
    data, path = _whole(member), target / member.path
    with _as_told(member.path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
        path.chmod(0o755 if member.is_executable else 0o644)


def _link(path: str, leads_to: str, target: Path) -> None:
    place = target / path
    with _as_told(path):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(posixpath.normpath(leads_to))


@contextmanager
def _as_told(path: str) -> Iterator[None]:
    """Say of a member that cannot lie where it is said to lie that the archive contradicts itself.

    Raises:
        ConfigError: E_ARCH, a file is a folder too, or a link is.
    """
    try:
        yield
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise ConfigError(
            "E_ARCH",
            f"{escaped(path)} is also something else in the archive",
            hint="make the archive with git archive",
        ) from error
