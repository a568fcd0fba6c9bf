"""What was said of releases: items of its own in the ledger's table, beside the records."""

from collections.abc import Mapping
from typing import TypeVar

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl, ValidationError

from blocks.aws import aws_client
from blocks.ledger import rules
from blocks.ledger.ownership import is_proven_dead, sighting_of
from blocks.ledger.table import Attributes, DynamoLedgerTable, LedgerTable, Write
from delightful.announcing import Channel, Told
from delightful.errors import ExternalError
from delightful.frozen import Frozen
from delightful.release import Owner

TOLD_PREFIX = "told#"
TELLING_ITEM = "telling"

_Kept = TypeVar("_Kept", Told, "Telling")


class Telling(Frozen):
    """Who tells of a service and environment, and whom to leave alone; times are epoch seconds.

    `until` is when the teller's claim ends by itself; `since` is the first sequence that a channel
    is told of, `rests_until` when it may be asked again.
    """

    revision: int = 0
    until: float = 0.0
    by: Owner | None = None
    since: dict[Channel, int] = Field(default_factory=dict)
    rests_until: dict[Channel, float] = Field(default_factory=dict)

    def resting(self, now: float) -> frozenset[Channel]:
        """Return the channels that asked to be left alone until later than now."""
        return frozenset(one for one, until in self.rests_until.items() if until > now)

    def claimed(self, by: Owner, until: float, since: Mapping[Channel, int]) -> "Telling":
        """Return it claimed, and what channels are told of from now on."""
        return self.model_copy(update={"by": by, "until": until, "since": {**self.since, **since}})

    def let_go(self) -> "Telling":
        """Return it with nobody's claim."""
        return self.model_copy(update={"by": None, "until": 0.0})


class AnnouncementLog(Block):
    """
    Keeps what GitHub and Slack were told of each release, beside the release ledger.

    Example:
        See what was said:
        ```python
        from blocks.ledger.announcement_log import AnnouncementLog

        log = AnnouncementLog.load("BLOCK_NAME")
        print(log.told("hello", "staging"))
        ```
    """

    _block_type_name = "Announcement Log"
    _block_type_slug = "announcement-log"
    _documentation_url = HttpUrl(
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transactions.html"
    )

    credentials: AwsCredentials = Field(description="Credentials for the account of the table.")
    table_name: str = Field(
        min_length=3, max_length=255, description="DynamoDB table of the release ledger."
    )

    def telling(self, service: str, environment: str) -> Telling:
        """Return who tells now, and whom to leave alone."""
        found = self._table().read(rules.stream_of(service, environment), TELLING_ITEM)
        return Telling() if found is None else _kept(Telling, found)

    def is_free(self, telling: Telling, now: float) -> bool:
        """Say whether nobody tells: the claim has ended, or who held it is proven dead."""
        if telling.by is None or telling.until <= now:
            return True
        return is_proven_dead(telling.by, sighting_of(telling.by, self.credentials))

    def told(self, service: str, environment: str, limit: int = 50) -> tuple[Told, ...]:
        """Return what was said of the newest releases, newest first."""
        stream = rules.stream_of(service, environment)
        return tuple(
            _kept(Told, found) for found in self._table().newest(stream, TOLD_PREFIX, limit)
        )

    def keep_telling(self, service: str, environment: str, telling: Telling) -> Telling | None:
        """Store it and return it as it is stored, or None where somebody else was faster."""
        return self._written(rules.stream_of(service, environment), TELLING_ITEM, telling)

    def keep_told(self, told: Told) -> Told | None:
        """Store it and return it as it is stored, or None where somebody else was faster."""
        stream, item = rules.place_of(told.release_id)
        return self._written(stream, item.replace(rules.ATTEMPT_PREFIX, TOLD_PREFIX, 1), told)

    def _written(self, stream: str, item: str, record: _Kept) -> _Kept | None:
        before = record.revision
        after = record.model_copy(update={"revision": before + 1})
        write = Write(
            stream=stream,
            item=item,
            attributes={"record": after.model_dump_json(), "revision": after.revision},
            expected={"revision": before or None},
        )
        return after if self._table().write([write]) else None

    def _table(self) -> LedgerTable:
        return DynamoLedgerTable(aws_client(self.credentials, "dynamodb"), self.table_name)


def _kept(kind: type[_Kept], found: Attributes) -> _Kept:
    try:
        return kind.model_validate_json(str(found["record"]))
    except (KeyError, ValidationError) as error:
        raise _unreadable(found, error) from error


def _unreadable(found: Mapping[str, object], error: Exception) -> ExternalError:
    return ExternalError(
        "E_RECORD",
        f"the record {found.get('stream')} {found.get('item')} cannot be read",
        hint="delete the item; what was said may then be said once more",
        service="release ledger",
        operation="read",
        cause=str(error).splitlines()[0],
    )
