"""The line in front of the mutex: who stands in it, once, and alive."""

from blocks.ledger.waiting_line import WaitingLine
from tests.blocks.ledger.memory_ledger import NOW, MemoryTable, owner, request


def line(table: MemoryTable, *dead: int) -> WaitingLine:
    """Return the line, some of whose owners are proven dead."""
    return WaitingLine(table, "hello/sandbox", lambda one: one.pid in dead)


def test_nobody_stands_twice() -> None:
    """Joining again is joining once, with what is wanted now."""
    table = MemoryTable()
    for commit in (1, 2):
        line(table).join(owner(1), request(commit).history, NOW)
    (only,) = line(table).others(owner(2))
    assert only.history == request(2).history


def test_the_dead_fall_out() -> None:
    """Who is proven dead stands in nobody's way, and is gone once the line is written again."""
    table = MemoryTable()
    line(table).join(owner(1), request(1).history, NOW)
    assert line(table, 1).others(owner(2)) == ()
    line(table, 1).join(owner(2), request(2).history, NOW)
    assert [one.owner.pid for one in line(table).others(owner(3))] == [2]


def test_who_leaves_is_gone() -> None:
    """Leaving takes oneself out and nobody else, and leaving twice is leaving once."""
    table = MemoryTable()
    for pid in (1, 2):
        line(table).join(owner(pid), request(pid).history, NOW)
    for _ in range(2):
        line(table).leave(owner(1))
    assert [one.owner.pid for one in line(table).others(owner(3))] == [2]
