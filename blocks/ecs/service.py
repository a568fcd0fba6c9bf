"""What really runs: the service as ECS, the load balancer and CloudWatch show it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl

from blocks.aws import aws_client, translated
from blocks.ecs import calls, reading
from blocks.ecs.codedeploy_reading import ACTIVE_STATUSES
from blocks.ecs.task_logs import log_tail
from delightful.errors import ExternalError
from delightful.live import LiveService
from delightful.release import Failure, StackOutputs

_DESCRIBED_TASKS = 100
# "Unable to describe task definition": the same code as of any wrong request.
_NO_SUCH_DEFINITION = "ClientException"


class EcsService(Block):
    """
    Observes one service and explains its failures.

    Example:
        Look at what serves now:
        ```python
        from blocks.ecs.service import EcsService

        ecs = EcsService.load("BLOCK_NAME")
        print(ecs.observe(release.stack.outputs).image_digests)
        ```
    """

    _block_type_name = "ECS Service"
    _block_type_slug = "ecs-service"
    _documentation_url = HttpUrl(
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html"
    )

    credentials: AwsCredentials = Field(description="Credentials for the account.")
    log_lines: int = Field(
        default=20, ge=1, le=200, description="How many last log lines explain a failure."
    )

    def observe(self, outputs: StackOutputs) -> LiveService:
        """Look at what serves now.

        Raises:
            ExternalError: E_SERVICE_MISSING, ECS does not know the service.
        """
        service = calls.active_service(self.credentials, outputs)
        primary = reading.primary_task_definition(service)
        tasks = self._tasks(outputs, "RUNNING")
        firing, silent = self._alarms(outputs.alarm_names)
        return LiveService(
            primary_task_definition_arn=primary,
            running_count=service["runningCount"],
            desired_count=service["desiredCount"],
            image_digests=reading.running_digests(tasks, primary, outputs.container_name),
            weights=self._weights(outputs.listener_arn),
            healthy_targets={arn: self._healthy(arn) for arn in outputs.target_group_arns},
            alarms_firing=firing,
            alarms_without_data=silent,
            active_deployment_id=self._active_deployment(outputs, service),
        )

    def explain(self, outputs: StackOutputs, task_definition_arn: str, phase: str) -> Failure:
        """Collect why tasks of a task definition failed: answer, stop reason, exit code, log tail.

        What the load balancer sees now comes first; where nothing is left to see, ECS's own events
        are what is known.
        """
        tasks = [
            task
            for status in ("STOPPED", "RUNNING")
            for task in self._tasks(outputs, status)
            if task.get("taskDefinitionArn") == task_definition_arn
        ]
        stopped = reading.most_telling(tasks)
        told = stopped or (tasks[0] if tasks else None)
        reasons = self._target_reasons(outputs, reading.first_created(tasks))
        return reading.failure_of(phase, outputs, stopped, reasons, self._log_tail(outputs, told))

    def _target_reasons(self, outputs: StackOutputs, since: datetime | None) -> Sequence[str]:
        seen = [
            reason
            for arn in outputs.target_group_arns
            for reason in reading.unhealthy_reasons(self._target_health(arn))
        ]
        if any(not reading.is_beginning(reason) for reason in seen):
            return seen
        events = calls.found_service(self.credentials, outputs).get("events", ())
        return reading.reported_reasons(events, outputs.target_group_arns, since) or seen

    def crash_loop(
        self, outputs: StackOutputs, task_definition_arn: str, since: datetime | None = None
    ) -> str | None:
        """Return what shows that a task definition's tasks only start to end again, or None.

        Tasks that were created before `since` count for nothing: what they lacked is there now.
        """
        stopped = [
            task
            for task in self._tasks(outputs, "STOPPED")
            if task.get("taskDefinitionArn") == task_definition_arn
        ]
        if not stopped:
            return None
        desired = calls.found_service(self.credentials, outputs).get("desiredCount", 0)
        return reading.crash_loop(stopped, desired, since)

    def content_sha256(self, task_definition_arn: str) -> str:
        """Return the digest of what a task definition runs; revisions of one content have one."""
        return reading.content_sha256(self._task_definition(task_definition_arn))

    def image_digest(self, task_definition_arn: str, container: str) -> str:
        """Return the digest by which a task definition names a container's image, "" for none."""
        return reading.image_digest(self._task_definition(task_definition_arn), container)

    def environment_of(self, task_definition_arn: str, container: str) -> dict[str, str]:
        """Return the variables that a task definition gives a container, none where it is gone."""
        try:
            definition = self._task_definition(task_definition_arn)
        except ExternalError as error:
            if not error.cause.startswith(_NO_SUCH_DEFINITION):
                raise
            return {}
        return reading.environment_of(definition, container)

    def _task_definition(self, task_definition_arn: str) -> Mapping[str, Any]:
        with translated("ECS", "DescribeTaskDefinition"):
            answer = self._client("ecs").describe_task_definition(
                taskDefinition=task_definition_arn
            )
        found: Mapping[str, Any] = answer["taskDefinition"]
        return found

    def _tasks(
        self, outputs: StackOutputs, status: Literal["RUNNING", "STOPPED"]
    ) -> Sequence[Mapping[str, Any]]:
        ecs = self._client("ecs")
        with translated("ECS", "ListTasks"):
            listed = ecs.list_tasks(
                cluster=outputs.cluster_name,
                serviceName=outputs.service_name,
                desiredStatus=status,
                maxResults=_DESCRIBED_TASKS,
            )["taskArns"]
        return calls.described_tasks(self.credentials, outputs, listed)

    def _weights(self, listener_arn: str) -> dict[str, int]:
        with translated("ELB", "DescribeListeners"):
            answer = self._client("elbv2").describe_listeners(ListenerArns=[listener_arn])
        return reading.forwarded_weights(answer["Listeners"])

    def _target_health(self, target_group_arn: str) -> Sequence[Mapping[str, Any]]:
        with translated("ELB", "DescribeTargetHealth"):
            answer = self._client("elbv2").describe_target_health(TargetGroupArn=target_group_arn)
        found: Sequence[Mapping[str, Any]] = answer["TargetHealthDescriptions"]
        return found

    def _healthy(self, target_group_arn: str) -> int:
        targets = self._target_health(target_group_arn)
        return sum(target["TargetHealth"]["State"] == "healthy" for target in targets)

    def _alarms(self, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if not names:
            return (), ()
        with translated("CloudWatch", "DescribeAlarms"):
            answer = self._client("cloudwatch").describe_alarms(AlarmNames=list(names))
        states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in answer["MetricAlarms"]}
        firing = tuple(name for name in names if states.get(name) == "ALARM")
        # An alarm that is not there looks at nothing either.
        silent = tuple(name for name in names if states.get(name) not in ("ALARM", "OK"))
        return firing, silent

    def _active_deployment(self, outputs: StackOutputs, service: Mapping[str, Any]) -> str | None:
        if outputs.codedeploy_application_name is None:
            primary = reading.primary_task_set(service)
            moving = primary is not None and primary.get("rolloutState") == "IN_PROGRESS"
            return str(primary["id"]) if primary and moving else None
        with translated("CodeDeploy", "ListDeployments"):
            listed = self._client("codedeploy").list_deployments(
                applicationName=outputs.codedeploy_application_name,
                deploymentGroupName=outputs.codedeploy_deployment_group_name,
                includeOnlyStatuses=list(ACTIVE_STATUSES),
            )
        return next(iter(listed["deployments"]), None)

    def _log_tail(self, outputs: StackOutputs, task: Mapping[str, Any] | None) -> tuple[str, ...]:
        if task is None:
            return ()
        return log_tail(self.credentials, outputs, task["taskArn"], self.log_lines)

    def _client(self, service: str) -> Any:
        return aws_client(self.credentials, service)
