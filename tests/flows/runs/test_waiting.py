"""Waits are bounded, patient with what is only unreachable, and never sleep past their end."""

from collections.abc import Callable, Iterator

import pytest

from blocks.ecs.rollout import RolloutPhase, RolloutProgress
from delightful.errors import TransientError
from flows.rollouts.following import PAST_LIVE, PAST_READY, follow, percent_of
from flows.runs.waiting import Pace, wait_until

UNREACHABLE = TransientError("E_UNREACHABLE", "no answer", hint="try again")


class Watch:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def pace(self) -> Pace:
        return Pace(1.0, clock=lambda: self.now, sleep=self.sleep)


def looks(*seen: object) -> Callable[[], object]:
    """Return a look that sees one thing after another, the last for good; errors are raised."""
    rest: Iterator[object] = iter(seen)
    last: list[object] = []

    def look() -> object:
        last[:] = [next(rest, *last)]
        if isinstance(last[0], Exception):
            raise last[0]
        return last[0]

    return look


def phases(*names: RolloutPhase) -> Callable[[], RolloutProgress]:
    """Return a look at a rollout that goes through these phases."""
    seen = looks(*names)

    def look() -> RolloutProgress:
        return RolloutProgress(
            deployment_id="d-1",
            phase=seen(),  # type: ignore[arg-type]
            status="InProgress",
            weights={},
            message="",
            deadline_seconds=30,
        )

    return look


def test_wait_ends_with_the_first_look_that_is_over() -> None:
    """Nothing is waited for once it is there."""
    watch = Watch()
    assert wait_until(looks(None, None, "x"), bool, pace=watch.pace(), timeout_seconds=9) == (
        "x",
        True,
    )
    assert watch.now == 2.0


def test_wait_gives_up_in_time_with_what_it_saw() -> None:
    """A wait of nine seconds takes nine seconds, also where it only ever sees None."""
    watch = Watch()
    found = wait_until(looks(None), bool, pace=watch.pace(), timeout_seconds=9)
    assert (found, watch.now) == ((None, False), 9.0)


def test_wait_looks_once_even_without_time() -> None:
    """A bake of zero seconds still looks."""
    assert wait_until(looks("x"), bool, pace=Watch().pace(), timeout_seconds=0) == ("x", True)


def test_wait_is_patient_with_an_outage() -> None:
    """What cannot be reached for a moment counts as not yet."""
    found, is_over = wait_until(
        looks(UNREACHABLE, UNREACHABLE, "x"), bool, pace=Watch().pace(), timeout_seconds=9
    )
    assert (found, is_over) == ("x", True)


def test_wait_that_never_saw_anything_says_why() -> None:
    """An outage for the whole of the wait is raised, not called a timeout."""
    with pytest.raises(TransientError):
        wait_until(looks(UNREACHABLE), bool, pace=Watch().pace(), timeout_seconds=3)


def test_follow_ends_where_it_was_told_to() -> None:
    """A rollout is followed to the phase that is wanted, each phase shown once it is reached."""
    shown: list[str] = []
    seen, in_time = follow(
        phases("waiting", "waiting", "ready"),
        PAST_READY,
        pace=Watch().pace(),
        show=lambda percent, text: shown.append(text),
    )
    assert (seen.phase, in_time) == ("ready", True)
    assert shown[-1].startswith("ready")


def test_follow_ends_with_a_rollout_that_gave_up() -> None:
    """A rollout that ended otherwise is not waited for."""
    seen, in_time = follow(
        phases("shifting", "rolling_back", "rolled_back"),
        PAST_LIVE,
        pace=Watch().pace(),
        show=lambda percent, text: None,
    )
    assert (seen.phase, in_time) == ("rolled_back", True)


def test_follow_bounds_each_phase_by_itself() -> None:
    """A phase may last as long as it may, whatever the one before it took."""
    watch = Watch()
    slow: list[RolloutPhase] = ["waiting"] * 20 + ["shifting"]
    seen, in_time = follow(
        phases(*slow), PAST_LIVE, pace=watch.pace(), show=lambda percent, text: None
    )
    assert (seen.phase, in_time, watch.now) == ("shifting", False, 50.0)


def test_follow_takes_the_shorter_bound() -> None:
    """The manifest's patience counts where it is shorter than the engine's."""
    watch = Watch()
    seen, in_time = follow(
        phases("waiting"),
        PAST_READY,
        pace=watch.pace(),
        show=lambda percent, text: None,
        bounds={"waiting": 10},
    )
    assert (seen.phase, in_time, watch.now) == ("waiting", False, 10.0)


def test_bar_only_moves_forward() -> None:
    """The bar of a rollout that goes well never falls."""
    way: list[RolloutPhase] = ["waiting", "ready", "shifting", "live", "finished"]
    percents = [percent_of(phases(phase)()) for phase in way]
    assert percents == sorted(percents)
