"""Services, deployments, task sets and tasks in the shapes that ECS's API shows."""

import random
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.ecs.models import Service, TaskSet

from sandbox.ecs.orders import ContainerOrder
from sandbox.ecs.plan import computed_desired_count
from sandbox.load_balancer.routing import Endpoint

_MOST_EVENTS = 100


def now() -> datetime:
    """Return the time that the API shows."""
    return datetime.now(UTC)


def new_revision_id() -> str:
    """Return an id as deployments and task sets have it: `ecs-svc/` and 19 digits."""
    return f"ecs-svc/{random.randint(10**18, 10**19 - 1)}"  # noqa: S311 - a name, no secret


@dataclass
class RollingDeployment:
    """One revision of a service under the ECS controller. Field names are the API's."""

    task_definition: str
    desired_count: int
    launch_type: str | None
    platform_version: str | None
    network_configuration: dict[str, Any] | None
    id: str = field(default_factory=new_revision_id)
    status: str = "PRIMARY"
    pending_count: int = 0
    running_count: int = 0
    failed_tasks: int = 0
    rollout_state: str | None = "IN_PROGRESS"
    rollout_state_reason: str | None = None
    platform_family: str = "Linux"
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        self.rollout_state_reason = f"ECS deployment {self.id} in progress."


class EcsService(Service):
    """moto's service, with what the scheduler keeps of it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.deployments: list[RollingDeployment] = []
        self.task_sets: list[EcsTaskSet] = []
        self.events: list[dict[str, Any]] = []
        self.running_count = self.pending_count = 0
        self.created_at = now()
        self.created_by = f"arn:aws:iam::{self._account_id}:root"
        self.deployment_configuration: dict[str, Any] = {
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
        }
        self.health_check_grace_period_seconds: int | None = None
        self.enable_execute_command = False
        self.enableECSManagedTags = False
        self.availability_zone_rebalancing = "DISABLED"
        self.capacity_provider_strategy: list[dict[str, Any]] = []
        self.placement_constraints: list[dict[str, Any]] = []
        self.placement_strategy: list[dict[str, Any]] = []
        self.platform_family = "Linux"
        self.was_steady = False
        self.last_good: str | None = None
        self.started_failures = 0
        self.may_start_at = 0.0

    @property
    def controller(self) -> str:
        """Return ECS, CODE_DEPLOY or EXTERNAL."""
        return str(self.deployment_controller["type"])

    @property
    def key(self) -> str:
        """Return the backend's key of the service."""
        return f"{self.cluster_name}:{self.name}"

    @property
    def grace_seconds(self) -> int:
        """Return how long a new task's load balancer checks are not held against it."""
        return int(self.health_check_grace_period_seconds or 0)

    def primary(self) -> RollingDeployment:
        """Return the deployment that the service moves to."""
        return next(item for item in self.deployments if item.status == "PRIMARY")

    def say(self, message: str) -> None:
        """Add a service event, newest first."""
        event = {"id": str(uuid.uuid4()), "createdAt": now(), "message": message}
        self.events[:] = [event, *self.events][:_MOST_EVENTS]


class EcsTaskSet(TaskSet):
    """moto's task set, with counts."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # The first task set of a service has no external id, not an empty one.
        self.external_id: str | None = settings.get("external_id")
        self.started_by: str | None = None
        self.computed_desired_count = self.pending_count = self.running_count = 0
        self.stabilityStatus = "STABILIZING"
        self.platform_family = "Linux"
        self.is_deleted = False

    @property
    def scale_percent(self) -> float:
        """Return how much of the service's desired count the set has."""
        return float(self.scale["value"])

    def stabilise(self, is_steady: bool) -> bool:
        """Take in whether the set is steady; return True when that changed."""
        status = "STEADY_STATE" if is_steady else "STABILIZING"
        if status == self.stabilityStatus:
            return False
        self.stabilityStatus, self.stabilityStatusAt = status, now()
        return True


@dataclass
class EcsTask:
    """One task. Field names are the API's; what begins with `own_` is for the scheduler."""

    task_arn: str
    cluster_arn: str
    task_definition_arn: str
    group: str
    launch_type: str | None
    platform_version: str | None
    cpu: str | None
    memory: str | None
    containers: list[dict[str, Any]]
    overrides: Mapping[str, Any]
    attachments: list[dict[str, Any]]
    started_by: str | None
    tags: list[dict[str, str]]
    own_orders: tuple[ContainerOrder, ...]
    own_role_arn: str | None = None
    own_revision: str | None = None
    own_service: str | None = None
    own_load_balancers: tuple[Mapping[str, Any], ...] = ()
    own_targets: list[tuple[str, Endpoint]] = field(default_factory=list)
    own_running_since: float | None = None
    own_was_healthy: bool = False
    own_counted: bool = False
    own_registered_said: bool = False
    desired_status: str = "RUNNING"
    last_status: str = "PROVISIONING"
    health_status: str = "UNKNOWN"
    stop_code: str | None = None
    stopped_reason: str | None = None
    created_at: datetime = field(default_factory=now)
    pull_started_at: datetime | None = None
    pull_stopped_at: datetime | None = None
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    execution_stopped_at: datetime | None = None
    stopped_at: datetime | None = None
    connectivity: str | None = None
    availability_zone: str | None = None
    container_instance_arn: str | None = None
    capacity_provider_name: str | None = None
    enable_execute_command: bool = False
    platform_family: str = "Linux"
    version: int = 1

    @property
    def id(self) -> str:
        """Return the task's id, the last part of its ARN."""
        return self.task_arn.rsplit("/", 1)[-1]

    @property
    def is_pending(self) -> bool:
        """Say whether it is on its way up."""
        return self.desired_status == "RUNNING" and self.last_status in (
            "PROVISIONING",
            "PENDING",
            "ACTIVATING",
        )

    @property
    def is_running(self) -> bool:
        """Say whether it runs and shall go on."""
        return self.desired_status == "RUNNING" and self.last_status == "RUNNING"

    @property
    def is_stopped(self) -> bool:
        """Say whether nothing of it is left."""
        return self.last_status == "STOPPED"

    def move(self, status: str) -> None:
        """Take the next step of the life cycle."""
        self.last_status = status
        self.version += 1

    def container(self, name: str) -> dict[str, Any]:
        """Return a container's record."""
        return next(item for item in self.containers if item["name"] == name)


def count_tasks(service: EcsService, tasks: Iterable[EcsTask]) -> None:
    """Write the counts of a service and its revisions that the API shows."""
    tasks = tuple(tasks)
    revisions: tuple[RollingDeployment | EcsTaskSet, ...] = (
        *service.deployments,
        *service.task_sets,
    )
    service.running_count = sum(task.is_running for task in tasks)
    service.pending_count = sum(task.is_pending for task in tasks)
    for revision in revisions:
        own = [task for task in tasks if task.own_revision == revision.id]
        revision.running_count = sum(task.is_running for task in own)
        revision.pending_count = sum(task.is_pending for task in own)
    for task_set in service.task_sets:
        desired = computed_desired_count(service.desired_count, task_set.scale_percent)
        task_set.computed_desired_count = desired
