"""The ledger's promises: one open attempt, one end for each, GOOD never lost."""

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from prefect_aws import AwsCredentials

from blocks.attempt_request import AttemptRequest
from blocks.ledger_table import Attributes, LedgerTable, Write
from blocks.release_ledger import ReleaseLedger
from delightful.errors import ConfigError, ExternalError, Refused, Superseded
from delightful.release import (
    TERMINAL_STATES,
    TRANSITIONS,
    AttemptKind,
    Owner,
    Release,
    ReleaseState,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LINE = tuple(f"{number:040x}" for number in range(8))


class MemoryTable:
    """A LedgerTable in memory: all or nothing, like DynamoDB's transactions."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Attributes] = {}

    def read(self, stream: str, item: str) -> Attributes | None:
        return self.items.get((stream, item))

    def newest(self, stream: str, prefix: str, limit: int) -> Sequence[Attributes]:
        names = sorted(
            (key for key in self.items if key[0] == stream and key[1].startswith(prefix)),
            reverse=True,
        )
        return [self.items[name] for name in names[:limit]]

    def write(self, writes: Sequence[Write]) -> bool:
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

    def is_dead(self, owner: Owner) -> bool:
        return owner.pid in self._dead


def owner(pid: int) -> Owner:
    return Owner(host="host", boot_id="boot", pid=pid, process_started_ticks=pid)


def request(commit: int, kind: AttemptKind = AttemptKind.DEPLOY) -> AttemptRequest:
    history = tuple(reversed(LINE[: commit + 1]))
    return AttemptRequest(
        service="hello", environment="sandbox", commit=LINE[commit], kind=kind, history=history
    )


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


class LedgerMachine(RuleBasedStateMachine):
    """Runs that open, advance, die, wake up and record, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = MemoryLedger.empty()
        self.held: dict[int, Release] = {}
        self.good: Release | None = None
        self.frozen = False
        self.recorded_rightly: list[bool] = []
        self.refused_rightly: list[bool] = []

    @rule(pid=st.integers(1, 3), commit=st.integers(0, 7), back=st.booleans())
    def open(self, pid: int, commit: int, back: bool) -> None:
        kind = AttemptKind.ROLLBACK if back else AttemptKind.DEPLOY
        in_progress = self.ledger.head("hello", "sandbox").in_progress
        holder = self.ledger.get(in_progress).owner if in_progress else None
        is_free = holder in (None, owner(pid)) or holder.pid in self.ledger._dead
        may_stop = back and in_progress and self.ledger.get(in_progress).kind is AttemptKind.DEPLOY
        may_open = (is_free or may_stop) and (back or not self.frozen)
        with contextlib.suppress(Refused):
            self.held[pid] = self.ledger.open_attempt(request(commit, kind), owner(pid), NOW)
            assert may_open
            self.frozen = self.frozen or back
            return
        assert not may_open

    @rule()
    def freeze(self) -> None:
        self.ledger.freeze("hello", "sandbox", "audit", "ann")
        self.frozen = True

    @rule()
    def thaw(self) -> None:
        self.ledger.thaw("hello", "sandbox", "over", "ann")
        self.frozen = False

    @rule(pid=st.integers(1, 3), commit=st.integers(0, 7))
    def supersede(self, pid: int, commit: int) -> None:
        before = self.ledger.head("hello", "sandbox")
        self.ledger.supersede(request(commit), owner(pid), NOW)
        after = self.ledger.head("hello", "sandbox")
        assert (after.good, after.in_progress) == (before.good, before.in_progress)

    @rule(pid=st.integers(1, 3))
    def die(self, pid: int) -> None:
        self.ledger._dead.add(pid)

    @rule(pid=st.integers(1, 3))
    def wake(self, pid: int) -> None:
        self.ledger._dead.discard(pid)

    @rule(pid=st.integers(1, 3))
    def let_go(self, pid: int) -> None:
        if pid in self.held:
            self.ledger.let_go(self.held[pid])

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def record(self, data: st.DataObject) -> None:
        pid = data.draw(st.sampled_from(sorted(self.held)))
        following = sorted(TRANSITIONS[self.held[pid].state])
        if following:
            self._record(pid, data.draw(st.sampled_from(following)))

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def succeed(self, data: st.DataObject) -> None:
        pid = data.draw(st.sampled_from(sorted(self.held)))
        way = ["PENDING", "BUILT", "APPLIED", "LIVE", "GOOD"]
        for state in way[way.index(self.held[pid].state) + 1 :] if self._is_open(pid) else []:
            if not self._record(pid, ReleaseState(state)):
                return

    def _is_open(self, pid: int) -> bool:
        return not self.held[pid].is_terminal

    def _record(self, pid: int, state: ReleaseState) -> bool:
        release = self.held[pid].moved_to(state, NOW)
        stored = self.ledger.get(release.release_id)
        is_his = (stored.owner, stored.state) == (owner(pid), self.held[pid].state)
        try:
            self.ledger.record(release)
        except (Refused, Superseded) as refusal:
            allowed = isinstance(refusal, Superseded) and release.kind is AttemptKind.DEPLOY
            self.refused_rightly.append(allowed or not is_his)
            return False
        self.recorded_rightly.append(is_his)
        self.held[pid] = release
        if state is ReleaseState.GOOD:
            is_back = self.good is not None and self.good.commit > release.commit
            assert release.kind is AttemptKind.ROLLBACK or not is_back
            self.good = release
        return True

    @invariant()
    def head_names_the_only_open_attempt(self) -> None:
        head = self.ledger.head("hello", "sandbox")
        attempts = self.ledger.history("hello", "sandbox", 1000)
        assert [a.release_id for a in attempts if not a.is_terminal] == (
            [head.in_progress] if head.in_progress else []
        )
        assert [a.sequence for a in attempts] == list(range(head.sequence, 0, -1))

    @invariant()
    def freeze_stays_until_it_is_thawed(self) -> None:
        is_frozen = self.ledger.head("hello", "sandbox").frozen_reason is not None
        assert is_frozen == self.frozen

    @invariant()
    def only_the_owner_of_the_stored_state_records(self) -> None:
        assert all(self.recorded_rightly)
        assert all(self.refused_rightly)

    @invariant()
    def each_attempt_has_one_end_at_most(self) -> None:
        for attempt in self.ledger.history("hello", "sandbox", 1000):
            ends = [step for step in attempt.transitions if step.state in TERMINAL_STATES]
            assert len(ends) == attempt.is_terminal

    @invariant()
    def good_is_the_last_that_became_good(self) -> None:
        expected = self.good.release_id if self.good else None
        assert self.ledger.head("hello", "sandbox").good == expected


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
