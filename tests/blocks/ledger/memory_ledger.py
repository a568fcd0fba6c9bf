"""The ledger over a table in memory, and what it is asked for in tests."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from prefect_aws import AwsCredentials

from blocks.ledger.attempt_request import AttemptRequest
from blocks.ledger.release_ledger import ReleaseLedger
from blocks.ledger.table import Attributes, LedgerTable, Write
from delightful.release import AttemptKind, Owner

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LINE = tuple(f"{number:040x}" for number in range(8))


class MemoryTable:
    """A LedgerTable in memory: all or nothing, like DynamoDB's transactions.

    `meanwhile` is what somebody else does between the reads of an operation and its next write.
    """

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Attributes] = {}
        self.meanwhile: Callable[[], None] | None = None

    def read(self, stream: str, item: str) -> Attributes | None:
        return self.items.get((stream, item))

    def newest(self, stream: str, prefix: str, limit: int) -> Sequence[Attributes]:
        names = sorted(
            (key for key in self.items if key[0] == stream and key[1].startswith(prefix)),
            reverse=True,
        )
        return [self.items[name] for name in names[:limit]]

    def streams(self, prefix: str) -> Sequence[str]:
        """Return the streams whose name begins so."""
        return sorted({stream for stream, _ in self.items if stream.startswith(prefix)})

    def write(self, writes: Sequence[Write]) -> bool:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        if not all(self._holds(write) for write in writes):
            return False
        for write in writes:
            self.items[(write.stream, write.item)] = dict(write.attributes)
        return True

    def _holds(self, write: Write) -> bool:
        stored = self.items.get((write.stream, write.item), {})
        return all(stored.get(name) == value for name, value in write.expected.items())


class MemoryLedger(ReleaseLedger):
    """The ledger over a table in memory, with owners declared dead instead of looked for."""

    _block_type_name = "Release Ledger in Memory"
    _block_type_slug = "release-ledger-in-memory"
    _memory: MemoryTable
    _dead: set[int]

    @classmethod
    def empty(cls) -> "MemoryLedger":
        ledger = cls(credentials=AwsCredentials(region_name="us-east-1"), table_name="releases")
        ledger._memory = MemoryTable()
        ledger._dead = set()
        return ledger

    def _table(self) -> LedgerTable:
        return self._memory

    def _pause(self, number: int) -> None:
        return

    def is_dead(self, owner: Owner) -> bool:
        return owner.pid in self._dead


def owner(pid: int) -> Owner:
    return Owner(host="host", boot_id="boot", pid=pid, process_started_ticks=pid)


def request(commit: int, kind: AttemptKind = AttemptKind.DEPLOY) -> AttemptRequest:
    history = tuple(reversed(LINE[: commit + 1]))
    return AttemptRequest(
        service="hello", environment="sandbox", commit=LINE[commit], kind=kind, history=history
    )
