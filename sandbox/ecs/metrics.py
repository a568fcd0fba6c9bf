"""What services use of CPU and memory, for CloudWatch: a measurement of each at a time."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from sandbox.ecs.usage import Usage

# The real service publishes once a minute; twice, so that no minute passes without.
_EVERY_SECONDS = 30.0
_MOST_OFTEN_WALL_SECONDS = 0.5


@dataclass(frozen=True)
class Measured:
    """One running task: its size, and what it used so far where that can be seen."""

    task_id: str
    cpu_units: int
    memory_mib: int
    usage: Usage | None


@dataclass(frozen=True)
class ServiceTasks:
    """A service with the counts that ECS shows and its running tasks."""

    cluster: str
    service: str
    desired_count: int
    running_count: int
    pending_count: int
    tasks: Sequence[Measured]


@dataclass(frozen=True)
class ServiceUsage:
    """What the tasks of a service used, each in percent of its size; `at` in epoch seconds.

    A task's CPU is that since its last measurement, so that a new one has none yet.
    """

    at: float
    seen: ServiceTasks
    cpu_percents: tuple[float, ...]
    memory_percents: tuple[float, ...]


class Fleet(Protocol):
    """Who knows the services and their tasks."""

    def service_tasks(self) -> Sequence[ServiceTasks]:
        """Return every living service."""


class UsageMeter:
    """Measures when it is due; CPU is what was used between two measurements."""

    def __init__(self, fleet: Fleet, speed: float, now: Callable[[], float] = time.time) -> None:
        self._fleet, self._now = fleet, now
        self._every = max(_EVERY_SECONDS / speed, _MOST_OFTEN_WALL_SECONDS)
        self._last: dict[str, tuple[float, float]] = {}
        self._due = 0.0

    def measure(self) -> Iterator[ServiceUsage]:
        """Yield what each service used since the last time, where it is time again."""
        at = self._now()
        if at < self._due:
            return
        self._due = at + self._every
        found = self._fleet.service_tasks()
        before, self._last = self._last, {}
        for service in found:
            yield self._usage(service, at, before)

    def _usage(
        self, service: ServiceTasks, at: float, before: dict[str, tuple[float, float]]
    ) -> ServiceUsage:
        cpu, memory = [], []
        for task in service.tasks:
            if task.usage is None:
                continue
            memory.append(100 * task.usage.memory_bytes / (task.memory_mib * 1024 * 1024))
            self._last[task.task_id] = (at, task.usage.cpu_seconds)
            if task.task_id in before:
                since, seconds = before[task.task_id]
                used = max(task.usage.cpu_seconds - seconds, 0.0) / (at - since)
                cpu.append(100 * used / (task.cpu_units / 1024))
        return ServiceUsage(at, service, tuple(cpu), tuple(memory))


Source = Callable[[], Iterator[ServiceUsage]]
_sources: list[Source] = []


def usages() -> Iterator[ServiceUsage]:
    """Yield what every service used, where it is time to measure."""
    for source in tuple(_sources):
        yield from source()


def add_source(source: Source) -> None:
    """Make a meter's measurements part of what is yielded."""
    _sources.append(source)


def remove_source(source: Source) -> None:
    """Forget a meter whose services are gone."""
    _sources.remove(source)
