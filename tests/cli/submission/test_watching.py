"""A watch shows what happens once and in order, and ends when the run does or patience does."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from cli.submission.watched import Watched
from cli.submission.watching import Patience, Watch, inert, patiently
from delightful.errors import TransientError
from delightful.release import Release
from delightful.run_outcome import RunOutcome
from flows.runs.flow_runs import FlowRuns, LogLine, SeenRun
from flows.runs.waiting import Pace
from tests.cli.submission.test_watched import run

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
AWAY = TransientError("E_PREFECT_UNREACHABLE", "no answer", hint="wait")


class Clock:
    """Seconds that pass while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class StagedRuns(FlowRuns):
    """A server whose run goes through states, one each look; the last one stays."""

    def __init__(self, *states: SeenRun | TransientError) -> None:
        self._states = list(states)
        self.logged: list[LogLine] = []
        self.on_look: Callable[[int], None] = lambda number: None
        self.asked_since: list[datetime | None] = []
        self._looks = 0

    def look(self, run_id: str) -> SeenRun:
        self._looks += 1
        self.on_look(self._looks)
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        if isinstance(state, TransientError):
            raise state
        return state

    def family(self, run_id: str) -> list[str]:
        return [run_id]

    def lines(self, run_ids: Sequence[str], since: datetime | None) -> list[LogLine]:
        self.asked_since.append(since)
        found = (one for one in self.logged if since is None or one.at >= since)
        return sorted(found, key=lambda one: one.at)

    def outcome(self, run_id: str) -> RunOutcome | None:
        return RunOutcome(exit_code=0)

    def release(
        self, service: str, environment: str, run_ids: Sequence[str], named: str | None
    ) -> Release | None:
        return None


def watched(
    runs: StagedRuns, patience: Patience | None = None, shown: list[str] | None = None
) -> Watched:
    """Watch a run whose time passes at once."""
    clock = Clock()
    say = (shown if shown is not None else []).append
    patience = patience or Patience(3600, 600, 300)
    pace = Pace(2.0, clock, clock.sleep)
    return Watch(runs, run("SCHEDULED"), say, patience, pace).to_the_end()


def line(number: int, message: str | None = None) -> LogLine:
    """Return the line of a number, a second after the one before."""
    at = NOON + timedelta(seconds=number)
    return LogLine(id=str(number), at=at, message=message or f"line {number}")


def test_shows_each_line_once_and_in_order() -> None:
    """Lines that are sent late, also after the end of the run, are not lost."""
    runs = StagedRuns(run("PENDING"), run("RUNNING"), run("RUNNING"), run("COMPLETED"))
    arriving = {1: [line(2), line(1)], 2: [line(4)], 3: [line(3)], 4: [line(5)]}
    runs.on_look = lambda number: runs.logged.extend(arriving.get(number, []))
    shown: list[str] = []
    assert watched(runs, shown=shown).left is None
    lines = [text for text in shown if text.startswith("line")]
    assert lines == ["line 1", "line 2", "line 4", "line 3", "line 5"]
    assert shown[0] == "flow run: Pending"
    assert runs.asked_since[-1] is not None


def test_leaves_out_what_prefect_logs_for_itself() -> None:
    """A traceback of the flow and the book-keeping of runs are on the run's page."""
    runs = StagedRuns(run("RUNNING"), run("COMPLETED"))
    runs.logged = [line(1, "Beginning flow run 'x'"), line(2, "two\nlines"), line(3, "\x1b[2J")]
    shown: list[str] = []
    watched(runs, shown=shown)
    assert shown[:3] == ["two", "lines", "\\u001b[2J"]


@pytest.mark.parametrize(
    "text",
    ["::add-mask::x", "  ::error::x", "##[group]x", "a ##[command]x", "\t::stop-commands::x"],
)
def test_no_line_is_a_command_to_githubs_runner(text: str) -> None:
    """What a service's build prints stays text in the job's log."""
    shown = inert(text)
    assert not shown.lstrip().startswith("::")
    assert "##[" not in shown


def test_waits_for_a_server_that_is_away_for_a_while() -> None:
    """A server that is back before patience ends changes nothing of the outcome."""
    away = [AWAY] * 20
    seen = watched(StagedRuns(run("RUNNING"), *away, run("COMPLETED")))
    assert (seen.left, seen.run.state_type) == (None, "COMPLETED")


@pytest.mark.parametrize(
    ("states", "left"),
    [
        ([run("RUNNING"), AWAY], "unreachable"),
        ([run("RUNNING")], "timeout"),
        ([run("SCHEDULED", state_name="Late")], "not_started"),
        ([run("PENDING")], "not_started"),
        ([run("SCHEDULED", state_name="AwaitingConcurrencySlot")], "timeout"),
        ([run("RUNNING"), run("SCHEDULED", state_name="AwaitingRetry")], "timeout"),
    ],
)
def test_patience_ends(states: list[SeenRun | TransientError], left: str) -> None:
    """No worker, no answer, no end: each is told apart; a queue is no missing worker."""
    assert watched(StagedRuns(*states)).left == left


def test_asks_again_for_as_long_as_it_may_help() -> None:
    """A request is repeated on what may pass, until patience ends."""
    clock, asked = Clock(), []

    def ask() -> str:
        asked.append(clock.now)
        if clock.now < 10:
            raise AWAY
        return "answer"

    pace = Pace(2.0, clock, clock.sleep)
    assert patiently(ask, pace, 60) == "answer"
    assert asked == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    clock.now = 0
    with pytest.raises(TransientError):
        patiently(ask, pace, 5)
