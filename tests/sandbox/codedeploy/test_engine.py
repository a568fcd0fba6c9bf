"""How deployments run and end, on a fast clock, with a site that only remembers."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from sandbox.clock import SandboxClock
from sandbox.codedeploy.appspec import AppSpec
from sandbox.codedeploy.engine import DeploymentRun
from sandbox.codedeploy.lifecycle import EVENT_NAMES, Status
from sandbox.codedeploy.outcome import SiteError
from sandbox.codedeploy.records import (
    AlarmWatch,
    Deployment,
    DeploymentGroup,
    Plan,
    Revision,
)
from sandbox.codedeploy.shifting import ECS_ALL_AT_ONCE, PREDEFINED, DeploymentConfig
from sandbox.codedeploy.surroundings import AlarmStates, Surroundings
from sandbox.codedeploy.switches import Switches

APPSPEC = """
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: web:2
        LoadBalancerInfo: {ContainerName: web, ContainerPort: 8080}
"""
HOOKED = APPSPEC + "Hooks:\n  - BeforeInstall: early\n  - AfterAllowTestTraffic: smoke\n"
GOOD_HOOK = "Succeeded"
NO_ALARMS = AlarmWatch()
DEFAULTS = Switches()
ALL_EVENTS = frozenset(
    {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"}
)


class RecordingSite:
    """A site on which everything works, and that remembers what was asked of it."""

    def __init__(self, *, becomes_healthy: bool = True, refuses: str | None = None) -> None:
        self.asked: list[str] = []
        self.becomes_healthy = becomes_healthy
        self.refuses = refuses

    def prepare(self) -> None:
        if self.refuses:
            raise SiteError("ELASTIC_LOAD_BALANCING_INVALID", self.refuses)

    def install(self, appspec: AppSpec, deployment_id: str) -> None:
        self.asked.append("install")

    def is_installed(self) -> bool:
        return self.becomes_healthy

    def allow_test_traffic(self) -> None:
        self.asked.append("test")

    def shift(self, percent: int) -> None:
        self.asked.append(f"shift {percent}")

    def promote(self) -> None:
        self.asked.append("promote")

    def retire_original(self) -> None:
        self.asked.append("retire")

    def restore(self) -> None:
        self.asked.append("restore")

    def sweep(self, stopping: threading.Event) -> None:
        self.asked.append("sweep")

    def task_sets(self) -> list[dict[str, object]]:
        return []


@dataclass
class Remembering(Deployment):
    """A deployment that remembers the statuses it passed."""

    passed: list[Status] = field(default_factory=list)

    def move_to(self, status: Status, at: datetime) -> None:
        super().move_to(status, at)
        self.passed.append(status)


class Bench:
    """One deployment, ready to run."""

    def __init__(
        self,
        site: RecordingSite | None = None,
        *,
        config: DeploymentConfig = ECS_ALL_AT_ONCE,
        ready_wait_minutes: int | None = None,
        termination_wait_minutes: int = 0,
        rollback_events: frozenset[str] = ALL_EVENTS,
        alarms: AlarmWatch = NO_ALARMS,
        content: str = APPSPEC,
        switches: Switches = DEFAULTS,
        speed: float = 1e6,
    ) -> None:
        self.site = site or RecordingSite()
        self.switches = switches
        self.clock = SandboxClock(speed)
        self.firing: tuple[str, ...] = ()
        self.unknown: tuple[str, ...] = ()
        self.hook_answer: str | None = GOOD_HOOK
        self.rollbacks: list[Deployment] = []
        now = datetime.now(UTC)
        settings: dict[str, Any] = {"ecsServices": [{"clusterName": "c", "serviceName": "s"}]}
        group = DeploymentGroup("app", "group", settings)
        plan = Plan(config, ready_wait_minutes, termination_wait_minutes, rollback_events, alarms)
        self.deployment = Remembering("d-1", group, settings, plan, Revision({}, content, now), now)

    def run(self) -> Deployment:
        around = Surroundings(
            clock=self.clock,
            stopping=threading.Event(),
            alarms=lambda names: AlarmStates(self.firing, self.unknown),
            invoke=self._invoke,
            open_rollback=self._open_rollback,
            switches=self.switches,
        )
        DeploymentRun(self.deployment, self.site, around).run()
        return self.deployment

    def start(self) -> threading.Thread:
        thread = threading.Thread(target=self.run, daemon=True)
        thread.start()
        return thread

    def wait_for(self, *statuses: Status) -> None:
        deadline = self.clock.deadline(5 * self.clock.speed)
        while self.deployment.status not in statuses and not deadline.is_past:
            threading.Event().wait(0.001)
        assert self.deployment.status in statuses

    def _invoke(self, function: str, deployment_id: str, execution_id: str) -> None:
        self.site.asked.append("hook")
        self.deployment.hooks[execution_id].outcome = self.hook_answer

    def _open_rollback(self, undone: Deployment) -> Deployment:
        rollback = Deployment(
            "d-2",
            undone.group,
            undone.group_settings,
            undone.plan.for_rollback(ECS_ALL_AT_ONCE),
            None,
            self.clock.now(),
            creator="codeDeployRollback",
        )
        self.rollbacks.append(rollback)
        return rollback


def _events(deployment: Deployment) -> dict[str, str]:
    return {event.name: str(event.status) for event in deployment.events}


def test_moves_all_and_retires_the_original_last() -> None:
    """The whole story in its order, every event succeeded."""
    bench = Bench()
    deployment = bench.run()
    assert deployment.status is Status.SUCCEEDED
    assert bench.site.asked == ["install", "test", "shift 100", "promote", "retire", "sweep"]
    assert _events(deployment) == dict.fromkeys(EVENT_NAMES, "Succeeded")
    assert deployment.group.last_successful is deployment


def test_shifts_by_the_schedule_of_its_configuration() -> None:
    """A canary has its share before everything."""
    config = PREDEFINED["CodeDeployDefault.ECSCanary10Percent5Minutes"]
    bench = Bench(config=config)
    bench.run()
    assert [step for step in bench.site.asked if "shift" in step] == ["shift 10", "shift 100"]


def test_stops_when_nobody_continues_it() -> None:
    """The Ready wait ends in Stopped, with the minutes in the message, and no traffic moved."""
    bench = Bench(ready_wait_minutes=7)
    deployment = bench.run()
    assert deployment.status is Status.STOPPED
    assert deployment.error is not None
    assert "This time out period is 7 minutes" in deployment.error[1]
    assert "shift 100" not in bench.site.asked
    assert "test" in bench.site.asked


def test_goes_on_when_it_is_continued() -> None:
    """ContinueDeployment ends the Ready wait, and another one the termination wait."""
    bench = Bench(ready_wait_minutes=60, termination_wait_minutes=60, speed=1.0)
    bench.switches = Switches(created_seconds=0)
    thread = bench.start()
    bench.wait_for(Status.READY)
    assert "shift 100" not in bench.site.asked
    for wait in ("READY_WAIT", "TERMINATION_WAIT"):
        bench.deployment.continued.add(wait)
        bench.deployment.wake.set()
    thread.join(5)
    assert bench.deployment.status is Status.SUCCEEDED


def test_is_stopped_by_request_and_rolls_back_as_another_deployment() -> None:
    """The current event fails, later ones are skipped, and the rollback has an id of its own."""
    bench = Bench(ready_wait_minutes=60, speed=1.0)
    bench.switches = Switches(created_seconds=0)
    thread = bench.start()
    bench.wait_for(Status.READY)
    bench.deployment.stop_requested = True
    bench.deployment.wake.set()
    thread.join(5)
    assert bench.deployment.status is Status.STOPPED
    assert bench.deployment.error is not None
    assert bench.deployment.error[0] == "MANUAL_STOP"
    assert [rollback.status for rollback in bench.rollbacks] == [Status.SUCCEEDED]
    assert bench.site.asked == ["install", "test", "restore", "sweep"]
    assert _events(bench.deployment)["BeforeAllowTraffic"] == "Skipped"


def test_stays_as_it_is_when_stopped_without_rollback() -> None:
    """Without a rollback nothing is restored and nothing created."""
    bench = Bench(ready_wait_minutes=60, rollback_events=frozenset(), speed=1.0)
    bench.switches = Switches(created_seconds=0)
    thread = bench.start()
    bench.wait_for(Status.READY)
    bench.deployment.stop_requested = True
    thread.join(5)
    assert bench.deployment.status is Status.STOPPED
    assert (bench.rollbacks, "restore" in bench.site.asked) == ([], False)


@pytest.mark.parametrize("asked", [True, False])
def test_the_request_decides_over_the_group_whether_a_stop_rolls_back(asked: bool) -> None:
    """autoRollbackEnabled of StopDeployment wins over the group's events."""
    bench = Bench(
        ready_wait_minutes=60,
        rollback_events=frozenset() if asked else ALL_EVENTS,
        speed=1.0,
        switches=Switches(created_seconds=0),
    )
    thread = bench.start()
    bench.wait_for(Status.READY)
    bench.deployment.stop_rolls_back = asked
    bench.deployment.stop_requested = True
    thread.join(5)
    assert bool(bench.rollbacks) is asked


