"""Tar archives, streamed. The standard library parses; this module makes it strict."""

import tarfile
from collections.abc import Iterator
from typing import IO, Self, cast

from delightful.errors import ConfigError
from delightful.reading.bounded import (
    ArchiveLimits,
    Buffered,
    Counted,
    Gunzipped,
    RawMember,
    bad_format,
)
from delightful.text import escaped

_GZIP_MAGIC = b"\x1f\x8b"
_BLOCK = tarfile.BLOCKSIZE
_READ_BYTES = 16 * 1024
# Headers that describe the next member; the library reads each of them whole.
_DESCRIPTIONS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_LONGEST_DESCRIPTION_BYTES = 64 * 1024


class _StrictTarInfo(tarfile.TarInfo):
    """A header that is broken, missing or absurd ends the reading, not the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.ReadError as problem:
            raise bad_format(str(problem)) from problem
        except tarfile.TarError as problem:
            if not any(buf) and len(buf) == _BLOCK:
                raise
            raise bad_format(str(problem)) from problem
        if header.size < 0:
            raise bad_format("a negative size")
        if header.type in _DESCRIPTIONS and header.size > _LONGEST_DESCRIPTION_BYTES:
            raise ConfigError(
                "E_ARCH_LIMIT",
                f"an extended header of {header.size} bytes",
                hint="make the archive with git archive",
            )
        return header


def tar_members(source: Buffered, limits: ArchiveLimits) -> Iterator[RawMember]:
    """Yield the files and links of a tar archive, packed with gzip or not.

    Raises:
        ConfigError: E_ARCH_TYPE, E_ARCH_FORMAT, E_ARCH_LIMIT or E_ARCH_BOMB.
    """
    unpacked = Gunzipped(source) if source.peek(2) == _GZIP_MAGIC else source
    counted = Counted(unpacked, limits)
    try:
        yield from _members(counted, limits)
    except (tarfile.TarError, ValueError, OverflowError) as problem:
        raise bad_format(str(problem)) from problem


def _members(counted: Counted, limits: ArchiveLimits) -> Iterator[RawMember]:
    with tarfile.open(
        fileobj=cast(IO[bytes], counted),
        mode="r|",
        bufsize=_READ_BYTES,
        tarinfo=_StrictTarInfo,
        errors="surrogateescape",
        encoding="utf-8",
    ) as archive:
        while (header := archive.next()) is not None:
            # The library keeps every header it has seen; nothing here looks back.
            archive.members.clear()  # type: ignore[attr-defined]
            if not header.isdir():
                yield _member(archive, header, limits)
        _check_end(counted, archive.offset)


def _member(archive: tarfile.TarFile, header: tarfile.TarInfo, limits: ArchiveLimits) -> RawMember:
    if header.issym() or header.islnk():
        target = header.linkname if header.issym() else None
        return RawMember(header.name, 0, None, is_link=True, target=target)
    if header.issparse() or not header.isreg() or header.mode & 0o6000:
        raise ConfigError(
            "E_ARCH_TYPE",
            f"{escaped(header.name)} is neither a plain file, a folder nor a link",
            hint="make the archive with git archive",
        )
    if header.size > limits.file_bytes:
        return RawMember(header.name, header.size, None)
    content = archive.extractfile(header)
    data = content.read() if content else b""
    if len(data) != header.size:
        raise bad_format("a file is cut off")
    return RawMember(header.name, header.size, data, is_executable=bool(header.mode & 0o100))


def _check_end(counted: Counted, end: int) -> None:
    rest = counted.tail[-(counted.count - end) :] if counted.count > end else b""
    while rest:
        if any(rest):
            raise bad_format("bytes after the end of the archive")
        rest = counted.read(_READ_BYTES)
