"""The ledger's promises: one open attempt, one end for each, GOOD never lost."""

import pytest
from hypothesis import settings

from blocks.ledger.release_ledger import ReleaseLedger
from delightful.errors import ConfigError, ExternalError, Refused, Superseded
from delightful.release import AttemptKind, Release, ReleaseState
from tests.blocks.ledger.ledger_machine import LedgerMachine
from tests.blocks.ledger.memory_ledger import NOW, MemoryLedger, owner, request


def to_good(ledger: ReleaseLedger, release: Release) -> Release:
    for state in ("BUILT", "APPLIED", "LIVE", "GOOD"):
        release = release.moved_to(ReleaseState(state), NOW)
        ledger.record(release)
    return release


def test_good_release_frees_the_mutex_and_becomes_good() -> None:
    """An attempt that ends GOOD is the head's good one and holds nothing any more."""
    ledger = MemoryLedger.empty()
    release = to_good(ledger, ledger.open_attempt(request(0), owner(1), NOW))
    head = ledger.head("hello", "sandbox")
    assert (head.good, head.in_progress, head.sequence) == (release.release_id, None, 1)
    assert ledger.get("hello-sandbox-000001") == release


def test_live_owner_is_named_when_the_mutex_is_held() -> None:
    """A second run is refused with the holder's release and process."""
    ledger = MemoryLedger.empty()
    ledger.open_attempt(request(0), owner(1), NOW)
    with pytest.raises(Refused, match=r"E_LOCKED .*hello-sandbox-000001, held by process 1 on"):
        ledger.open_attempt(request(0), owner(2), NOW)


def test_attempt_of_a_dead_owner_is_resumed_under_its_own_id() -> None:
    """The next run of the same commit goes on with the attempt, and the dead owner is fenced."""
    ledger = MemoryLedger.empty()
    first = ledger.open_attempt(request(0), owner(1), NOW)
    ledger._dead.add(1)
    resumed = ledger.open_attempt(request(0), owner(2), NOW)
    assert (resumed.release_id, resumed.owner) == (first.release_id, owner(2))
    with pytest.raises(Refused, match="E_FENCED"):
        ledger.record(first.moved_to(ReleaseState.BUILT, NOW))


def test_attempt_of_a_dead_owner_is_closed_when_something_else_is_asked() -> None:
    """Another commit closes the abandoned attempt ABORTED, with the reason, and opens its own."""
    ledger = MemoryLedger.empty()
    first = ledger.open_attempt(request(0), owner(1), NOW)
    ledger._dead.add(1)
    second = ledger.open_attempt(request(1), owner(2), NOW)
    closed = ledger.get(first.release_id)
    assert closed.state is ReleaseState.ABORTED
    assert closed.failure is not None
    assert second.release_id in closed.failure.reason
    assert ledger.head("hello", "sandbox").in_progress == second.release_id


def test_attempt_that_was_let_go_is_resumed_although_its_owner_lives() -> None:
    """A run that ends by an unexpected error leaves its attempt to whoever comes next."""
    ledger = MemoryLedger.empty()
    first = ledger.open_attempt(request(0), owner(1), NOW)
    ledger.let_go(first)
    assert ledger.open_attempt(request(0), owner(2), NOW).release_id == first.release_id
    ledger.let_go(first)
    with pytest.raises(Refused, match="E_LOCKED"):
        ledger.open_attempt(request(0), owner(3), NOW)


def test_dead_owner_is_taken_over_although_deploys_are_frozen() -> None:
    """Whoever mends what a dead run left needs no thaw, and no wish of the same form."""
    ledger = MemoryLedger.empty()
    left = ledger.open_attempt(request(0), owner(1), NOW)
    ledger.freeze("hello", "sandbox", "audit", "ann")
    with pytest.raises(Refused, match="E_LOCKED"):
        ledger.take_over(left.release_id, owner(2), NOW)
    ledger._dead.add(1)
    taken = ledger.take_over(left.release_id, owner(2), NOW)
    assert [one.owner for one in taken.taken_over] == [owner(1)]
    ledger.record(taken.moved_to(ReleaseState.ABORTED, NOW))
    with pytest.raises(Refused, match=r"E_CLOSED .*ended: ABORTED"):
        ledger.take_over(left.release_id, owner(2), NOW)


