"""What processes use of CPU and memory, as /proc tells it."""

import os
from dataclasses import dataclass
from pathlib import Path

from sandbox.children import stat_fields

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# Of what follows the command's name in /proc/PID/stat (proc(5)).
_OWN_AND_WAITED_TICKS = slice(11, 15)
_RESIDENT_PAGES = 21


@dataclass(frozen=True)
class Usage:
    """CPU seconds since the start, and bytes of memory now."""

    cpu_seconds: float
    memory_bytes: int

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.cpu_seconds + other.cpu_seconds, self.memory_bytes + other.memory_bytes)


NOTHING = Usage(0.0, 0)


def usage_of(pid: int) -> Usage | None:
    """Return what a process and its living descendants use; None without /proc, or once it ended.

    Pages that processes share are counted for each of them.
    """
    fields = stat_fields(pid)
    if fields is None or fields[0] in "ZX":
        return None
    ticks = sum(map(int, fields[_OWN_AND_WAITED_TICKS]))
    own = Usage(ticks / _TICKS_PER_SECOND, int(fields[_RESIDENT_PAGES]) * _PAGE_BYTES)
    return sum((usage_of(child) or NOTHING for child in _children(pid)), own)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, thread.read_text().split())
        except OSError:
            continue
    return found
