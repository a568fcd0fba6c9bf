"""Tells what is due of one service and environment, one teller at a time, until nothing is.

What was said is kept before and after each message, so that whoever goes on neither repeats nor
forgets. Whoever is refused the claim may leave: its holder looks again after letting it go.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from blocks.ledger.announcement_log import AnnouncementLog, Telling
from blocks.ledger.ownership import this_owner
from blocks.ledger.release_ledger import ReleaseLedger
from delightful.announcing import (
    Book,
    Channel,
    Due,
    Told,
    due,
    not_said,
    refused,
    said,
    saying,
)
from delightful.errors import Busy, DelightfulError, TransientError
from flows.messages.messengers import Send
from flows.runs.telling import tell, warn

# Longer than the last message begun before a teller's time is up can take.
CLAIM_SECONDS: Final = 180.0
# A service that is down and names no time is asked again after that.
_REST_SECONDS: Final = 2.0
_RELEASES: Final = 8
_EARLIER: Final = 4


class _LostClaim(Exception):
    """Somebody else tells by now."""


@dataclass
class Teller:
    """One teller; `until` is when it stops, by its own clock in epoch seconds."""

    service: str
    environment: str
    ledger: ReleaseLedger
    log: AnnouncementLog
    channels: tuple[Channel, ...]
    send: Send
    until: float
    clock: Callable[[], float] = time.time
    pause: Callable[[float], None] = time.sleep
    _failing: set[tuple[str, str]] = field(default_factory=set)

    def run(self) -> None:
        """Send what is due until nothing is, somebody else does it, or time is up."""
        try:
            while self.clock() < self.until and self._went_on():
                pass
        except _LostClaim:
            return

    def _went_on(self) -> bool:
        telling = self.log.telling(self.service, self.environment)
        book = self._book(telling)
        if self._next(book, frozenset()) is None:
            return False
        if self._next(book, telling.resting(self.clock())) is None:
            return self._waited(telling)
        return self._told_under_claim(telling, book)

    def _told_under_claim(self, telling: Telling, book: Book) -> bool:
        now = self.clock()
        if not self.log.is_free(telling, now):
            return False
        held = self._kept(telling.claimed(this_owner(None), now + CLAIM_SECONDS, book.since))
        try:
            held = self._round(held)
        finally:
            self._kept(held.let_go())
        return True

    def _round(self, held: Telling) -> Telling:
        book = self._book(held)
        while self.clock() < self.until:
            one = self._next(book, held.resting(self.clock()))
            if one is None:
                break
            book, held = self._step(book, held, one)
        return held

    def _step(self, book: Book, held: Telling, one: Due) -> tuple[Book, Telling]:
        told = self._told(saying(book.told_of(one.release_id), one))
        book = book.with_told(told)
        try:
            after = said(told, one, self.send(book, one))
            tell(f"told {one.channel}: {one.release_id} {one.key}")
        except TransientError as error:
            warn(f"not told yet: {error}")
            is_undone = isinstance(error, Busy) and error.is_limit
            after = not_said(told, one) if is_undone else told
            held = self._rested(held, one.channel, error)
        except DelightfulError as error:
            warn(f"not told: {error}")
            self._failing.add((one.release_id, one.part))
            after = refused(told, one)
        return book.with_told(after if after == told else self._told(after)), held

    def _rested(self, held: Telling, channel: Channel, error: TransientError) -> Telling:
        asked = error.wait_seconds if isinstance(error, Busy) else None
        rests = {**held.rests_until, channel: self.clock() + (asked or _REST_SECONDS)}
        return held.model_copy(update={"rests_until": rests})

    def _waited(self, telling: Telling) -> bool:
        """Pause until a channel may be asked again; False where that is after the time."""
        now = self.clock()
        ends = [end for end in telling.rests_until.values() if end > now]
        if not ends or min(ends) >= self.until:
            return False
        self.pause(min(ends) - now)
        return True

    def _next(self, book: Book, resting: Collection[Channel]) -> Due | None:
        for one in due(book):
            is_failing = (one.release_id, one.part) in self._failing
            if one.channel not in resting and not is_failing:
                return one
        return None

    def _book(self, telling: Telling) -> Book:
        """Read all that is decided by; the head last, so that it is no older than the records."""
        told = {one.release_id: one for one in self.log.told(self.service, self.environment)}
        found = self.ledger.history(self.service, self.environment, _RELEASES)
        good = self.ledger.head(self.service, self.environment).good
        known = {release.release_id for release in found}
        stale = [name for name, one in told.items() if name not in known | {good} and one.is_good]
        earlier = [self.ledger.get(name) for name in stale[:_EARLIER]]
        releases = sorted((*found, *earlier), key=lambda release: release.sequence)
        newest = releases[-1].sequence if releases else 0
        since = {one: telling.since.get(one, newest) for one in self.channels}
        return Book(releases=tuple(releases), told=told, good=good, since=since)

    def _told(self, told: Told) -> Told:
        kept = self.log.keep_told(told)
        if kept is None:
            raise _LostClaim
        return kept

    def _kept(self, telling: Telling) -> Telling:
        kept = self.log.keep_telling(self.service, self.environment, telling)
        if kept is None:
            raise _LostClaim
        return kept