def test_recording_twice_is_recording_once() -> None:
    """A repeated record changes nothing, not even after the attempt has ended."""
    ledger = MemoryLedger.empty()
    release = to_good(ledger, ledger.open_attempt(request(0), owner(1), NOW))
    before = dict(ledger._memory.items)
    ledger.record(release)
    assert ledger._memory.items == before


def test_ended_attempt_cannot_be_recorded_otherwise() -> None:
    """There is exactly one terminal record, whatever a late run believes."""
    ledger = MemoryLedger.empty()
    opened = ledger.open_attempt(request(0), owner(1), NOW)
    ledger.record(opened.moved_to(ReleaseState.FAILED, NOW))
    with pytest.raises(Refused, match="it has ended FAILED"):
        ledger.record(opened.moved_to(ReleaseState.ABORTED, NOW))


def test_step_back_is_refused() -> None:
    """A record that does not know what was recorded since is refused."""
    ledger = MemoryLedger.empty()
    opened = ledger.open_attempt(request(0), owner(1), NOW)
    ledger.record(opened.moved_to(ReleaseState.BUILT, NOW))
    with pytest.raises(Refused, match="it went on to BUILT"):
        ledger.record(opened.moved_to(ReleaseState.SUPERSEDED, NOW))


def test_older_commit_becomes_good_by_a_rollback_only() -> None:
    """GOOD moves back for a rollback and for nothing else."""
    ledger = MemoryLedger.empty()
    to_good(ledger, ledger.open_attempt(request(3), owner(1), NOW))
    older = ledger.open_attempt(request(1), owner(1), NOW)
    with pytest.raises(Superseded):
        to_good(ledger, older)
    ledger.record(ledger.get(older.release_id).moved_to(ReleaseState.ABORTED, NOW))
    back = ledger.open_attempt(request(1, AttemptKind.ROLLBACK), owner(1), NOW)
    assert to_good(ledger, back).release_id == ledger.head("hello", "sandbox").good


def test_frozen_environment_lets_only_a_rollback_through() -> None:
    """A freeze stops new versions and keeps the way back open, until it is thawed."""
    ledger = MemoryLedger.empty()
    to_good(ledger, ledger.open_attempt(request(0), owner(1), NOW))
    ledger.freeze("hello", "sandbox", "audit", "ann")
    with pytest.raises(Refused, match=r"E_FROZEN .*frozen by ann: audit → `delightful thaw"):
        ledger.open_attempt(request(1), owner(1), NOW)
    back = ledger.open_attempt(request(0, AttemptKind.ROLLBACK), owner(1), NOW)
    to_good(ledger, back)
    thawed = ledger.thaw("hello", "sandbox", "audit is over", "bob")
    assert (thawed.frozen_reason, thawed.thawed_by) == (None, "bob")
    assert ledger.open_attempt(request(1), owner(1), NOW).sequence == 3


def test_freeze_that_is_there_keeps_its_reason() -> None:
    """Who freezes what is frozen, or thaws what is not, changes nothing."""
    ledger = MemoryLedger.empty()
    assert ledger.thaw("hello", "sandbox", "why not", "bob").thawed_by is None
    ledger.freeze("hello", "sandbox", "audit", "ann")
    assert ledger.freeze("hello", "sandbox", "holiday", "bob").frozen_by == "ann"


def test_rollback_freezes_deploys() -> None:
    """From the moment a rollback is opened, no deploy undoes it behind its back."""
    ledger = MemoryLedger.empty()
    to_good(ledger, ledger.open_attempt(request(0), owner(1), NOW))
    wanted = request(0, AttemptKind.ROLLBACK).model_copy(
        update={"restores": "hello-sandbox-000001", "reason": "slow"}
    )
    back = ledger.open_attempt(wanted, owner(1), NOW)
    head = ledger.head("hello", "sandbox")
    assert head.frozen_by == back.release_id
    assert head.frozen_reason == "rolled back to hello-sandbox-000001: slow"


