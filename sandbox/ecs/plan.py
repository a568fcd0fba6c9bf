"""What the service scheduler does next, as data: which tasks to start, which to stop and why."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TaskView:
    """A task as the scheduler sees it.

    `revision` is the id of the rolling deployment or task set that it belongs to; `is_healthy`
    means running with container and load balancer checks passed; `failed_group` is the target
    group in which it is unhealthy, after the grace period, and `failed_check` how that was seen.
    """

    task_id: str
    revision: str
    is_running: bool
    is_healthy: bool
    is_stopping: bool = False
    failed_group: str | None = None
    failed_check: str | None = None
    failed_container_check: bool = False


@dataclass(frozen=True)
class Start:
    """Start so many tasks of a revision."""

    revision: str
    count: int


@dataclass(frozen=True)
class Stop:
    """Stop a task; `reason` is what ECS writes as stoppedReason."""

    task_id: str
    reason: str


Step = Start | Stop


@dataclass(frozen=True)
class RollingRules:
    """How far a rolling deployment may go below and above the desired count."""

    desired: int
    minimum_percent: int = 100
    maximum_percent: int = 200

    @property
    def fewest_healthy(self) -> int:
        """Return how many healthy tasks must be left."""
        return math.ceil(self.desired * self.minimum_percent / 100)

    @property
    def most(self) -> int:
        """Return how many tasks there may be, never so few that nothing can start."""
        return max(math.floor(self.desired * self.maximum_percent / 100), 1)


def computed_desired_count(desired: int, scale_percent: float) -> int:
    """Return how many tasks a task set has at a scale: rounded up."""
    return math.ceil(desired * scale_percent / 100)


def breaker_threshold(desired: int) -> int:
    """Return how many failed tasks trip the deployment circuit breaker: half, 3 to 200."""
    return min(max(math.ceil(desired * 0.5), 3), 200)


def backoff_seconds(failures: int) -> float:
    """Return how long to wait after tasks that never ran, up to 15 minutes."""
    return 0.0 if failures < 2 else min(2.0 ** (failures - 1), 900.0)


def failing_stops(tasks: Iterable[TaskView]) -> list[Stop]:
    """Return the stops of tasks that run and fail a health check."""
    stops = []
    for task in tasks:
        if task.is_stopping:
            continue
        if task.failed_container_check:
            stops.append(Stop(task.task_id, "Task failed container health checks"))
        elif task.failed_group:
            reason = f"Task failed ELB health checks in (target-group {task.failed_group})"
            stops.append(Stop(task.task_id, reason))
    return stops


def replica_steps(
    revision: str, desired: int, tasks: Sequence[TaskView], *, may_start: bool = True
) -> list[Step]:
    """Return what brings one task set to its count."""
    failing = failing_stops(tasks)
    stopped = {stop.task_id for stop in failing}
    live = [task for task in tasks if not task.is_stopping and task.task_id not in stopped]
    missing = desired - len(live)
    if missing > 0:
        return [*failing, *([Start(revision, missing)] if may_start else [])]
    return [*failing, *_surplus(live, -missing, revision)]


def _surplus(live: Sequence[TaskView], count: int, revision: str) -> list[Stop]:
    # Those that do least: not running, then not healthy, then the youngest.
    order = sorted(
        enumerate(live), key=lambda item: (item[1].is_healthy, item[1].is_running, -item[0])
    )
    reason = f"Scaling activity initiated by (deployment {revision})"
    return [Stop(task.task_id, reason) for _, task in order[:count]]


def rolling_steps(
    primary: str, rules: RollingRules, tasks: Sequence[TaskView], *, may_start: bool = True
) -> list[Step]:
    """Return the next steps of a rolling deployment towards its primary revision."""
    failing = failing_stops(tasks)
    stopped = {stop.task_id for stop in failing}
    live = [task for task in tasks if not task.is_stopping and task.task_id not in stopped]
    new = [task for task in live if task.revision == primary]
    old = [task for task in live if task.revision != primary]
    steps: list[Step] = [*failing, *_surplus(new, max(0, len(new) - rules.desired), primary)]
    missing = min(rules.desired - len(new), rules.most - len(live))
    if missing > 0 and may_start:
        steps.append(Start(primary, missing))
    return [*steps, *_replaced(primary, rules, new, old)]


def _replaced(
    primary: str, rules: RollingRules, new: Sequence[TaskView], old: Sequence[TaskView]
) -> list[Stop]:
    healthy = sum(task.is_healthy for task in (*new, *old))
    spare = healthy - rules.fewest_healthy
    stops = []
    for task in sorted(old, key=lambda task: task.is_healthy):
        if task.is_healthy:
            if spare <= 0:
                break
            spare -= 1
        stops.append(Stop(task.task_id, f"Scaling activity initiated by (deployment {primary})"))
    return stops


def is_steady(desired: int, tasks: Iterable[TaskView]) -> bool:
    """Say whether exactly the desired tasks run and are healthy, and none is on its way out."""
    tasks = tuple(tasks)
    return len(tasks) == desired and all(t.is_healthy and not t.is_stopping for t in tasks)
