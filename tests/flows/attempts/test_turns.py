"""Whose turn it is: the newest that waits, in time, and by name."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from blocks.ledger.release_ledger import ReleaseLedger
from delightful.errors import Refused, Superseded
from delightful.release import ReleaseState
from flows.attempts.turns import take_turn
from flows.runs.waiting import Pace
from tests.delightful.samples import START, commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import OWNER, request_for

OTHER = OWNER.model_copy(update={"pid": 2})
THIRD = OWNER.model_copy(update={"pid": 3})


class Clock:
    """Seconds that pass only while somebody sleeps; `during` is what others do meanwhile."""

    def __init__(self, *during: Callable[[], object]) -> None:
        self.now = 0.0
        self._during = list(during)

    def pace(self) -> Pace:
        """Return the pace of a wait on this clock: a look every second."""
        return Pace(1.0, clock=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        if self._during:
            self._during.pop(0)()


@pytest.fixture
def ledger(cloud: FakeCloud) -> ReleaseLedger:
    """Return a ledger in which the first commit is good."""
    cloud.serve(1)
    return cloud.ledger("api")


def test_waits_for_the_one_before(ledger: ReleaseLedger) -> None:
    """A newer commit gets its turn as soon as the attempt before it has ended."""
    first = ledger.open_attempt(request_for(2), OWNER, START)
    clock = Clock(
        lambda: None,
        lambda: ledger.record(first.moved_to(ReleaseState.FAILED, datetime.now(UTC))),
    )
    opened = take_turn(ledger, request_for(3), OTHER, clock.pace(), 60)
    assert (opened.commit, clock.now) == (commit(3), 2.0)
    assert ledger.line("api", "sandbox").others(OWNER) == ()


def test_gives_up_in_time(ledger: ReleaseLedger) -> None:
    """Who waited in vain is told who holds the mutex, and waits no more."""
    ledger.open_attempt(request_for(2), OWNER, START)
    clock = Clock()
    with pytest.raises(Refused, match="E_LOCKED"):
        take_turn(ledger, request_for(3), OTHER, clock.pace(), 5)
    assert clock.now == 5.0
    assert ledger.line("api", "sandbox").others(OWNER) == ()


def test_gives_way_to_a_newer_one_that_waits(ledger: ReleaseLedger) -> None:
    """Of several that wait the newest gets the turn; the others are superseded by its name."""
    ledger.open_attempt(request_for(2), OWNER, START)
    line = ledger.line("api", "sandbox")
    clock = Clock(lambda: line.join(THIRD, request_for(4).history, START))
    with pytest.raises(Superseded, match=f"{commit(4)[:12]}, which waits"):
        take_turn(ledger, request_for(3), OTHER, clock.pace(), 60)


def test_does_not_wait_behind_a_newer_one(ledger: ReleaseLedger) -> None:
    """A commit that is contained in the one being deployed has nothing to wait for."""
    ledger.open_attempt(request_for(4), OWNER, START)
    clock = Clock()
    with pytest.raises(Superseded, match="is deploying"):
        take_turn(ledger, request_for(3), OTHER, clock.pace(), 60)
    assert clock.now == 0.0
