"""The scheduler's decisions, as data."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.ecs.plan import (
    RollingRules,
    Start,
    Stop,
    TaskView,
    backoff_seconds,
    breaker_threshold,
    computed_desired_count,
    is_steady,
    replica_steps,
    rolling_steps,
)

NEW, OLD = "ecs-svc/2", "ecs-svc/1"


def task(name: str, revision: str = NEW, **changes: object) -> TaskView:
    """Return a healthy task, changed as asked."""
    healthy = TaskView(name, revision, is_running=True, is_healthy=True)
    return replace(healthy, **changes)  # type: ignore[arg-type]


def test_starts_what_is_missing() -> None:
    """A task set below its count gets the missing tasks."""
    assert replica_steps(NEW, 3, [task("a")]) == [Start(NEW, 2)]


def test_does_not_count_a_stopping_task() -> None:
    """A task on its way out is replaced at once."""
    assert replica_steps(NEW, 1, [task("a", is_stopping=True)]) == [Start(NEW, 1)]


def test_starts_nothing_during_the_backoff() -> None:
    """Where starting must wait, nothing is started."""
    assert replica_steps(NEW, 1, [], may_start=False) == []


def test_stops_the_task_that_serves_least() -> None:
    """Scaling in takes a task that is not healthy before one that is."""
    steps = replica_steps(NEW, 1, [task("a"), task("b", is_healthy=False)])
    assert steps == [Stop("b", f"Scaling activity initiated by (deployment {NEW})")]


def test_replaces_a_task_that_fails_its_health_check() -> None:
    """An unhealthy target stops its task with ECS's reason, and another is started."""
    steps = replica_steps(NEW, 1, [task("a", is_healthy=False, failed_group="arn:tg")])
    reason = "Task failed ELB health checks in (target-group arn:tg)"
    assert steps == [Stop("a", reason), Start(NEW, 1)]


def test_rolling_keeps_old_tasks_until_new_ones_are_healthy() -> None:
    """With the default percentages nothing old stops while nothing new is healthy."""
    rules = RollingRules(desired=2)
    old = [task("a", OLD), task("b", OLD)]
    assert rolling_steps(NEW, rules, old) == [Start(NEW, 2)]
    new = [task("c", is_healthy=False), task("d")]
    stops = rolling_steps(NEW, rules, [*old, *new])
    assert stops == [Stop("a", f"Scaling activity initiated by (deployment {NEW})")]


def test_rolling_makes_way_first_where_nothing_may_be_added() -> None:
    """With 0 and 100 percent the old tasks go before the new ones come."""
    rules = RollingRules(desired=1, minimum_percent=0, maximum_percent=100)
    assert rolling_steps(NEW, rules, [task("a", OLD)]) == [
        Stop("a", f"Scaling activity initiated by (deployment {NEW})")
    ]
    stopping = task("a", OLD, is_stopping=True)
    assert rolling_steps(NEW, rules, [stopping]) == [Start(NEW, 1)]


@given(
    desired=st.integers(1, 20),
    old=st.lists(st.booleans(), max_size=20),
    new=st.lists(st.booleans(), max_size=20),
)
def test_rolling_never_stops_below_the_minimum(
    desired: int, old: list[bool], new: list[bool]
) -> None:
    """No step of a rolling deployment takes the healthy tasks below the minimum."""
    tasks = [task(f"o{n}", OLD, is_healthy=h) for n, h in enumerate(old)]
    tasks += [task(f"n{n}", NEW, is_healthy=h) for n, h in enumerate(new)]
    rules = RollingRules(desired)
    steps = rolling_steps(NEW, rules, tasks)
    stopped = {step.task_id for step in steps if isinstance(step, Stop)}
    before = sum(t.is_healthy for t in tasks)
    left = sum(t.is_healthy for t in tasks if t.task_id not in stopped)
    assert left >= min(before, rules.fewest_healthy)


@pytest.mark.slow
@given(desired=st.integers(0, 20), running=st.integers(0, 20))
def test_steps_reach_the_desired_count(desired: int, running: int) -> None:
    """Taking the steps leaves exactly the desired number of tasks."""
    tasks = [task(str(n)) for n in range(running)]
    steps = replica_steps(NEW, desired, tasks)
    added = sum(step.count for step in steps if isinstance(step, Start))
    removed = sum(isinstance(step, Stop) for step in steps)
    assert running + added - removed == desired


def test_scales_task_sets_up_to_whole_tasks() -> None:
    """A task set's count is rounded up."""
    assert computed_desired_count(3, 10.0) == 1
    assert computed_desired_count(3, 100.0) == 3
    assert computed_desired_count(3, 0.0) == 0


@pytest.mark.parametrize(("desired", "threshold"), [(1, 3), (10, 5), (11, 6), (1000, 200)])
def test_circuit_breaker_threshold(desired: int, threshold: int) -> None:
    """Half of the desired count trips the breaker, between 3 and 200."""
    assert breaker_threshold(desired) == threshold


def test_backoff_grows_to_a_quarter_of_an_hour() -> None:
    """Tasks that never run are started less and less often."""
    assert backoff_seconds(1) == 0
    assert backoff_seconds(3) < backoff_seconds(4)
    assert backoff_seconds(50) == 900


def test_is_not_steady_while_a_task_drains() -> None:
    """A service is steady only when nothing more is on its way out."""
    assert is_steady(1, [task("a")])
    assert not is_steady(1, [task("a"), task("b", is_stopping=True)])
    assert not is_steady(1, [task("a", is_healthy=False)])
