"""Streams that count what really passes, so that a small archive cannot become a large one."""

import zlib
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from delightful.errors import ConfigError

_CHUNK_BYTES = 64 * 1024
# Source code packs 3 to 10 times; 200 times is nobody's source.
_BOMB_RATIO = 200
_BOMB_FLOOR_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class ArchiveLimits:
    """How much of an archive is read before it is refused."""

    members: int = 60_000
    total_bytes: int = 200 * 1024 * 1024
    file_bytes: int = 1024 * 1024
    packed_bytes: int = 64 * 1024 * 1024
    path_characters: int = 1024
    depth: int = 64


@dataclass(frozen=True)
class RawMember:
    """A member under the name that the archive gives it, not yet judged."""

    name: str
    size: int
    data: bytes | None
    is_link: bool = False
    target: str | None = None
    is_executable: bool = False


class Source(Protocol):
    """What the readers read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, fewer only at the end."""


class Buffered:
    """A stream that can be looked into without taking; reads are exact except at the end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ahead = b""

    def peek(self, size: int) -> bytes:
        """Return the next bytes and leave them there."""
        self._ahead += _read_exactly(self._stream, size - len(self._ahead))
        return self._ahead[:size]

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, fewer only at the end."""
        taken, self._ahead = self._ahead[:size], self._ahead[size:]
        return taken + _read_exactly(self._stream, size - len(taken))


class Counted:
    """A source that refuses to give more than the total, and remembers its last bytes."""

    TAIL_BYTES = 32 * 1024

    def __init__(self, source: Source, limits: ArchiveLimits) -> None:
        self._source = source
        self._limits = limits
        self.count = 0
        self.tail = b""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, fewer only at the end."""
        data = self._source.read(size)
        self.count += len(data)
        check_total(self.count, self._limits)
        self.tail = (self.tail + data)[-self.TAIL_BYTES :]
        return data


class Gunzipped:
    """The unpacked side of one gzip stream; truncation and trailing bytes are errors."""

    def __init__(self, packed: Source) -> None:
        self._packed = packed
        self._unpack = zlib.decompressobj(wbits=31)
        self._ready = bytearray()
        self._bytes_in = 0
        self._bytes_out = 0

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, fewer only at the end."""
        while len(self._ready) < size and not self._unpack.eof:
            self._unpack_more()
        if self._unpack.eof and (self._unpack.unused_data or self._packed.read(1)):
            raise bad_format("bytes after the end of the gzip stream")
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken

    def _unpack_more(self) -> None:
        packed = self._unpack.unconsumed_tail or self._packed.read(_CHUNK_BYTES)
        if not packed:
            raise bad_format("the gzip stream is cut off")
        try:
            data = self._unpack.decompress(packed, _CHUNK_BYTES)
        except zlib.error as problem:
            raise bad_format("broken gzip data") from problem
        self._bytes_in += len(packed) - len(self._unpack.unconsumed_tail)
        self._bytes_out += len(data)
        check_ratio(self._bytes_in, self._bytes_out)
        self._ready += data


def check_ratio(bytes_in: int, bytes_out: int) -> None:
    """Refuse what unpacks to far more than source code ever does.

    Raises:
        ConfigError: E_ARCH_BOMB.
    """
    if bytes_out > _BOMB_FLOOR_BYTES and bytes_out > _BOMB_RATIO * bytes_in:
        raise ConfigError(
            "E_ARCH_BOMB",
            f"{bytes_in} bytes of the archive unpack to more than {bytes_out}",
            hint="make the archive with git archive",
        )


def check_total(count: int, limits: ArchiveLimits) -> None:
    """Refuse to read on once an archive has given all it may.

    Raises:
        ConfigError: E_ARCH_LIMIT.
    """
    if count > limits.total_bytes:
        raise ConfigError(
            "E_ARCH_LIMIT",
            f"archive unpacks to more than {limits.total_bytes // 1024 // 1024} MiB",
            hint="leave large files out of the repository",
        )


def bad_format(reason: str) -> ConfigError:
    """Return the error for bytes that are not a sound archive."""
    return ConfigError(
        "E_ARCH_FORMAT",
        f"not a sound tar, tar.gz or zip archive: {reason}",
        hint="make the archive with git archive",
    )


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    parts = []
    while size > 0:
        part = stream.read(size)
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
