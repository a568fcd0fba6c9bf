"""The ECS service of a deployment group, through ECS's own verbs."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox.codedeploy.appspec import AppSpec
from sandbox.codedeploy.outcome import SiteError

T = TypeVar("T")
_ALL = {"value": 100.0, "unit": "PERCENT"}
_NOTHING = {"value": 0.0, "unit": "PERCENT"}


@dataclass(frozen=True)
class TaskSetCounts:
    """How far a task set is."""

    desired: int
    pending: int
    running: int


def target_group_of(task_set: Any) -> str | None:
    """Return the ARN of a task set's target group."""
    balancers = task_set.load_balancers or []
    return str(balancers[0]["targetGroupArn"]) if balancers else None


class Fleet:
    """Task sets of one ECS service."""

    def __init__(self, ecs: Any, cluster: str, service: str) -> None:
        self._ecs = ecs
        self.cluster = cluster.rsplit("/", 1)[-1]
        self.service = service.rsplit("/", 1)[-1]

    def found(self) -> Any | None:
        """Return ECS's record of the service, None where it is missing or not active."""
        try:
            services, _ = self._ecs.describe_services(self.cluster, [self.service])
        except Exception:
            return None
        return next((one for one in services if one.status == "ACTIVE"), None)

    def primary(self) -> Any | None:
        """Return the primary task set."""
        service = self.found()
        task_sets = service.task_sets if service else []
        return next((one for one in task_sets if one.status == "PRIMARY"), None)

    def get(self, arn: str) -> Any | None:
        """Return a task set."""
        service = self.found()
        task_sets = service.task_sets if service else []
        return next((one for one in task_sets if one.task_set_arn == arn), None)

    def left_over(self) -> list[Any]:
        """Return the task sets that an earlier deployment left running beside the primary."""
        service = self.found()
        return [one for one in service.task_sets if one.status == "ACTIVE"] if service else []

    def create(self, appspec: AppSpec, target_group: str, deployment_id: str) -> Any:
        """Start a task set for a deployment, like the primary wherever the AppSpec is silent.

        Raises:
            SiteError: ECS refused.
        """
        self._check_container(appspec)
        primary = self.primary()
        balancer = {
            "targetGroupArn": target_group,
            "containerName": appspec.container_name,
            "containerPort": appspec.container_port,
        }
        task_set = self._asked(
            lambda: self._ecs.create_task_set(
                service=self.service,
                cluster_str=self.cluster,
                task_definition=appspec.task_definition,
                external_id=deployment_id,
                network_configuration=appspec.network_configuration
                or getattr(primary, "network_configuration", None),
                load_balancers=[balancer],
                service_registries=getattr(primary, "service_registries", None),
                launch_type=getattr(primary, "launch_type", None) or "FARGATE",
                capacity_provider_strategy=list(appspec.capacity_provider_strategy) or None,
                platform_version=appspec.platform_version
                or getattr(primary, "platform_version", None),
                scale=_ALL,
            )
        )
        task_set.started_by = "CODE_DEPLOY"
        return task_set

    def _check_container(self, appspec: AppSpec) -> None:
        definition = self._asked(
            lambda: self._ecs.describe_task_definition(appspec.task_definition)
        )
        named = [c for c in definition.container_definitions if c["name"] == appspec.container_name]
        if not named:
            raise refused("The container does not exist in the task definition.")
        ports = [mapping.get("containerPort") for mapping in named[0].get("portMappings") or []]
        if appspec.container_port not in ports:
            raise refused(
                f"The container {appspec.container_name} did not have a container port"
                f" {appspec.container_port} defined."
            )

    def counts(self, arn: str) -> TaskSetCounts:
        """Return how far a task set is; nothing for one that is gone."""
        task_set = self.get(arn)
        if task_set is None:
            return TaskSetCounts(0, 0, 0)
        return TaskSetCounts(
            desired=int(getattr(task_set, "computed_desired_count", 0)),
            pending=int(getattr(task_set, "pending_count", 0)),
            running=int(getattr(task_set, "running_count", 0)),
        )

    def is_steady(self, arn: str) -> bool:
        """Say whether ECS calls a task set steady: all run, and all checked targets are healthy."""
        task_set = self.get(arn)
        return task_set is not None and task_set.stabilityStatus == "STEADY_STATE"

    def promote(self, arn: str) -> None:
        """Make a task set the primary one."""
        self._asked(
            lambda: self._ecs.update_service_primary_task_set(self.cluster, self.service, arn)
        )

    def scale_to_nothing(self, arn: str) -> None:
        """Stop a task set's tasks; it drains."""
        task_set = self._asked(
            lambda: self._ecs.update_task_set(self.cluster, self.service, arn, _NOTHING)
        )
        task_set.status = "DRAINING"

    def delete(self, arn: str) -> None:
        """Forget a task set."""
        self._asked(lambda: self._ecs.delete_task_set(self.cluster, self.service, arn))

    def _asked(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except SiteError:
            raise
        except Exception as error:
            message = getattr(error, "message", None) or str(error)
            raise refused(message, _code(error)) from error


def _code(error: Exception) -> str:
    code = getattr(error, "error_type", None) or getattr(error, "code", None)
    return str(code or "ClientException")


def refused(message: str, code: str = "InvalidParameterException") -> SiteError:
    """Return ECS's refusal in the words in which CodeDeploy reports it."""
    detail = f"Service: AmazonECS; Status Code: 400; Error Code: {code}"
    return SiteError(
        "ECS_UPDATE_ERROR",
        f"The ECS service cannot be updated due to an unexpected error: {message} ({detail};"
        f" Request ID: {uuid.uuid4()}; Proxy: null). Check your ECS service status.",
    )
