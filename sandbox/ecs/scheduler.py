"""The service scheduler: a thread that brings every service to what it shall be."""

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sandbox.clock import SandboxClock
from sandbox.ecs.plan import (
    RollingRules,
    Start,
    Step,
    Stop,
    TaskView,
    backoff_seconds,
    breaker_threshold,
    computed_desired_count,
    is_steady,
    replica_steps,
    rolling_steps,
)
from sandbox.ecs.records import EcsService, EcsTask, EcsTaskSet, RollingDeployment, count_tasks, now
from sandbox.load_balancer.health import TargetHealth

log = logging.getLogger(__name__)

_PASS_WALL_SECONDS = 0.25
# However fast the clock: a crash loop must not keep the machine busy.
_RESTART_WALL_SECONDS = 0.5


class Fleet(Protocol):
    """What the scheduler asks of the backend."""

    lock: threading.RLock

    def live_services(self) -> Sequence[EcsService]:
        """Return the services that are not yet inactive."""

    def tasks_of(self, service: EcsService) -> Sequence[EcsTask]:
        """Return a service's tasks that are not stopped, oldest first."""

    def fresh_failures(self, service: EcsService) -> Sequence[EcsTask]:
        """Return stopped tasks that failed by themselves; each is returned once."""

    def start_service_tasks(
        self, service: EcsService, revision: RollingDeployment | EcsTaskSet, count: int
    ) -> Sequence[EcsTask]:
        """Start tasks of a revision."""

    def stop_service_task(self, task_id: str, reason: str) -> None:
        """Have a task drained and stopped."""

    def targets(self, task: EcsTask) -> Sequence[tuple[str, TargetHealth]]:
        """Return target group ARN and health of every target of a task."""


