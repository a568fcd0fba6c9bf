"""Zip archives, from memory. The standard library parses; this module makes it strict."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise

from delightful.errors import ConfigError
from delightful.reading.bounded import (
    ArchiveLimits,
    Buffered,
    RawMember,
    bad_format,
    check_ratio,
    check_total,
)
from delightful.text import escaped

_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCAL_HEADER_BYTES = 30


def zip_members(source: Buffered, limits: ArchiveLimits) -> Iterator[RawMember]:
    """Yield the files and links of a zip archive; its directory is checked before any is read.

    Raises:
        ConfigError: E_ARCH, E_ARCH_TYPE, E_ARCH_FORMAT, E_ARCH_LIMIT or E_ARCH_BOMB.
    """
    packed = source.read(limits.packed_bytes + 1)
    check_total(len(packed), limits)
    if len(packed) > limits.packed_bytes:
        raise ConfigError(
            "E_ARCH_LIMIT",
            f"zip archive above {limits.packed_bytes // 1024 // 1024} MiB",
            hint="use a tar.gz archive: it is streamed",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            yield from _members(archive, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as problem:
        raise bad_format(str(problem)) from problem


def _members(archive: zipfile.ZipFile, limits: ArchiveLimits) -> Iterator[RawMember]:
    entries = archive.infolist()
    _check_entries(entries)
    bytes_in = bytes_out = 0
    for entry in entries:
        if entry.is_dir():
            continue
        member = _member(archive, entry, limits)
        bytes_in += entry.compress_size
        bytes_out += member.size
        check_total(bytes_out, limits)
        check_ratio(bytes_in, bytes_out)
        yield member


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    in_order = sorted(entries, key=lambda entry: entry.header_offset)
    for earlier, later in pairwise(in_order):
        if earlier.header_offset + _LOCAL_HEADER_BYTES + earlier.compress_size > (
            later.header_offset
        ):
            raise _odd(later, "overlaps another entry")
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise _odd(entry, "is encrypted")
        if entry.compress_type not in _METHODS:
            raise _odd(entry, "is packed in a way that is not read here")


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: ArchiveLimits) -> RawMember:
    mode = entry.external_attr >> 16
    kind = stat.S_IFMT(mode)
    if kind == stat.S_IFLNK:
        return RawMember(entry.orig_filename, 0, None, is_link=True)
    if kind not in (0, stat.S_IFREG) or mode & 0o6000:
        raise ConfigError(
            "E_ARCH_TYPE",
            f"{escaped(entry.orig_filename)} is neither a plain file, a folder nor a link",
            hint="make the archive with git archive",
        )
    return _content(archive, entry, limits)


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: ArchiveLimits) -> RawMember:
    with archive.open(entry) as content:
        data = content.read(limits.file_bytes + 1)
        size = len(data)
        # The header's size may lie, so the rest of a large file is counted too.
        while part := content.read(limits.file_bytes):
            size += len(part)
            check_total(size, limits)
            check_ratio(entry.compress_size, size)
    is_read = size <= limits.file_bytes
    return RawMember(entry.orig_filename, size, data if is_read else None)


def _odd(entry: zipfile.ZipInfo, reason: str) -> ConfigError:
    return ConfigError(
        "E_ARCH",
        f"{escaped(entry.orig_filename)} {reason}",
        hint="make the archive with git archive",
    )