def test_rollback_that_is_resumed_overrules_no_thaw() -> None:
    """Who thaws while a rollback is at work is not undone by the run that goes on with it."""
    ledger = MemoryLedger.empty()
    back = request(0, AttemptKind.ROLLBACK)
    opened = ledger.open_attempt(back, owner(1), NOW)
    ledger.thaw("hello", "sandbox", "it was the network", "ann")
    ledger._dead.add(1)
    assert ledger.open_attempt(back, owner(2), NOW).release_id == opened.release_id
    assert ledger.head("hello", "sandbox").frozen_reason is None


def test_rollback_stops_a_deploy_that_is_at_work() -> None:
    """A rollback takes the mutex from a live deploy, which can record nothing more."""
    ledger = MemoryLedger.empty()
    to_good(ledger, ledger.open_attempt(request(0), owner(1), NOW))
    deploying = ledger.open_attempt(request(1), owner(1), NOW)
    back = ledger.open_attempt(request(0, AttemptKind.ROLLBACK), owner(2), NOW)
    stopped = ledger.get(deploying.release_id)
    assert stopped.state is ReleaseState.ABORTED
    assert stopped.failure is not None
    assert stopped.failure.reason == f"stopped by the rollback {back.release_id}"
    with pytest.raises(Refused, match="E_FENCED"):
        ledger.record(deploying.moved_to(ReleaseState.BUILT, NOW))


def test_rollback_waits_for_another_rollback() -> None:
    """Two ways back at the same time would fight: the second one is told of the first."""
    ledger = MemoryLedger.empty()
    to_good(ledger, ledger.open_attempt(request(0), owner(1), NOW))
    ledger.open_attempt(request(0, AttemptKind.ROLLBACK), owner(1), NOW)
    other = request(0, AttemptKind.ROLLBACK).model_copy(update={"restores": "another"})
    with pytest.raises(Refused, match="E_LOCKED"):
        ledger.open_attempt(other, owner(2), NOW)


def test_superseded_request_is_kept_once() -> None:
    """A deploy that never got its turn has one record, however often it is asked for."""
    ledger = MemoryLedger.empty()
    to_good(ledger, ledger.open_attempt(request(3), owner(1), NOW))
    ended = ledger.supersede(request(1), owner(2), NOW)
    assert (ended.sequence, ended.state) == (2, ReleaseState.SUPERSEDED)
    assert ledger.supersede(request(1), owner(2), NOW) == ended
    assert ledger.head("hello", "sandbox").in_progress is None


def test_history_is_newest_first_and_bounded() -> None:
    """Attempts come back in the order people ask about them."""
    ledger = MemoryLedger.empty()
    for commit in range(4):
        to_good(ledger, ledger.open_attempt(request(commit), owner(1), NOW))
    assert [release.sequence for release in ledger.history("hello", "sandbox", 3)] == [4, 3, 2]


@pytest.mark.parametrize("identifier", ["", "hello", "hello-sandbox", "hello-sandbox-x", "a-b-1"])
def test_unknown_release_is_an_error_that_names_it(identifier: str) -> None:
    """What is no release id, or of no release, is told with the list as the next step."""
    with pytest.raises(ConfigError, match="E_RELEASE"):
        MemoryLedger.empty().get(identifier)


def test_record_of_another_shape_is_named() -> None:
    """A corrupt record is told by its place, and nothing is guessed from it."""
    ledger = MemoryLedger.empty()
    opened = ledger.open_attempt(request(0), owner(1), NOW)
    key = ("hello/sandbox", "release#000000000001")
    ledger._memory.items[key] = {"record": '{"schema_version": 9}', "revision": 1}
    with pytest.raises(ExternalError, match="E_RECORD"):
        ledger.get(opened.release_id)


TestLedgerMachine = pytest.mark.slow(LedgerMachine.TestCase)
TestLedgerMachine.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