class Scheduler:
    """Looks at every service when something changed, and at least four times a second."""

    def __init__(self, fleet: Fleet, clock: SandboxClock, stopping: threading.Event) -> None:
        self._fleet, self._clock, self._stopping = fleet, clock, stopping
        self._changed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ecs-scheduler", daemon=True)

    def start(self) -> None:
        """Begin to schedule."""
        self._thread.start()

    def wake(self) -> None:
        """Look again soon: something changed."""
        self._changed.set()

    def stop(self) -> None:
        """End the thread; `stopping` must be set."""
        self._changed.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._changed.wait(_PASS_WALL_SECONDS)
            self._changed.clear()
            for service in self._fleet.live_services():
                try:
                    with self._fleet.lock:
                        self.schedule(service)
                except Exception:
                    log.exception("cannot schedule %s", service.key)

    def schedule(self, service: EcsService) -> None:
        """Take the next steps of one service."""
        self._count_failures(service)
        tasks = self._fleet.tasks_of(service)
        views = {task.id: self._view(service, task) for task in tasks}
        _say_registered(service, tasks)
        _say_unhealthy(service, tasks, views)
        if service.status == "DRAINING":
            self._drain(service, tasks)
        elif service.controller == "ECS":
            self._roll(service, tasks, list(views.values()))
        else:
            self._keep_task_sets(service, tasks, views)
        count_tasks(service, self._fleet.tasks_of(service))

    def _view(self, service: EcsService, task: EcsTask) -> TaskView:
        targets = self._fleet.targets(task)
        unhealthy = [target for target in targets if target[1].state == "unhealthy"]
        failed = unhealthy[0] if unhealthy and self._grace_is_over(service, task) else None
        view = TaskView(
            task_id=task.id,
            revision=task.own_revision or "",
            is_running=task.is_running,
            is_healthy=_is_healthy(task, targets),
            is_stopping=task.desired_status == "STOPPED",
            failed_group=failed[0] if failed else None,
            failed_check=failed[1].description if failed else None,
            failed_container_check=task.health_status == "UNHEALTHY",
        )
        task.own_was_healthy = task.own_was_healthy or view.is_healthy
        return view

    def _grace_is_over(self, service: EcsService, task: EcsTask) -> bool:
        since = task.own_running_since
        return since is not None and self._clock.seconds() - since >= service.grace_seconds

    # Failures.

    def _count_failures(self, service: EcsService) -> None:
        for task in self._fleet.fresh_failures(service):
            never_ran = task.own_running_since is None
            service.started_failures = service.started_failures + 1 if never_ran else 0
            wait = backoff_seconds(service.started_failures) if never_ran else 0.0
            pause = _RESTART_WALL_SECONDS * self._clock.speed
            service.may_start_at = self._clock.seconds() + max(wait, pause)
            if service.started_failures == 3:
                service.say(
                    f"(service {service.name}) is unable to consistently start tasks successfully."
                )
            self._count_for_deployment(service, task)

    def _count_for_deployment(self, service: EcsService, task: EcsTask) -> None:
        for deployment in service.deployments:
            mine = deployment.id == task.own_revision and deployment.status == "PRIMARY"
            if mine and deployment.rollout_state == "IN_PROGRESS" and not task.own_was_healthy:
                deployment.failed_tasks += 1

    def _may_start(self, service: EcsService) -> bool:
        return self._clock.seconds() >= service.may_start_at

    # The ECS controller.

    def _roll(self, service: EcsService, tasks: Sequence[EcsTask], views: list[TaskView]) -> None:
        primary = service.primary()
        self._trip_breaker(service, primary)
        primary = service.primary()
        may_start = self._may_start(service) and primary.rollout_state != "FAILED"
        rules = _rules(service)
        self._take(service, rolling_steps(primary.id, rules, views, may_start=may_start))
        for deployment in service.deployments:
            deployment.desired_count = service.desired_count if deployment is primary else 0
        self._forget_old(service, tasks)
        self._settle(service, primary, views)

    def _forget_old(self, service: EcsService, tasks: Sequence[EcsTask]) -> None:
        used = {task.own_revision for task in tasks}
        service.deployments[:] = [
            item for item in service.deployments if item.status == "PRIMARY" or item.id in used
        ]

    def _settle(
        self, service: EcsService, primary: RollingDeployment, views: Sequence[TaskView]
    ) -> None:
        steady = len(service.deployments) == 1 and is_steady(service.desired_count, views)
        if any(view.is_healthy and view.revision == primary.id for view in views):
            primary.failed_tasks = 0
        if steady and primary.rollout_state == "IN_PROGRESS":
            self._complete(service, primary)
        if steady and not service.was_steady:
            service.say(f"(service {service.name}) has reached a steady state.")
        service.was_steady = steady

    def _complete(self, service: EcsService, primary: RollingDeployment) -> None:
        primary.rollout_state, primary.updated_at = "COMPLETED", now()
        primary.rollout_state_reason = f"ECS deployment {primary.id} completed."
        service.last_good = primary.task_definition
        service.say(f"(service {service.name}) (deployment {primary.id}) deployment completed.")

    def _trip_breaker(self, service: EcsService, primary: RollingDeployment) -> None:
        breaker = service.deployment_configuration.get("deploymentCircuitBreaker") or {}
        enough = primary.failed_tasks >= breaker_threshold(service.desired_count)
        if not breaker.get("enable") or not enough or primary.rollout_state != "IN_PROGRESS":
            return
        primary.rollout_state, primary.updated_at = "FAILED", now()
        primary.rollout_state_reason = "ECS deployment circuit breaker: tasks failed to start."
        service.say(
            f"(service {service.name}) (deployment {primary.id}) deployment failed: "
            "tasks failed to start."
        )
        if breaker.get("rollback") and service.last_good not in (None, primary.task_definition):
            self._roll_back(service, primary)

    def _roll_back(self, service: EcsService, failed: RollingDeployment) -> None:
        good = str(service.last_good)
        known = next((d for d in service.deployments if d.task_definition == good), None)
        target = known or RollingDeployment(
            good,
            service.desired_count,
            failed.launch_type,
            failed.platform_version,
            failed.network_configuration,
        )
        failed.status, target.status = "ACTIVE", "PRIMARY"
        target.rollout_state, service.task_definition = "IN_PROGRESS", good
        target.rollout_state_reason = (
            f"ECS deployment circuit breaker: rolling back to deploymentId {target.id}."
        )
        service.deployments.sort(key=lambda item: item is not target)
        if known is None:
            service.deployments.insert(0, target)
        service.say(f"(service {service.name}) rolling back to (deployment {target.id}).")

    # Task sets, under CodeDeploy or another controller.

    def _keep_task_sets(
        self, service: EcsService, tasks: Sequence[EcsTask], views: dict[str, TaskView]
    ) -> None:
        for task_set in tuple(service.task_sets):
            own = [views[task.id] for task in tasks if task.own_revision == task_set.id]
            desired = computed_desired_count(service.desired_count, task_set.scale_percent)
            may_start = self._may_start(service)
            self._take(service, replica_steps(task_set.id, desired, own, may_start=may_start))
            if task_set.is_deleted and not own:
                service.task_sets.remove(task_set)
            elif task_set.stabilise(is_steady(desired, own)) and is_steady(desired, own):
                service.say(
                    f"(service {service.name}, taskSet {task_set.id}) "
                    "updated state to STEADY_STATE."
                )
        self._settle_task_sets(service)

    def _settle_task_sets(self, service: EcsService) -> None:
        steady = all(item.stabilityStatus == "STEADY_STATE" for item in service.task_sets)
        if steady and not service.was_steady:
            service.say(f"(service {service.name}) has reached a steady state.")
        service.was_steady = steady

    # Doing it.

    def _drain(self, service: EcsService, tasks: Sequence[EcsTask]) -> None:
        for task in tasks:
            reason = f"Scaling activity initiated by (deployment {task.own_revision})"
            self._fleet.stop_service_task(task.id, reason)
        if not tasks:
            service.status = "INACTIVE"
            service.deployments.clear()
            service.task_sets.clear()

    def _take(self, service: EcsService, steps: Sequence[Step]) -> None:
        stops = [step for step in steps if isinstance(step, Stop)]
        for step in stops:
            self._fleet.stop_service_task(step.task_id, step.reason)
        if stops:
            named = " ".join(f"(task {step.task_id})" for step in stops)
            service.say(
                f"(service {service.name}) has stopped {len(stops)} running tasks: {named}."
            )
        for start in (step for step in steps if isinstance(step, Start)):
            self._start(service, start)

    def _start(self, service: EcsService, step: Start) -> None:
        revision = _revision(service, step.revision)
        started = self._fleet.start_service_tasks(service, revision, step.count)
        named = " ".join(f"(task {task.id})" for task in started)
        of = f", taskSet {step.revision}" if service.task_sets else ""
        service.say(f"(service {service.name}{of}) has started {len(started)} tasks: {named}.")


