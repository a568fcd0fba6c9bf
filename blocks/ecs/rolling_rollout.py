"""Rolling update by ECS itself, for services without CodeDeploy."""

from collections.abc import Mapping
from typing import Any, Literal

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl

from blocks.aws import aws_client, translated
from blocks.ecs.reading import primary_task_set
from blocks.ecs.rollout import RolloutPhase, RolloutProgress, TaskSetProgress
from delightful.errors import ExternalError
from delightful.release import StackOutputs


class RollingRollout(Block):
    """
    Moves tasks by ECS's own rolling update and believes its circuit breaker.

    Example:
        Read where an update stands:
        ```python
        from blocks.ecs.rolling_rollout import RollingRollout

        engine = RollingRollout.load("BLOCK_NAME")
        print(engine.progress("ecs-svc/1234567890").phase)
        ```
    """

    _block_type_name = "Rolling Rollout"
    _block_type_slug = "rolling-rollout"
    _documentation_url = HttpUrl(
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html"
    )

    credentials: AwsCredentials = Field(description="Credentials for the account.")
    cluster_name: str = Field(min_length=1, max_length=255, description="Name of the ECS cluster.")
    service_name: str = Field(min_length=1, max_length=255, description="Name of the ECS service.")
    deadline_seconds: int = Field(
        default=1800, ge=10, le=86400, description="How long one update or rollback may take."
    )

    def begin(self, release_id: str, outputs: StackOutputs) -> str | None:
        """Adopt the update to this task definition or start it; None where it is done already."""
        primary = _primary(self._service())
        if primary["taskDefinition"] == outputs.task_definition_arn:
            return None if primary.get("rolloutState") == "COMPLETED" else str(primary["id"])
        return self._update(outputs.task_definition_arn)

    def progress(self, deployment_id: str) -> RolloutProgress:
        """Read where the update stands; one that is primary no more was rolled back by ECS."""
        service = self._service()
        primary = _primary(service)
        phase = rolling_phase(primary, deployment_id)
        return RolloutProgress(
            deployment_id=deployment_id,
            phase=phase,
            status=str(primary.get("rolloutState") or primary["status"]),
            weights={},
            message=str(primary.get("rolloutStateReason") or ""),
            deadline_seconds=0 if phase in ("finished", "failed") else self.deadline_seconds,
            rollback_deployment_id=None if primary["id"] == deployment_id else str(primary["id"]),
            task_sets=tuple(_task_set(tasks) for tasks in service["deployments"]),
        )

    def proceed(self, deployment_id: str, past: Literal["ready", "termination"]) -> None:
        """Do nothing: a rolling update has no waits."""

    def roll_back(self, deployment_id: str) -> str | None:
        """Go back to the task definition that served before, where ECS still runs it.

        None where no task of it is left: begin a rollout to the good release's task definition.
        """
        service = self._service()
        primary = _primary(service)
        if primary["id"] != deployment_id:
            return str(primary["id"])
        former = [tasks for tasks in service["deployments"] if tasks["status"] == "ACTIVE"]
        oldest = min(former, key=lambda tasks: tasks["createdAt"], default=None)
        return self._update(oldest["taskDefinition"]) if oldest else None

    def find(self, release_id: str, outputs: StackOutputs) -> str | None:
        """Return the update to this release's task definition, where it is the last there was."""
        primary = _primary(self._service())
        is_it = primary["taskDefinition"] == outputs.task_definition_arn
        return str(primary["id"]) if is_it else None

    def made_for(self, deployment_id: str) -> str | None:
        """Return None: ECS keeps no word of ours beside an update."""
        return None

    def _update(self, task_definition_arn: str) -> str:
        # Asked twice with the same task definition ECS starts nothing new, so retries are safe.
        with translated("ECS", "UpdateService"):
            answer = self._client().update_service(
                cluster=self.cluster_name,
                service=self.service_name,
                taskDefinition=task_definition_arn,
            )
        return str(_primary(answer["service"])["id"])

    def _service(self) -> Mapping[str, Any]:
        with translated("ECS", "DescribeServices"):
            answer = self._client().describe_services(
                cluster=self.cluster_name, services=[self.service_name]
            )
        if not answer["services"]:
            raise _missing(self.service_name)
        service: Mapping[str, Any] = answer["services"][0]
        return service

    def _client(self) -> Any:
        return aws_client(self.credentials, "ecs")


def rolling_phase(primary: Mapping[str, Any], deployment_id: str) -> RolloutPhase:
    """Return the phase of an update, from the ECS deployment that is primary now."""
    state = primary.get("rolloutState")
    if primary["id"] != deployment_id:
        taken_back: dict[Any, RolloutPhase] = {"COMPLETED": "rolled_back", "FAILED": "failed"}
        return taken_back.get(state, "rolling_back")
    stands: dict[Any, RolloutPhase] = {"COMPLETED": "finished", "FAILED": "failed"}
    return stands.get(state, "shifting")


def _primary(service: Mapping[str, Any]) -> Mapping[str, Any]:
    found = primary_task_set(service)
    if found is None:
        raise _missing(str(service.get("serviceName")))
    return found


def _missing(name: str) -> ExternalError:
    return ExternalError(
        "E_SERVICE_MISSING",
        f"{name} has nothing to update",
        hint="deploy it again: Terraform makes it anew",
        service="ECS",
        operation="DescribeServices",
        cause="no primary ECS deployment",
    )


def _task_set(tasks: Mapping[str, Any]) -> TaskSetProgress:
    desired, running = int(tasks["desiredCount"]), int(tasks["runningCount"])
    return TaskSetProgress(
        label=str(tasks["status"]),
        task_definition_arn=str(tasks["taskDefinition"]),
        desired_count=desired,
        running_count=running,
        weight=0.0,
    )
