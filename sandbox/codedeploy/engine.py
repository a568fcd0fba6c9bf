"""One CodeDeploy deployment on its way: the story and its waits."""

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sandbox.codedeploy.appspec import AppSpec, InvalidAppSpec, read_appspec
from sandbox.codedeploy.ending import end
from sandbox.codedeploy.hooks import (
    CALLBACK_TIMED_OUT,
    CALLBACK_TIMEOUT_SECONDS,
    HOOK_FAILED,
)
from sandbox.codedeploy.lifecycle import EventStatus, Status, with_begun, with_ended
from sandbox.codedeploy.outcome import (
    NEVER_HEALTHY,
    Abort,
    Leaving,
    SiteError,
    alarm_active,
    alarms_unknown,
    failed,
    not_continued,
    stopped_by_user,
)
from sandbox.codedeploy.records import Deployment, HookExecution
from sandbox.codedeploy.shifting import shift_steps
from sandbox.codedeploy.surroundings import AlarmStates, Site, Surroundings

log = logging.getLogger(__name__)
HEALTHY_TIMEOUT_SECONDS = 3600
# How often, on the wall, a waiting deployment looks for alarms and for what it waits for.
_LOOK_EVERY_SECONDS = 0.2


class DeploymentRun:
    """Runs one deployment to its end, and its rollback where it needs one."""

    def __init__(self, deployment: Deployment, site: Site, around: Surroundings) -> None:
        self._deployment = deployment
        self._site = site
        self._around = around

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
        self._sweep()

    def _sweep(self) -> None:
        try:
            self._site.sweep(self._around.stopping)
        except Exception:
            log.exception("what %s retired could not be removed", self._deployment.id)

    def _end(self, abort: Abort) -> None:
        end(self._deployment, self._site, self._around, abort)

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
            raise not_continued(minutes)
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
        # A stop that comes now finds the deployment either running or succeeded, never between.
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
            raise stopped_by_user()
        watch = self._deployment.plan.alarms
        states = self._around.alarms(watch.names) if watch.names else AlarmStates()
        if states.firing:
            raise alarm_active(states.firing)
        if states.unknown and not watch.ignores_poll_failure:
            raise alarms_unknown(states.unknown)

    def _move_to(self, status: Status) -> None:
        self._deployment.move_to(status, self._around.clock.now())

    def _note(self, target_status: EventStatus) -> None:
        deployment = self._deployment
        deployment.task_sets = self._site.task_sets()
        deployment.note(self._around.clock.now(), deployment.events, target_status)
