"""A machine that runs the ledger through any order of events, and what then always holds."""

import contextlib
import functools
from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from blocks.ledger.rules import ATTEMPT_PREFIX
from delightful.errors import Refused, Superseded
from delightful.release import (
    TERMINAL_STATES,
    TRANSITIONS,
    AttemptKind,
    Head,
    Release,
    ReleaseState,
)
from tests.blocks.ledger.memory_ledger import NOW, MemoryLedger, owner, request

PROCESSES, RECOVERER = range(1, 4), 4
PIDS, COMMITS = st.sampled_from(PROCESSES), st.integers(0, 7)


@functools.lru_cache(maxsize=4096)
def read_record(record: str) -> Release:
    """Return a stored attempt; most are looked at many times as they are."""
    return Release.model_validate_json(record)


class LedgerMachine(RuleBasedStateMachine):
    """Runs that open, advance, die, wake up, record and recover, in any order and across.

    In the end whoever is left recovers, after which every attempt has exactly one end.
    """

    runs = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).runs += 1
        self.ledger = MemoryLedger.empty()
        self.table = self.ledger._memory
        self.held: dict[int, Release] = {}
        self.good: Release | None = None
        self.frozen = False
        self.crossed = False
        self.opened: set[str] = set()
        self.ended: dict[str, Release] = {}

    # ---- what runs do

    @rule(pid=PIDS, commit=COMMITS, back=st.booleans())
    def open(self, pid: int, commit: int, back: bool) -> None:
        kind = AttemptKind.ROLLBACK if back else AttemptKind.DEPLOY
        may_open = self._may_open(pid, back)
        self.crossed = False
        with contextlib.suppress(Refused):
            opened = self.ledger.open_attempt(request(commit, kind), owner(pid), NOW)
            assert may_open or self.crossed
            # One that is resumed froze when it was opened; who thawed since is not overruled.
            self.frozen = self.frozen or (back and opened.release_id not in self.opened)
            self.held[pid] = opened
            self.opened.add(opened.release_id)
            return
        assert not may_open or self.crossed

    @rule(pid=PIDS, commit=COMMITS)
    def supersede(self, pid: int, commit: int) -> None:
        before, self.crossed = self._head(), False
        self.ledger.supersede(request(commit), owner(pid), NOW)
        after = self._head()
        same = (after.good, after.in_progress) == (before.good, before.in_progress)
        assert same or self.crossed

    @rule(pid=PIDS)
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
        self._succeed(data.draw(st.sampled_from(sorted(self.held))))

    @rule(pid=PIDS, commit=COMMITS, back=st.booleans())
    def release(self, pid: int, commit: int, back: bool) -> None:
        self.open(pid, commit, back)
        if pid in self.held:
            self._succeed(pid)

    # ---- what happens to them

    @rule(pid=PIDS)
    def die(self, pid: int) -> None:
        self.ledger._dead.add(pid)

    @rule(pid=PIDS)
    def wake(self, pid: int) -> None:
        self.ledger._dead.discard(pid)

    @rule()
    def freeze(self) -> None:
        self.ledger.freeze("hello", "sandbox", "audit", "ann")
        self.frozen = True

    @rule()
    def thaw(self) -> None:
        self.ledger.thaw("hello", "sandbox", "over", "ann")
        self.frozen = False

    @rule(pid=PIDS, finishes=st.booleans())
    def recover(self, pid: int, finishes: bool) -> None:
        """Take over what a dead run left, and end it: finished where it was live, else aborted."""
        head = self._head()
        if head.in_progress is None:
            return
        left = self._stored(head.in_progress)
        is_left = left.owner in (None, owner(pid)) or left.owner.pid in self.ledger._dead
        self.crossed = False
        try:
            self.held[pid] = self.ledger.take_over(left.release_id, owner(pid), NOW)
        except Refused:
            assert not is_left or self.crossed
            return
        assert is_left or self.crossed
        is_live = self.held[pid].state is ReleaseState.LIVE
        end = ReleaseState.GOOD if finishes and is_live else ReleaseState.ABORTED
        if not self._record(pid, end) and end is ReleaseState.GOOD:
            self._record(pid, ReleaseState.ROLLED_BACK)

    @rule(data=st.data())
    def cross(self, data: st.DataObject) -> None:
        """Let something happen in the midst of what comes next, before it writes."""
        pid, commit = data.draw(PIDS), data.draw(COMMITS)
        back, finishes = data.draw(st.booleans()), data.draw(st.booleans())
        events: dict[str, Callable[[], None]] = {
            "open": lambda: self.open(pid, commit, back),
            "recover": lambda: self.recover(pid, finishes),
            "supersede": lambda: self.supersede(pid, commit),
            "freeze": self.freeze,
            "thaw": self.thaw,
        }
        event = events[data.draw(st.sampled_from(sorted(events)))]

        def happen() -> None:
            event()
            self.crossed = True

        self.table.meanwhile = happen

    def teardown(self) -> None:
        """Recover until nothing is open: then each attempt there was has exactly one end."""
        self.table.meanwhile = None
        self.ledger._dead.update(PROCESSES)
        self.recover(RECOVERER, True)
        for attempt in self._attempts():
            assert [step.state in TERMINAL_STATES for step in attempt.transitions].count(True) == 1
        assert self._head().in_progress is None
        self.good_is_the_last_that_became_good()
        self.what_has_ended_stays_as_it_was()

    # ---- what always holds

    @invariant()
    def head_names_the_only_open_attempt(self) -> None:
        head, attempts = self._head(), self._attempts()
        assert [a.release_id for a in attempts if not a.is_terminal] == (
            [head.in_progress] if head.in_progress else []
        )
        assert [a.sequence for a in attempts] == list(range(head.sequence, 0, -1))

    @invariant()
    def freeze_stays_until_it_is_thawed(self) -> None:
        assert (self._head().frozen_reason is not None) == self.frozen

    @invariant()
    def what_has_ended_stays_as_it_was(self) -> None:
        for attempt in self._attempts():
            ends = [step for step in attempt.transitions if step.state in TERMINAL_STATES]
            assert len(ends) == attempt.is_terminal
            if attempt.is_terminal:
                assert self.ended.setdefault(attempt.release_id, attempt) == attempt

    @invariant()
    def good_is_the_last_that_became_good(self) -> None:
        expected = self.good.release_id if self.good else None
        assert self._head().good == expected

    def _may_open(self, pid: int, back: bool) -> bool:
        in_progress = self._head().in_progress
        held = self._stored(in_progress) if in_progress else None
        holder = held.owner if held else None
        is_free = holder in (None, owner(pid)) or holder.pid in self.ledger._dead
        may_stop = back and held is not None and held.kind is AttemptKind.DEPLOY
        return (is_free or may_stop) and (back or not self.frozen)

    def _succeed(self, pid: int) -> None:
        for state in _way_to_good(self.held[pid]):
            if not self._record(pid, state):
                return

    def _record(self, pid: int, state: ReleaseState) -> bool:
        release = self.held[pid].moved_to(state, NOW)
        stored = self._stored(release.release_id)
        is_his = (stored.owner, stored.state) == (owner(pid), self.held[pid].state)
        self.crossed = False
        try:
            self.ledger.record(release)
        except (Refused, Superseded) as refusal:
            is_stale = isinstance(refusal, Superseded) and release.kind is AttemptKind.DEPLOY
            assert is_stale or not is_his or self.crossed
            return False
        assert is_his
        self.held[pid] = release
        if state is ReleaseState.GOOD:
            is_older = self.good is not None and self.good.commit > release.commit
            assert release.kind is AttemptKind.ROLLBACK or not is_older
            self.good = release
        return True

    def _head(self) -> Head:
        return self.ledger.head("hello", "sandbox")

    def _stored(self, release_id: str) -> Release:
        return self.ledger.get(release_id)

    def _attempts(self) -> list[Release]:
        found = self.table.newest("hello/sandbox", ATTEMPT_PREFIX, 1000)
        return [read_record(str(attributes["record"])) for attributes in found]


def _way_to_good(release: Release) -> list[ReleaseState]:
    way = ["PENDING", "BUILT", "APPLIED", "LIVE", "GOOD"]
    if release.is_terminal:
        return []
    return [ReleaseState(state) for state in way[way.index(release.state) + 1 :]]
