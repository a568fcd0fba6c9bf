"""Who waits to deploy a service while another attempt holds it: one item of the ledger's table."""

from collections.abc import Callable
from datetime import datetime

from pydantic import AwareDatetime, TypeAdapter

from blocks.ledger.table import LedgerTable, Write
from delightful.frozen import Frozen
from delightful.release import Owner

LINE_ITEM = "waiting"
# An item holds 400 KB; a history of 100 commits takes 4.
_HISTORY_KEPT = 100
_ROUNDS = 8


class Waiting(Frozen):
    """One who waits; `history` is the first-parent history of what it wants, newest first."""

    owner: Owner
    history: tuple[str, ...]
    since: AwareDatetime


_LINE = TypeAdapter(tuple[Waiting, ...])


class WaitingLine:
    """Those who wait for one service and environment; the dead fall out when somebody looks."""

    def __init__(self, table: LedgerTable, stream: str, is_dead: Callable[[Owner], bool]) -> None:
        self._table = table
        self._stream = stream
        self._is_dead = is_dead

    def join(self, owner: Owner, history: tuple[str, ...], now: datetime) -> None:
        """Stand in the line; standing there already changes nothing."""
        mine = Waiting(owner=owner, history=history[:_HISTORY_KEPT], since=now)
        self._rewrite(lambda line: (*_without(line, owner), mine))

    def leave(self, owner: Owner) -> None:
        """Stand there no more."""
        self._rewrite(lambda line: _without(line, owner))

    def others(self, owner: Owner) -> tuple[Waiting, ...]:
        """Return who else waits and is not proven dead."""
        line, _ = self._read()
        return tuple(one for one in _without(line, owner) if not self._is_dead(one.owner))

    def _rewrite(self, change: Callable[[tuple[Waiting, ...]], tuple[Waiting, ...]]) -> None:
        for _ in range(_ROUNDS):
            line, revision = self._read()
            alive = tuple(one for one in line if not self._is_dead(one.owner))
            if self._write(change(alive), revision):
                return

    def _read(self) -> tuple[tuple[Waiting, ...], int | None]:
        found = self._table.read(self._stream, LINE_ITEM)
        if found is None:
            return (), None
        return _LINE.validate_json(str(found["line"])), int(str(found["revision"]))

    def _write(self, line: tuple[Waiting, ...], revision: int | None) -> bool:
        kept: dict[str, str | int | None] = {
            "line": _LINE.dump_json(line).decode(),
            "revision": (revision or 0) + 1,
        }
        return self._table.write(
            [
                Write(
                    stream=self._stream,
                    item=LINE_ITEM,
                    attributes=kept,
                    expected={"revision": revision},
                )
            ]
        )


def _without(line: tuple[Waiting, ...], owner: Owner) -> tuple[Waiting, ...]:
    return tuple(one for one in line if one.owner != owner)
