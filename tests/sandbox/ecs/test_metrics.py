"""CPU and memory of services: measured in percent of what their tasks have, and published."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.cloudwatch.feed import reported_usage
from sandbox.ecs.metrics import Measured, ServiceTasks, UsageMeter
from sandbox.ecs.usage import Usage, usage_of

Until = Callable[[Callable[[], Any]], Any]
MIB = 1024 * 1024


class Fleet:
    """One service, whose tasks a test sets."""

    def __init__(self) -> None:
        self.tasks: list[Measured] = []

    def service_tasks(self) -> Sequence[ServiceTasks]:
        """Return the service."""
        return [ServiceTasks("c", "s", 2, len(self.tasks), 0, tuple(self.tasks))]


class Clock:
    """A clock that a test moves."""

    at = 1_000_000.0

    def __call__(self) -> float:
        """Return the time that the test set."""
        return self.at


def task(name: str, cpu_seconds: float, mib: int) -> Measured:
    """Return a task of a quarter of a core and 512 MiB."""
    return Measured(name, 256, 512, Usage(cpu_seconds, mib * MIB))


def test_cpu_is_what_was_used_between_two_measurements() -> None:
    """In percent of the task's share of a core; a new task has none yet, but memory at once."""
    fleet, clock = Fleet(), Clock()
    meter = UsageMeter(fleet, 1, clock)
    fleet.tasks = [task("a", 10.0, 256)]
    (first,) = meter.measure()
    assert (first.cpu_percents, first.memory_percents) == ((), (50.0,))
    clock.at += 30
    fleet.tasks = [task("a", 13.75, 128), task("b", 1.0, 512)]
    (second,) = meter.measure()
    assert second.cpu_percents == (50.0,)
    assert second.memory_percents == (25.0, 100.0)


def test_measures_only_when_it_is_due() -> None:
    """The one who asks twice a second is answered twice a minute."""
    clock = Clock()
    meter = UsageMeter(Fleet(), 1, clock)
    assert len(list(meter.measure())) == 1
    clock.at += 29
    assert list(meter.measure()) == []
    clock.at += 1
    assert len(list(meter.measure())) == 1


def test_a_service_without_a_task_has_counts_and_no_usage() -> None:
    """Nothing runs, which is neither idle nor busy."""
    (usage,) = UsageMeter(Fleet(), 1, Clock()).measure()
    names = {item.key.name: item.sample.sum for item in reported_usage(usage)}
    assert names == {"DesiredTaskCount": 2, "RunningTaskCount": 0, "PendingTaskCount": 0}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc to read")
def test_usage_of_a_process_counts_its_children() -> None:
    """A worker that a service forks uses the service's share."""
    code = """
import os, time
child = os.fork()
if child == 0:
    held = bytearray(64 * 1024 * 1024)
    while time.process_time() < 0.3: pass
    print("busy", flush=True)
    time.sleep(60)
input()
os.kill(child, 9)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "busy\n"
        used = usage_of(process.pid)
        process.communicate("end\n", timeout=10)
    assert used is not None
    assert used.cpu_seconds >= 0.25
    assert used.memory_bytes > 64 * MIB
    assert usage_of(process.pid) is None


@pytest.mark.sandbox
def test_a_running_service_is_measured_for_cloudwatch(stage: Any, until: Until) -> None:
    """Real figures of real tasks, under the dimensions that alarms name."""
    name = stage.service(stage.definition())
    watch, began = stage.aws("cloudwatch"), datetime.now(UTC) - timedelta(minutes=1)
    dimensions = [
        {"Name": "ClusterName", "Value": "stage"},
        {"Name": "ServiceName", "Value": name},
    ]

    def seen(namespace: str, metric: str) -> Any:
        return watch.get_metric_statistics(
            Namespace=namespace,
            MetricName=metric,
            Dimensions=dimensions,
            StartTime=began,
            EndTime=datetime.now(UTC) + timedelta(minutes=1),
            Period=60,
            Statistics=["Average", "Maximum"],
        )["Datapoints"]

    memory = until(lambda: seen("AWS/ECS", "MemoryUtilization"))
    assert 0.1 < memory[-1]["Average"] < 50
    cpu = until(lambda: seen("AWS/ECS", "CPUUtilization"))
    assert cpu[-1]["Average"] >= 0
    running = until(lambda: seen("ECS/ContainerInsights", "RunningTaskCount"))
    assert running[-1]["Maximum"] == 1
    stage.delete(name)
