"""The strict reader of repository archives: members in memory, nothing is ever extracted.

Every limit is counted on what was really read or unpacked; what a header claims is not believed.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from delightful.errors import ConfigError
from delightful.reading.bounded import ArchiveLimits, Buffered
from delightful.reading.tar import tar_members
from delightful.reading.zip import zip_members
from delightful.text import escaped

__all__ = ["ArchiveLimits", "Member", "read_archive"]

_ZIP_MAGIC = b"PK\x03\x04"
# Windows cannot hold these names, so a tree with one is not the same tree everywhere.
_DEVICE_NAMES = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}
)


@dataclass(frozen=True)
class Member:
    """One regular file or link of an archive.

    `data` is None for a link (`is_link`) and for a file above the size that is read. `target` is
    what a symbolic link of a tar archive says, unjudged; `is_executable` is known of tar only.
    """

    path: str
    size: int
    data: bytes | None
    is_link: bool = False
    target: str | None = None
    is_executable: bool = False


def read_archive(stream: BinaryIO, limits: ArchiveLimits | None = None) -> Iterator[Member]:
    """Yield the files and links of a tar, tar.gz or zip archive, in the archive's order.

    Raises:
        ConfigError: E_ARCH and its kin, as soon as a member breaks a rule.
    """
    limits = limits or ArchiveLimits()
    source = Buffered(stream)
    members = zip_members if source.peek(4) == _ZIP_MAGIC else tar_members
    seen: dict[str, str] = {}
    for raw in members(source, limits):
        path = _checked_path(raw.name, limits)
        _check_collision(path, seen)
        if len(seen) > limits.members:
            raise ConfigError(
                "E_ARCH_LIMIT",
                f"archive holds more than {limits.members} files",
                hint="leave generated and installed files out of the repository",
            )
        yield Member(path, raw.size, raw.data, raw.is_link, raw.target, raw.is_executable)


def _checked_path(name: str, limits: ArchiveLimits) -> str:
    if len(name) > limits.path_characters:
        raise ConfigError(
            "E_ARCH_LIMIT",
            f"file name of {len(name)} characters in the archive",
            hint=f"a path may have {limits.path_characters} characters",
        )
    path = name.removeprefix("./")
    parts = path.split("/")
    if len(parts) > limits.depth:
        raise ConfigError(
            "E_DEPTH",
            f"{escaped(path)}: {len(parts)} folders deep",
            hint=f"a path may be {limits.depth} folders deep",
        )
    problem = _problem_of(parts)
    if problem:
        raise ConfigError(
            "E_ARCH_PATH",
            f"{escaped(name)}: {problem}",
            hint="make the archive with git archive",
        )
    return path


def _problem_of(parts: list[str]) -> str | None:
    if parts[0] == "" or parts[0][1:2] == ":":
        return "an absolute name"
    for part in parts:
        if part in ("", ".", ".."):
            return "a name that climbs or is empty"
        if "\\" in part or _has_unprintable(part):
            return "a name with a backslash, a control character or bytes that are not UTF-8"
        if part.lower() in _DEVICE_NAMES or part.endswith("."):
            return "a name that some systems cannot hold"
    return None


def _has_unprintable(part: str) -> bool:
    if part.isprintable():
        return False
    return any(unicodedata.category(letter)[0] == "C" for letter in part)


def _check_collision(path: str, seen: dict[str, str]) -> None:
    earlier = seen.setdefault(path.casefold(), path)
    if earlier is not path:
        raise ConfigError(
            "E_ARCH",
            f"{escaped(path)} and {escaped(earlier)} are one name on some systems",
            hint="rename one of them",
        )
