"""One CodeDeploy deployment on its way: the story, its waits, and how it ends."""

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from sandbox.clock import SandboxClock
from sandbox.codedeploy.appspec import AppSpec, InvalidAppSpec, read_appspec
from sandbox.codedeploy.hooks import (
    CALLBACK_TIMED_OUT,
    CALLBACK_TIMEOUT_SECONDS,
    HOOK_FAILED,
    Invoke,
)
from sandbox.codedeploy.lifecycle import (
    EventStatus,
    Status,
    has_begun,
    with_aborted,
    with_begun,
    with_ended,
)
from sandbox.codedeploy.records import Deployment, HookExecution, RollbackEvent
from sandbox.codedeploy.shifting import shift_steps
from sandbox.codedeploy.switches import Switches

log = logging.getLogger(__name__)
HEALTHY_TIMEOUT_SECONDS = 3600
NEVER_HEALTHY = (
    "The deployment timed out while waiting for the replacement task set to become healthy."
    " This time out period is 60 minutes."
)
NOT_CONTINUED = (
    "The deployment timed out while waiting for a notification to continue. This time out period"
    " is {minutes} minutes."
)
ALARM_ACTIVE = (
    "One or more alarms have been activated according to the Amazon CloudWatch metrics you"
    " selected, and the affected deployments have been stopped. Activated alarms: {names}"
)
ALARMS_UNKNOWN = (
    "The state of one or more alarms could not be retrieved from Amazon CloudWatch: {names}"
)
STOPPED_BY_USER = "The deployment was stopped by a request of the user."
# How often, on the wall, a waiting deployment looks for alarms and for what it waits for.
_LOOK_EVERY_SECONDS = 0.2


class SiteError(Exception):
    """ECS or the load balancer refused; `code` is CodeDeploy's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Site(Protocol):
    """Where a deployment happens: one ECS service between two target groups."""

    def prepare(self) -> None:
        """Check service and listeners, before anything is changed."""

    def install(self, appspec: AppSpec, deployment_id: str) -> None:
        """Start the replacement task set."""

    def is_installed(self) -> bool:
        """Say whether the replacement runs in full and is healthy wherever health is checked."""

    def allow_test_traffic(self) -> None:
        """Send the test listener's traffic to the replacement."""

    def shift(self, percent: int) -> None:
        """Give the replacement so much of the production traffic."""

    def promote(self) -> None:
        """Make the replacement the service's primary task set."""

    def retire_original(self) -> None:
        """Scale the original to nothing."""

    def restore(self) -> None:
        """Give everything back to the original and scale the replacement to nothing."""

    def sweep(self, stopping: threading.Event) -> None:
        """Remove what was retired, once it has drained."""

    def task_sets(self) -> list[dict[str, object]]:
        """Return the task sets as the deployment's target shows them."""


class AlarmReader(Protocol):
    """Who knows the state of alarms."""

    def __call__(self, names: tuple[str, ...]) -> "AlarmStates":
        """Return which of the alarms are in ALARM, and which are not to be found."""


@dataclass(frozen=True)
class AlarmStates:
    """What CloudWatch says of a group's alarms."""

    firing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Abort(Exception):
    """The deployment ends here, for this reason."""

    def __init__(self, status: Status, code: str, message: str, event: RollbackEvent) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.event = status, code, message, event


class Leaving(Exception):
    """The sandbox goes down."""


def failed(code: str, message: str) -> Abort:
    """Return the end of a deployment that failed."""
    return Abort(Status.FAILED, code, message, "DEPLOYMENT_FAILURE")


def stopped(code: str, message: str, event: RollbackEvent) -> Abort:
    """Return the end of a deployment that was stopped."""
    return Abort(Status.STOPPED, code, message, event)


@dataclass(frozen=True)
class Surroundings:
    """What every deployment needs."""

    clock: SandboxClock
    stopping: threading.Event
    alarms: AlarmReader
    invoke: Invoke
    switches: Switches