def _say_registered(service: EcsService, tasks: Sequence[EcsTask]) -> None:
    for task in tasks:
        if task.own_targets and not task.own_registered_said:
            task.own_registered_said = True
            for group, _ in task.own_targets:
                service.say(
                    f"(service {service.name}) registered 1 targets in (target-group {group})"
                )


def _say_unhealthy(
    service: EcsService, tasks: Sequence[EcsTask], views: Mapping[str, TaskView]
) -> None:
    # In the words of ECS, as public reports quote them (aws/copilot-cli#3772).
    for task in tasks:
        view = views[task.id]
        if view.failed_group and not view.is_stopping:
            _, port = dict(task.own_targets)[view.failed_group]
            service.say(
                f"(service {service.name}) (port {port}) is unhealthy in "
                f"(target-group {view.failed_group}) due to (reason {view.failed_check})."
            )


def _is_healthy(task: EcsTask, targets: Sequence[tuple[str, TargetHealth]]) -> bool:
    checked = any(order.check for order in task.own_orders if order.is_essential)
    passes = task.health_status == "HEALTHY" if checked else task.health_status != "UNHEALTHY"
    serves = all(health.state in ("healthy", "unused") for _, health in targets)
    return task.is_running and passes and serves


def _revision(service: EcsService, revision_id: str) -> RollingDeployment | EcsTaskSet:
    revisions: tuple[Any, ...] = (*service.deployments, *service.task_sets)
    found: RollingDeployment | EcsTaskSet = next(r for r in revisions if r.id == revision_id)
    return found


def _rules(service: EcsService) -> RollingRules:
    configuration = service.deployment_configuration
    return RollingRules(
        service.desired_count,
        int(configuration.get("minimumHealthyPercent", 100)),
        int(configuration.get("maximumPercent", 200)),
    )
