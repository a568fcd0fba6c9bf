"""Follows one flow run to its end: log lines as they come, each once; the run is never touched."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import FrameType
from typing import NamedTuple, TypeVar

from cli.connection import BOOKKEEPING
from cli.submission.watched import Left, Watched
from delightful.errors import TransientError
from delightful.release import Release
from delightful.run_outcome import RunOutcome
from delightful.text import escaped
from flows.runs.flow_runs import FlowRuns, LogLine, SeenRun
from flows.runs.waiting import Pace

Seen = TypeVar("Seen")

# How far behind a line's own time it may arrive: Prefect sends logs in batches.
_LATE_LINES = timedelta(seconds=30)
_LINE_CHARACTERS = 2000


@dataclass(frozen=True)
class Patience:
    """How long a watch waits: in all, for the run to be taken up, and for a server that is away.

    After the run's end, logs that are still on their way have `lines_seconds`.
    """

    total_seconds: float
    start_seconds: float
    away_seconds: float
    lines_seconds: float = 5.0


class Told(NamedTuple):
    """What a run that has ended left behind."""

    outcome: RunOutcome | None
    release: Release | None


@dataclass
class Watch:
    """One watch of one run."""

    runs: FlowRuns
    run: SeenRun
    say: Callable[[str], None]
    patience: Patience
    pace: Pace
    _shown: set[str] = field(default_factory=set)
    _newest: datetime | None = None
    _state: str = ""
    _has_begun: bool = False

    def to_the_end(self) -> Watched:
        """Follow the run; what is returned says how it ended or why it was left."""
        began = answered = waiting = self.pace.clock()
        while True:
            try:
                self._look()
                answered = self.pace.clock()
            except TransientError as error:
                self._say_once(f"the server does not answer, trying again: {error.message}")
            if self.run.has_ended:
                return self._ended()
            if not self._is_waiting_for_worker():
                waiting = self.pace.clock()
            left = self._reason_to_leave(began, answered, waiting)
            if left:
                return Watched(self.run, left=left)
            self.pace.sleep(self.pace.poll_seconds)

    def _look(self) -> None:
        # Lines first: what was logged before the end is then shown before the end is.
        self._show_lines()
        self.run = self.runs.look(self.run.id)
        self._say_once(self.run.state_name)

    def _is_waiting_for_worker(self) -> bool:
        self._has_begun = self._has_begun or self.run.has_begun
        return not self._has_begun and self.run.state_name != "AwaitingConcurrencySlot"

    def _reason_to_leave(self, began: float, answered: float, waiting: float) -> Left | None:
        now = self.pace.clock()
        if now - answered >= self.patience.away_seconds:
            return "unreachable"
        if now - began >= self.patience.total_seconds:
            return "timeout"
        return "not_started" if now - waiting >= self.patience.start_seconds else None

    def _ended(self) -> Watched:
        deadline = self.pace.clock() + self.patience.away_seconds
        lines_deadline = self.pace.clock() + self.patience.lines_seconds
        while True:
            try:
                self._drain(lines_deadline)
                told = told_of(self.runs, self.run)
                return Watched(self.run, told.outcome, told.release)
            except TransientError:
                if self.pace.clock() >= deadline:
                    return Watched(self.run, left="unreachable")
                self.pace.sleep(self.pace.poll_seconds)

    def _drain(self, deadline: float) -> None:
        """Show what is still on its way: until two looks in a row bring nothing new."""
        quiet = 0
        while quiet < 2:
            quiet = 0 if self._show_lines() else quiet + 1
            if self.pace.clock() >= deadline:
                return
            if quiet < 2:
                self.pace.sleep(self.pace.poll_seconds)

    def _show_lines(self) -> bool:
        since = self._newest - _LATE_LINES if self._newest else None
        found = self.runs.lines(self.runs.family(self.run.id), since)
        fresh = [line for line in found if line.id not in self._shown]
        for line in fresh:
            self._show(line)
        return bool(fresh)

    def _show(self, line: LogLine) -> None:
        self._shown.add(line.id)
        self._newest = max(self._newest or line.at, line.at)
        if not line.message.startswith(BOOKKEEPING):
            for text in line.message.splitlines() or [""]:
                self.say(inert(text))

    def _say_once(self, state: str) -> None:
        if state != self._state:
            self._state = state
            self.say(f"flow run: {inert(state)}")


def told_of(runs: FlowRuns, run: SeenRun) -> Told:
    """Return what a run that has ended left behind: its outcome, and the release as it stands."""
    outcome = runs.outcome(run.id)
    service, environment = (str(run.parameters.get(name)) for name in ("service", "environment"))
    if run.flow not in ("deploy", "rollback"):
        return Told(outcome, None)
    named = outcome.release_id if outcome else None
    return Told(outcome, runs.release(service, environment, runs.family(run.id), named))


def inert(text: str) -> str:
    """Return a log's line so that GitHub's runner takes no part of it for a command of a step."""
    shown = escaped(text, limit=_LINE_CHARACTERS).replace("##[", "## [")
    return f"·{shown}" if shown.lstrip().startswith("::") else shown


def patiently(ask: Callable[[], Seen], pace: Pace, away_seconds: float) -> Seen:
    """Ask until there is an answer; a server that stays away is told as the error that it is."""
    deadline = pace.clock() + away_seconds
    while True:
        try:
            return ask()
        except TransientError:
            if pace.clock() >= deadline:
                raise
            pace.sleep(pace.poll_seconds)


class Stop:
    """Whether somebody asked for a stop: told at the next wait, for a client may swallow it.

    Asked a second time, it interrupts whatever is being done.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if self._asked.is_set():
            raise KeyboardInterrupt
        self._asked.set()

    def sleep(self, seconds: float) -> None:
        """Wait; raises KeyboardInterrupt at once where a stop is asked for."""
        if self._asked.wait(seconds):
            raise KeyboardInterrupt


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """Let SIGTERM and Ctrl-C stop what waits inside."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {one: signal.signal(one, stop.ask) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