def test_an_alarm_at_creation_stops_it_before_anything_runs() -> None:
    """An alarm that already fires stops at once, and there is nothing to roll back."""
    bench = Bench(alarms=AlarmWatch(("errors",)))
    bench.firing = ("errors",)
    deployment = bench.run()
    assert deployment.status is Status.STOPPED
    assert deployment.error is not None
    assert deployment.error[0] == "ALARM_ACTIVE"
    assert deployment.error[1].endswith("Activated alarms: errors")
    assert (bench.site.asked, bench.rollbacks) == (["sweep"], [])


def test_an_alarm_while_it_watches_the_new_tasks_rolls_back() -> None:
    """The termination wait is watched too: full traffic returns to the original."""
    bench = Bench(
        alarms=AlarmWatch(("errors",)),
        termination_wait_minutes=60,
        speed=1.0,
        switches=Switches(created_seconds=0),
    )
    thread = bench.start()
    deadline = bench.clock.deadline(5)
    while not bench.deployment.termination_wait_started and not deadline.is_past:
        threading.Event().wait(0.001)
    bench.firing = ("errors",)
    bench.deployment.wake.set()
    thread.join(5)
    assert bench.deployment.status is Status.STOPPED
    assert len(bench.rollbacks) == 1
    assert bench.site.asked[-2:] == ["restore", "sweep"]