class DeploymentRun:
    """Runs one deployment to its end, and its rollback where it needs one."""

    def __init__(
        self,
        deployment: Deployment,
        site: Site,
        around: Surroundings,
        open_rollback: Callable[[Deployment], Deployment],
    ) -> None:
        self._deployment = deployment
        self._site = site
        self._around = around
        self._open_rollback = open_rollback

    def run(self) -> None:
        """Tell the story; every way it can end is recorded on the deployment."""
        try:
            self._deploy()
        except Leaving:
            return
        except Abort as abort:
            self._end(abort)
        except SiteError as error:
            self._end(failed(error.code, str(error)))
        except Exception as error:
            log.exception("deployment %s", self._deployment.id)
            self._end(failed("INTERNAL_ERROR", f"The sandbox failed: {error!r}"))
        self._site.sweep(self._around.stopping)

    def _deploy(self) -> None:
        appspec = self._begin()
        self._hook("BeforeInstall", appspec)
        with self._event("Install"):
            self._install(appspec)
        self._hook("AfterInstall", appspec)
        with self._event("AllowTestTraffic"):
            self._site.allow_test_traffic()
        self._hook("AfterAllowTestTraffic", appspec)
        self._wait_until_told_to_continue()
        self._hook("BeforeAllowTraffic", appspec)
        with self._event("AllowTraffic"):
            self._shift_traffic()
        self._hook("AfterAllowTraffic", appspec)
        if self._around.switches.primary_flips == "after_hooks":
            self._site.promote()
        self._wait_before_termination()
        self._succeed()

    def _begin(self) -> AppSpec:
        switches = self._around.switches
        self._look()
        self._pause(switches.created_seconds)
        if switches.queued:
            self._move_to(Status.QUEUED)
            self._pause(switches.created_seconds)
        self._move_to(Status.IN_PROGRESS)
        self._note(EventStatus.IN_PROGRESS)
        appspec = self._read_appspec()
        self._site.prepare()
        return appspec

    def _read_appspec(self) -> AppSpec:
        revision = self._deployment.revision
        try:
            return read_appspec(revision.content if revision else "")
        except InvalidAppSpec as invalid:
            raise failed("INVALID_REVISION", str(invalid)) from invalid

    def _install(self, appspec: AppSpec) -> None:
        self._site.install(appspec, self._deployment.id)
        if not self._wait_for(self._site.is_installed, HEALTHY_TIMEOUT_SECONDS):
            raise failed("TIMEOUT", NEVER_HEALTHY)

    def _wait_until_told_to_continue(self) -> None:
        minutes = self._deployment.plan.ready_wait_minutes
        if minutes is None:
            return
        self._move_to(Status.READY)
        self._note(EventStatus.READY)
        if not self._wait_for(lambda: "READY_WAIT" in self._deployment.continued, minutes * 60):
            message = NOT_CONTINUED.format(minutes=minutes)
            raise stopped("TIMEOUT", message, "DEPLOYMENT_FAILURE")
        self._move_to(Status.IN_PROGRESS)
        self._note(EventStatus.IN_PROGRESS)

    def _shift_traffic(self) -> None:
        for step in shift_steps(self._deployment.plan.config.routing):
            self._pause(step.wait_seconds)
            self._site.shift(step.percent)
        if self._around.switches.primary_flips == "at_full_traffic":
            self._site.promote()

    def _wait_before_termination(self) -> None:
        self._deployment.termination_wait_started = True
        if self._around.switches.baking:
            self._move_to(Status.BAKING)
        seconds = self._deployment.plan.termination_wait_minutes * 60
        self._wait_for(lambda: "TERMINATION_WAIT" in self._deployment.continued, seconds)

    def _succeed(self) -> None:
        with self._deployment.lock:
            self._look()
            self._site.retire_original()
            self._note(EventStatus.SUCCEEDED)
            self._move_to(Status.SUCCEEDED)
            self._deployment.group.last_successful = self._deployment

    def _hook(self, name: str, appspec: AppSpec) -> None:
        with self._event(name):
            if function := appspec.hooks.get(name):
                self._run_hook(name, function)

    def _run_hook(self, name: str, function: str) -> None:
        execution = HookExecution(id=str(uuid.uuid4()), event=name)
        self._deployment.hooks[execution.id] = execution
        self._around.invoke(function, self._deployment.id, execution.id)
        if not self._wait_for(lambda: execution.outcome is not None, CALLBACK_TIMEOUT_SECONDS):
            raise failed("HOOK_EXECUTION_FAILURE", CALLBACK_TIMED_OUT)
        if execution.outcome != "Succeeded":
            raise failed("HOOK_EXECUTION_FAILURE", HOOK_FAILED)

    @contextmanager
    def _event(self, name: str) -> Iterator[None]:
        self._look()
        deployment, clock = self._deployment, self._around.clock
        deployment.events = with_begun(deployment.events, name, clock.now())
        self._note(EventStatus.IN_PROGRESS)
        yield
        deployment.events = with_ended(deployment.events, name, clock.now())
        self._note(EventStatus.IN_PROGRESS)

    def _pause(self, seconds: float) -> None:
        self._wait_for(lambda: False, seconds)

    def _wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        deadline = self._around.clock.deadline(seconds)
        while True:
            self._look()
            if condition():
                return True
            if deadline.is_past:
                return False
            self._deployment.task_sets = self._site.task_sets()
            left = self._around.clock.wall_seconds(deadline.remaining_seconds)
            self._deployment.wake.wait(min(left, _LOOK_EVERY_SECONDS))
            self._deployment.wake.clear()

    def _look(self) -> None:
        if self._around.stopping.is_set():
            raise Leaving
        if self._deployment.stop_requested:
            raise stopped("MANUAL_STOP", STOPPED_BY_USER, "DEPLOYMENT_STOP_ON_REQUEST")
        watch = self._deployment.plan.alarms
        states = self._around.alarms(watch.names) if watch.names else AlarmStates()
        if states.firing:
            message = ALARM_ACTIVE.format(names=", ".join(states.firing))
            raise stopped("ALARM_ACTIVE", message, "DEPLOYMENT_STOP_ON_ALARM")
        if states.unknown and not watch.ignores_poll_failure:
            message = ALARMS_UNKNOWN.format(names=", ".join(states.unknown))
            raise stopped("ALARM_ACTIVE", message, "DEPLOYMENT_STOP_ON_ALARM")

    def _move_to(self, status: Status) -> None:
        self._deployment.move_to(status, self._around.clock.now())

    def _note(self, target_status: EventStatus) -> None:
        deployment = self._deployment
        deployment.task_sets = self._site.task_sets()
        deployment.note(self._around.clock.now(), deployment.events, target_status)

    def _end(self, abort: Abort) -> None:
        deployment = self._deployment
        now = self._around.clock.now()
        has_installed = has_begun(deployment.events, "Install")
        events = with_aborted(deployment.events, now, abort.message)
        deployment.error = (abort.code, abort.message)
        if not (has_installed and self._rolls_back(abort)):
            deployment.note(now, events, EventStatus.FAILED)
            deployment.move_to(abort.status, now)
            return
        rollback = self._open_rollback(deployment)
        self._restore(rollback)
        deployment.note(self._around.clock.now(), events, EventStatus.FAILED)
        self._move_to(abort.status)
        self._finish(rollback)

    def _rolls_back(self, abort: Abort) -> bool:
        asked = self._deployment.stop_rolls_back
        if abort.event == "DEPLOYMENT_STOP_ON_REQUEST" and asked is not None:
            wanted = asked
        else:
            wanted = abort.event in self._deployment.plan.rollback_events
        stays = self._around.switches.stopped_at_full_traffic == "stays"
        return wanted and not (stays and self._deployment.termination_wait_started)

    def _restore(self, rollback: Deployment) -> None:
        rollback.move_to(Status.IN_PROGRESS, self._around.clock.now())
        try:
            self._site.restore()
        except Exception as error:
            log.exception("rollback %s", rollback.id)
            rollback.error = ("ECS_UPDATE_ERROR", f"The rollback failed: {error}")

    def _finish(self, rollback: Deployment) -> None:
        now = self._around.clock.now()
        if rollback.error is not None:
            events = with_aborted(rollback.events, now, rollback.error[1])
            rollback.note(now, events, EventStatus.FAILED)
            rollback.move_to(Status.FAILED, now)
            return
        events = rollback.events
        for event in rollback.events:
            events = with_ended(with_begun(events, event.name, now), event.name, now)
        rollback.note(now, events, EventStatus.SUCCEEDED)
        rollback.move_to(Status.SUCCEEDED, now)
