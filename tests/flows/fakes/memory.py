"""The real ledger and log, over a table in a dictionary."""

from collections.abc import Sequence

from prefect_aws import AwsCredentials
from pydantic import PrivateAttr

from blocks.ledger.announcement_log import AnnouncementLog
from blocks.ledger.release_ledger import ReleaseLedger
from blocks.ledger.table import Attributes, LedgerTable, Write


class MemoryTable:
    """A LedgerTable in a dictionary, with the same all-or-nothing writes."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Attributes] = {}

    def read(self, stream: str, item: str) -> Attributes | None:
        """Return an item, or None."""
        return self.items.get((stream, item))

    def newest(self, stream: str, prefix: str, limit: int) -> Sequence[Attributes]:
        """Return the last items with the prefix, last first."""
        found = sorted(k for k in self.items if k[0] == stream and k[1].startswith(prefix))
        return [self.items[key] for key in reversed(found)][:limit]

    def streams(self, prefix: str) -> Sequence[str]:
        """Return the streams whose name begins so."""
        return sorted({stream for stream, _ in self.items if stream.startswith(prefix)})

    def write(self, writes: Sequence[Write]) -> bool:
        """Put all or none."""
        if not all(self._holds(write) for write in writes):
            return False
        for write in writes:
            self.items[write.stream, write.item] = write.attributes
        return True

    def _holds(self, write: Write) -> bool:
        stored = self.items.get((write.stream, write.item), {})
        return all(stored.get(name) == value for name, value in write.expected.items())


class MemoryLedger(ReleaseLedger):
    """The real ledger over a table in memory."""

    _block_type_name = "Memory Ledger"
    _block_type_slug = "memory-ledger"
    _memory: MemoryTable = PrivateAttr(default_factory=MemoryTable)

    def _table(self) -> LedgerTable:
        return self._memory


class MemoryLog(AnnouncementLog):
    """The real log over the table in memory of a ledger."""

    _block_type_name = "Memory Log"
    _block_type_slug = "memory-log"
    _memory: MemoryTable = PrivateAttr(default_factory=MemoryTable)

    def _table(self) -> LedgerTable:
        return self._memory

    @classmethod
    def beside(cls, ledger: MemoryLedger) -> "MemoryLog":
        """Return the log that lies in a ledger's table."""
        log = cls(credentials=AwsCredentials(), table_name="ledger")
        log._memory = ledger._memory
        return log