@pytest.mark.parametrize(("ignores", "status"), [(True, "Succeeded"), (False, "Stopped")])
def test_alarms_that_cannot_be_read_stop_it_unless_ignored(ignores: bool, status: str) -> None:
    """ignorePollAlarmFailure says what an unreadable alarm means."""
    bench = Bench(alarms=AlarmWatch(("gone",), ignores_poll_failure=ignores))
    bench.unknown = ("gone",)
    assert bench.run().status == status


def test_fails_when_the_new_tasks_never_become_healthy() -> None:
    """Sixty sandbox minutes, then Failed; the original gets everything back."""
    bench = Bench(RecordingSite(becomes_healthy=False))
    deployment = bench.run()
    assert deployment.status is Status.FAILED
    assert deployment.error is not None
    assert deployment.error[1].endswith("This time out period is 60 minutes.")
    assert _events(deployment)["Install"] == "Failed"
    assert len(bench.rollbacks) == 1


def test_fails_before_any_task_set_when_the_listener_disagrees() -> None:
    """A listener that does not serve the live group fails it with nothing to roll back."""
    bench = Bench(RecordingSite(refuses="must be behind listener"))
    deployment = bench.run()
    assert deployment.status is Status.FAILED
    assert bench.site.asked == ["sweep"]
    assert set(_events(deployment).values()) == {"Skipped"}


def test_a_failing_hook_fails_it() -> None:
    """The callback decides, and BeforeInstall is too early for a rollback."""
    bench = Bench(content=HOOKED)
    bench.hook_answer = "Failed"
    deployment = bench.run()
    assert deployment.status is Status.FAILED
    assert deployment.error is not None
    assert deployment.error[0] == "HOOK_EXECUTION_FAILURE"
    assert bench.rollbacks == []


def test_a_hook_that_never_calls_back_fails_it() -> None:
    """An hour without a callback is a failure."""
    bench = Bench(content=HOOKED)
    bench.hook_answer = None
    error = bench.run().error
    assert error is not None
    assert "within one hour" in error[1]


def test_hooks_that_succeed_are_each_called_once() -> None:
    """Every hook of the AppSpec is invoked, no other."""
    bench = Bench(content=HOOKED)
    deployment = bench.run()
    assert deployment.status is Status.SUCCEEDED
    called = [execution.event for execution in deployment.hooks.values()]
    assert called == ["BeforeInstall", "AfterAllowTestTraffic"]


def test_a_broken_appspec_fails_it() -> None:
    """What cannot be read is told as INVALID_REVISION."""
    error = Bench(content="nonsense: [").run().error
    assert error is not None
    assert error[0] == "INVALID_REVISION"


@pytest.mark.parametrize(
    ("switches", "passed"),
    [
        (Switches(), [Status.IN_PROGRESS, Status.SUCCEEDED]),
        (
            Switches(queued=True, baking=True),
            [Status.QUEUED, Status.IN_PROGRESS, Status.BAKING, Status.SUCCEEDED],
        ),
    ],
)
def test_shows_queued_and_baking_only_on_request(switches: Switches, passed: list[Status]) -> None:
    """Neither was ever observed for ECS."""
    bench = Bench(switches=switches)
    bench.run()
    assert bench.deployment.passed == passed


@pytest.mark.parametrize(
    ("flips", "order"),
    [("at_full_traffic", ["promote", "hook"]), ("after_hooks", ["hook", "promote"])],
)
def test_becomes_primary_before_or_after_the_last_hook(
    flips: Literal["at_full_traffic", "after_hooks"], order: list[str]
) -> None:
    """The moment of the flip is unsourced: either can be had."""
    content = APPSPEC + "Hooks:\n  - AfterAllowTraffic: check\n"
    bench = Bench(content=content, switches=Switches(primary_flips=flips))
    bench.run()
    assert [step for step in bench.site.asked if step in order] == order
