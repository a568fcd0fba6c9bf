"""The release ledger: who may change a service, what is good, and every attempt there was."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl

from blocks.aws import aws_client
from blocks.ledger import rules
from blocks.ledger.attempt_request import AttemptRequest
from blocks.ledger.ownership import is_proven_dead, sighting_of
from blocks.ledger.rules import StoredAttempt
from blocks.ledger.table import DynamoLedgerTable, LedgerTable
from blocks.ledger.waiting_line import WaitingLine
from delightful.errors import Refused, TransientError
from delightful.release import Head, Owner, Release, ReleaseState

_ROUNDS = 8


class ReleaseLedger(Block):
    """
    Keeps attempts and the head of each service and environment in one DynamoDB table.

    Example:
        Read what is good:
        ```python
        from blocks.ledger.release_ledger import ReleaseLedger

        ledger = ReleaseLedger.load("BLOCK_NAME")
        print(ledger.head("hello", "sandbox").good)
        ```
    """

    _block_type_name = "Release Ledger"
    _block_type_slug = "release-ledger"
    _documentation_url = HttpUrl(
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transactions.html"
    )

    credentials: AwsCredentials = Field(description="Credentials for the account of the table.")
    table_name: str = Field(
        min_length=3,
        max_length=255,
        description="DynamoDB table with hash key `stream` and range key `item`, both strings.",
    )

    def open_attempt(self, request: AttemptRequest, owner: Owner, now: datetime) -> Release:
        """Take the mutex and open an attempt, or resume the open one of the same request.

        An open attempt whose owner is proven dead, or was let go, is resumed where it asks for
        the same (kind, commit, restores); otherwise it is closed ABORTED in the same transaction.
        So is a deploy of a live owner where a rollback is asked for. A rollback freezes deploys.

        Raises:
            Refused: E_LOCKED, the mutex has a live owner; E_FROZEN, changes are frozen.
        """
        for _ in self._rounds():
            head = self.head(request.service, request.environment)
            rules.refuse_frozen(head, request.kind)
            held = self._attempt(head.in_progress) if head.in_progress else None
            alive = held is not None and self._is_held(held.release, owner)
            if held is not None and alive and not rules.may_stop(held.release, request):
                raise rules.locked_by(held.release)
            if held is not None and rules.asks_for(held.release, request):
                opened = self._resume(held, owner, now)
            else:
                opened = self._open(head, held, alive, request, owner, now)
            if opened is not None:
                return opened
        raise _contended(request.service, request.environment)

    def record(self, release: Release) -> None:
        """Store the next step of an attempt that this release's owner still holds.

        A terminal state frees the mutex, GOOD moves the head's `good`. Recording what is stored
        already changes nothing.

        Raises:
            Refused: E_FENCED, somebody else took the attempt over or it has ended otherwise.
            Superseded: the good release is newer than this one.
        """
        for _ in self._rounds():
            stored = self._attempt(release.release_id)
            if stored.release == release:
                return
            rules.refuse_fenced(stored.release, release)
            writes = [rules.attempt_write(release, stored.revision)]
            if release.is_terminal:
                head = self.head(release.service, release.environment)
                writes.append(rules.head_write(head, self._head_after(release, head)))
            if self._table().write(writes):
                return
        raise _contended(release.service, release.environment)

    def take_over(self, release_id: str, owner: Owner, now: datetime) -> Release:
        """Hold an open attempt that nobody holds any more, to end it; a freeze forbids it not.

        Raises:
            Refused: E_LOCKED, its owner is not proven dead; E_CLOSED, it has ended.
        """
        for _ in self._rounds():
            held = self._attempt(release_id)
            rules.refuse_closed(held.release)
            if self._is_held(held.release, owner):
                raise rules.locked_by(held.release)
            taken = self._resume(held, owner, now)
            if taken is not None:
                return taken
        raise _contended(held.release.service, held.release.environment)

    def let_go(self, release: Release) -> None:
        """Leave an open attempt without an owner, so that anybody may resume it at once.

        Nothing happens where the attempt has ended or is somebody else's.
        """
        for _ in self._rounds():
            stored = self._attempt(release.release_id)
            if stored.release.is_terminal or stored.release.owner != release.owner:
                return
            free = stored.release.with_parts(owner=None)
            if self._table().write([rules.attempt_write(free, stored.revision)]):
                return

    def supersede(self, request: AttemptRequest, owner: Owner, now: datetime) -> Release:
        """Keep a request that another commit made needless as an attempt that ended SUPERSEDED.

        The mutex stays where it is. A commit whose last attempt ended so already adds none.
        """
        for _ in self._rounds():
            for earlier in self.history(request.service, request.environment, limit=20):
                if rules.asks_for(earlier, request):
                    if earlier.state is ReleaseState.SUPERSEDED:
                        return earlier
                    break
            head = self.head(request.service, request.environment)
            ended = rules.superseded(request, owner, head, now)
            after = head.model_copy(update={"sequence": ended.sequence})
            if self._table().write(
                [rules.head_write(head, after), rules.attempt_write(ended, None)]
            ):
                return ended
        raise _contended(request.service, request.environment)

    def rebuild(self, release: Release) -> bool:
        """Keep the record of an attempt that the ledger lost; False where it has one."""
        return self._table().write([rules.attempt_write(release, None)])

    def mend_head(self, before: Head, after: Head) -> bool:
        """Write the head as its attempts say it must be; False where somebody moved it."""
        return self._table().write([rules.head_write(before, after)])

    def freeze(self, service: str, environment: str, reason: str, by: str) -> Head:
        """Let no deploy through until somebody thaws it; a freeze that is there stays as it is."""
        return self._with_head(
            service,
            environment,
            lambda head: (
                head
                if head.frozen_reason is not None
                else head.model_copy(update={"frozen_reason": reason, "frozen_by": by})
            ),
        )

    def thaw(self, service: str, environment: str, reason: str, by: str) -> Head:
        """Let deploys through again, and keep who said so, and why."""
        ended = {"frozen_reason": None, "frozen_by": None}
        told = {"thawed_reason": reason, "thawed_by": by}
        return self._with_head(
            service,
            environment,
            lambda head: (
                head if head.frozen_reason is None else head.model_copy(update={**ended, **told})
            ),
        )

    def line(self, service: str, environment: str) -> WaitingLine:
        """Return those who wait for the mutex."""
        stream = rules.stream_of(service, environment)
        return WaitingLine(self._table(), stream, self.is_dead)

    def get(self, release_id: str) -> Release:
        """Return one attempt. Raises ConfigError E_RELEASE where there is none."""
        return self._attempt(release_id).release

    def head(self, service: str, environment: str) -> Head:
        """Return the head; one that was never written has sequence 0."""
        stream = rules.stream_of(service, environment)
        return rules.head_of(service, environment, self._table().read(stream, rules.HEAD_ITEM))

    def history(self, service: str, environment: str, limit: int = 50) -> tuple[Release, ...]:
        """Return the attempts, newest first."""
        stream = rules.stream_of(service, environment)
        found = self._table().newest(stream, rules.ATTEMPT_PREFIX, limit)
        return tuple(rules.attempt_of(attributes).release for attributes in found)

    def environments(self, service: str) -> tuple[str, ...]:
        """Return the environments of which there is anything about a service."""
        streams = self._table().streams(rules.stream_of(service, ""))
        return tuple(stream.rpartition("/")[2] for stream in streams)

    def _with_head(self, service: str, environment: str, change: Callable[[Head], Head]) -> Head:
        for _ in self._rounds():
            head = self.head(service, environment)
            after = change(head)
            if after == head or self._table().write([rules.head_write(head, after)]):
                return after
        raise _contended(service, environment)

    def _table(self) -> LedgerTable:
        return DynamoLedgerTable(aws_client(self.credentials, "dynamodb"), self.table_name)

    def is_dead(self, owner: Owner) -> bool:
        """Say whether an owner is proven to be gone."""
        return is_proven_dead(owner, sighting_of(owner, self.credentials))

    def _rounds(self) -> Iterator[int]:
        for number in range(_ROUNDS):
            if number:
                self._pause(number)
            yield number

    def _pause(self, number: int) -> None:
        # Jitter parts those who met; it protects nothing, so any source will do.
        time.sleep(random.uniform(0.0, 0.05 * number))  # noqa: S311

    def _attempt(self, release_id: str) -> StoredAttempt:
        found = self._table().read(*rules.place_of(release_id))
        if found is None:
            raise rules.unknown_release(release_id)
        return rules.attempt_of(found)

    def _is_held(self, held: Release, owner: Owner) -> bool:
        return held.owner is not None and held.owner != owner and not self.is_dead(held.owner)

    def _resume(self, held: StoredAttempt, owner: Owner, now: datetime) -> Release | None:
        if held.release.owner == owner:
            return held.release
        taken = rules.taken_over(held.release, owner, now)
        return taken if self._table().write([rules.attempt_write(taken, held.revision)]) else None

    def _open(
        self,
        head: Head,
        held: StoredAttempt | None,
        alive: bool,
        request: AttemptRequest,
        owner: Owner,
        now: datetime,
    ) -> Release | None:
        opened = rules.new_attempt(request, owner, head, now)
        after = rules.head_after_opening(head, opened)
        writes = [rules.head_write(head, after), rules.attempt_write(opened, None)]
        if held is not None:
            closed = rules.aborted(held.release, opened.release_id, now, alive=alive)
            writes.append(rules.attempt_write(closed, held.revision))
        return opened if self._table().write(writes) else None

    def _head_after(self, release: Release, head: Head) -> Head:
        if head.in_progress != release.release_id:
            raise Refused(
                "E_FENCED",
                f"release {release.release_id} does not hold {release.environment} any more",
                hint="look with `delightful status`; this run changes nothing more",
            )
        if release.state is not ReleaseState.GOOD:
            return head.model_copy(update={"in_progress": None})
        if head.good is not None:
            rules.refuse_older_good(release, self.get(head.good))
        return head.model_copy(update={"in_progress": None, "good": release.release_id})


def _contended(service: str, environment: str) -> TransientError:
    return TransientError(
        "E_LEDGER_BUSY",
        f"the ledger of {service} in {environment} changed under every one of {_ROUNDS} tries",
        hint="run the same again",
    )
