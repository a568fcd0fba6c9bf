"""ECS whose services and tasks run: moto's backend, with life in it."""

import threading
from collections.abc import Sequence
from typing import Any

from moto.ecs.exceptions import InvalidParameterException, TaskSetNotFoundException
from moto.ecs.models import TaskDefinition

from sandbox.clock import SandboxClock
from sandbox.ecs.metrics import Measured, ServiceTasks
from sandbox.ecs.records import EcsService, EcsTask, EcsTaskSet, RollingDeployment, now
from sandbox.ecs.scheduler import Scheduler
from sandbox.ecs.service_calls import MOST_REVISIONS, ServiceCalls
from sandbox.ecs.task_calls import attachments
from sandbox.load_balancer.health import TargetHealth


class EcsBackend(ServiceCalls):
    """Services, task sets and tasks, and the scheduler that keeps them."""

    def __init__(
        self, region_name: str, account_id: str, clock: SandboxClock, stopping: threading.Event
    ) -> None:
        super().__init__(region_name, account_id)
        self.scheduler = Scheduler(self, clock, stopping)

    # Task sets.

    def create_task_set(
        self, service: str, cluster_str: str, task_definition: str, **settings: Any
    ) -> EcsTaskSet:
        """Add a task set to a service; the scheduler starts its tasks."""
        with self.lock:
            found = self.active_service({"cluster": cluster_str, "service": service})
            if len(found.task_sets) >= MOST_REVISIONS:
                raise InvalidParameterException(
                    "5 deployments exist on the service. Unable to create new TaskSet since this "
                    "exceeds the maximum limit."
                )
            arn = self.usable_definition(task_definition).arn
            created = self.new_task_set(found, arn, **settings)
            found.started_failures, found.may_start_at = 0, 0.0
        self.around.changed()
        return created

    def update_task_set(
        self, cluster: str, service: str, task_set: str, scale: dict[str, Any]
    ) -> EcsTaskSet:
        """Scale a task set."""
        with self.lock:
            found = self._task_set(cluster, service, task_set)
            found.scale, found.updatedAt = scale, now()
            found.stabilityStatus = "STABILIZING"
        self.around.changed()
        return found

    def update_service_primary_task_set(
        self, cluster: str, service: str, primary_task_set: str
    ) -> EcsTaskSet:
        """Make a task set primary; the service takes its task definition and load balancers."""
        with self.lock:
            found = self._task_set(cluster, service, primary_task_set)
            owner = self.active_service({"cluster": cluster, "service": service})
            owner.load_balancers = found.load_balancers
            owner.task_definition = found.task_definition
            for item in owner.task_sets:
                if item is found or item.status == "PRIMARY":
                    item.status = "PRIMARY" if item is found else "ACTIVE"
        return found

    def delete_task_set(
        self, cluster: str, service: str, task_set: str, force: bool = False
    ) -> EcsTaskSet:
        """Drain a task set; it is gone once its last task has stopped."""
        with self.lock:
            found = self._task_set(cluster, service, task_set)
            if found.status == "PRIMARY" and found.scale_percent > 0 and not force:
                raise InvalidParameterException(
                    "TaskSet cannot be deleted while it is the primary and scaled above 0."
                )
            found.scale, found.status = {"value": 0.0, "unit": "PERCENT"}, "DRAINING"
            found.is_deleted = True
        self.around.changed()
        return found

    def _task_set(self, cluster: str, service: str, name: str) -> EcsTaskSet:
        found = self.describe_task_sets(cluster, service, [name])
        if not found:
            raise TaskSetNotFoundException()
        task_set: EcsTaskSet = found[0]
        return task_set

    # What the scheduler asks.

    def live_services(self) -> Sequence[EcsService]:
        """Return the services that are not yet inactive."""
        with self.lock:
            return [item for item in self.services.values() if item.status != "INACTIVE"]

    def service_tasks(self) -> Sequence[ServiceTasks]:
        """Return every service with what its running tasks used so far."""
        return [
            ServiceTasks(
                cluster=service.cluster_name,
                service=service.name,
                desired_count=service.desired_count,
                running_count=service.running_count,
                pending_count=service.pending_count,
                tasks=[self._measured(task) for task in self.tasks_of(service) if task.is_running],
            )
            for service in self.live_services()
        ]

    def _measured(self, task: EcsTask) -> Measured:
        # Without a size of its own, as on EC2, a task is measured against one core and a gigabyte.
        cpu, memory = int(task.cpu or 1024), int(task.memory or 1024)
        return Measured(task.id, cpu, memory, self.lives[task.id].usage())

    def fresh_failures(self, service: EcsService) -> Sequence[EcsTask]:
        """Return stopped tasks that failed by themselves; each is returned once."""
        failed = []
        for life in self.lives.values():
            task = life.task
            if task.own_service == service.arn and task.stop_code and not task.own_counted:
                task.own_counted = True
                by_health = "health check" in (task.stopped_reason or "")
                if task.stop_code in ("TaskFailedToStart", "EssentialContainerExited") or by_health:
                    failed.append(task)
        return failed

    def start_service_tasks(
        self, service: EcsService, revision: RollingDeployment | EcsTaskSet, count: int
    ) -> Sequence[EcsTask]:
        """Start tasks of a rolling deployment or task set."""
        definition = self.describe_task_definition(revision.task_definition)
        cluster = self._get_cluster(service.cluster_arn)
        balancers = (
            revision.load_balancers if isinstance(revision, EcsTaskSet) else service.load_balancers
        )
        started = []
        for _ in range(count):
            task = self.new_task(cluster, definition, {}, f"service:{service.name}")
            task.own_service, task.own_revision = service.arn, revision.id
            task.own_load_balancers = tuple(balancers)
            task.started_by = revision.id
            task.launch_type = revision.launch_type
            task.tags = _propagated(service, definition)
            task.attachments = attachments(revision.network_configuration)
            task.enable_execute_command = service.enable_execute_command
            started.append(task)
            self.begin_task(task)
        return started

    def stop_service_task(self, task_id: str, reason: str) -> None:
        """Have a service's task drained and stopped."""
        life = self.lives[task_id]
        life.ask_to_stop("ServiceSchedulerInitiated", reason)
        self._say_drained(life.task)

    def _say_drained(self, task: EcsTask) -> None:
        service = self._service_of(task)
        if service is None or not task.own_targets:
            return
        for group, _ in task.own_targets:
            service.say(
                f"(service {service.name}) deregistered 1 targets in (target-group {group})"
            )
        if service.task_sets:
            service.say(
                f"(service {service.name}, taskSet {task.own_revision}) "
                "has begun draining connections on 1 tasks."
            )

    def _service_of(self, task: EcsTask) -> EcsService | None:
        return next((item for item in self.services.values() if item.arn == task.own_service), None)

    def targets(self, task: EcsTask) -> Sequence[tuple[str, TargetHealth]]:
        """Return target group ARN and health of every target of a task."""
        table = self.around.load_balancers().table
        return [(group, table.health(group, endpoint)) for group, endpoint in task.own_targets]


def _propagated(service: EcsService, definition: TaskDefinition) -> list[dict[str, str]]:
    sources = {"SERVICE": service.tags, "TASK_DEFINITION": definition.tags}
    return list(sources.get(service.propagate_tags) or ())
