"""The release command: a release's image run once with another command, beside the service."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl

from blocks.aws import aws_client, translated
from blocks.ecs import reading
from blocks.ecs.calls import active_service, described_tasks
from blocks.ecs.task_logs import log_tail
from delightful.errors import ExternalError, Refused
from delightful.frozen import Frozen
from delightful.release import StackOutputs

_DESCRIBED_TASKS: Final = 100
_LOST: Final = "LOST"


class CommandProgress(Frozen):
    """Where the command's task stands.

    `status` is ECS's own word, or LOST where ECS does not know the task: not yet, or not any more.
    `exit_code` is None until the container has ended, and for ever where it never ran.
    """

    status: str
    exit_code: int | None = None
    stopped_reason: str | None = None
    log_tail: tuple[str, ...] = ()

    @property
    def has_ended(self) -> bool:
        """Say whether nothing more will happen."""
        return self.status == "STOPPED"

    @property
    def is_lost(self) -> bool:
        """Say whether ECS does not know the task."""
        return self.status == _LOST


class ReleaseCommand(Block):
    """
    Runs a release's own command once, as an ECS task with the release's task definition.

    Example:
        Read how the command of a release ended:
        ```python
        from blocks.ecs.release_command import ReleaseCommand

        runner = ReleaseCommand.load("BLOCK_NAME")
        print(runner.progress(outputs, release.release_command.task_arn).exit_code)
        ```
    """

    _block_type_name = "Release Command"
    _block_type_slug = "release-command"
    _documentation_url = HttpUrl(
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/standalone-tasks.html"
    )

    credentials: AwsCredentials = Field(description="Credentials for the account.")
    timeout_seconds: int = Field(
        default=3600, ge=10, le=86400, description="How long one command may take, start included."
    )
    log_lines: int = Field(
        default=20, ge=1, le=200, description="How many last log lines tell how it ended."
    )

    def begin(self, release_id: str, outputs: StackOutputs, command: Sequence[str]) -> str:
        """Adopt the task that this release started, running or ended, or start it; returns its ARN.

        Raises:
            Refused: E_COMMAND_ACTIVE, another release's command still runs.
            ExternalError: E_COMMAND_START, ECS did not place the task.
        """
        tasks = list(self._one_off_tasks(outputs))
        ours = [task for task in tasks if task.get("startedBy") == release_id]
        if ours:
            return str(min(ours, key=lambda task: task["createdAt"])["taskArn"])
        running = [task for task in tasks if task["lastStatus"] != "STOPPED"]
        if running:
            raise _is_busy(outputs, running[0])
        return self._run(release_id, outputs, command)

    def progress(self, outputs: StackOutputs, task_arn: str) -> CommandProgress:
        """Read where a task stands; once it has ended, with what it said last."""
        tasks = described_tasks(self.credentials, outputs, [task_arn])
        if not tasks:
            return CommandProgress(status=_LOST)
        (task,) = tasks
        status = str(task["lastStatus"])
        if status != "STOPPED":
            return CommandProgress(status=status)
        reason, exit_code = reading.stop_of(task, outputs.container_name)
        said = log_tail(self.credentials, outputs, task_arn, self.log_lines)
        return CommandProgress(
            status=status, exit_code=exit_code, stopped_reason=reason, log_tail=reading.cut(said)
        )

    def stop(self, outputs: StackOutputs, task_arn: str, reason: str) -> None:
        """Stop a task; nothing happens where it has ended."""
        with translated("ECS", "StopTask"):
            self._client().stop_task(
                cluster=outputs.cluster_name, task=task_arn, reason=reason[:255]
            )

    def _run(self, release_id: str, outputs: StackOutputs, command: Sequence[str]) -> str:
        service = active_service(self.credentials, outputs)
        override = {"name": outputs.container_name, "command": list(command)}
        tags = {
            "delightful:service": outputs.service,
            "delightful:environment": outputs.environment,
            "delightful:release": release_id,
        }
        with translated("ECS", "RunTask"):
            answer = self._client().run_task(
                cluster=outputs.cluster_name,
                taskDefinition=outputs.task_definition_arn,
                count=1,
                launchType="FARGATE",
                networkConfiguration=reading.of_primary(service, "networkConfiguration"),
                overrides={"containerOverrides": [override]},
                startedBy=release_id,
                # ECS answers the same token with the task that it started for it.
                clientToken=release_id,
                tags=[{"key": key, "value": value} for key, value in tags.items()],
            )
        if not answer["tasks"]:
            raise _was_not_placed(release_id, answer.get("failures", ()))
        return str(answer["tasks"][0]["taskArn"])

    def _one_off_tasks(self, outputs: StackOutputs) -> Iterator[Mapping[str, Any]]:
        """Yield the tasks that releases started, ended ones for as long as ECS keeps them.

        Filtered here: of ListTasks' filters `startedBy` must be the only one.
        """
        prefix = f"{outputs.service}-{outputs.environment}-"
        for status in ("RUNNING", "STOPPED"):
            for arns in self._listed(outputs, status):
                for task in described_tasks(self.credentials, outputs, arns):
                    if str(task.get("startedBy", "")).startswith(prefix):
                        yield task

    def _listed(self, outputs: StackOutputs, status: str) -> Iterator[Sequence[str]]:
        with translated("ECS", "ListTasks"):
            pages = (
                self._client()
                .get_paginator("list_tasks")
                .paginate(
                    cluster=outputs.cluster_name,
                    family=outputs.task_definition_arn.rpartition("/")[2].rpartition(":")[0],
                    desiredStatus=status,
                    PaginationConfig={"PageSize": _DESCRIBED_TASKS},
                )
            )
            for page in pages:
                yield page["taskArns"]

    def _client(self) -> Any:
        return aws_client(self.credentials, "ecs")


def _is_busy(outputs: StackOutputs, task: Mapping[str, Any]) -> Refused:
    return Refused(
        "E_COMMAND_ACTIVE",
        f"{outputs.service_name}: the release command of {task['startedBy']} still runs as "
        f"{task['taskArn']}",
        hint="wait for it to end, or stop it, then run the same again",
    )


def _was_not_placed(release_id: str, failures: Sequence[Mapping[str, Any]]) -> ExternalError:
    told = [f"{one.get('reason', '')} {one.get('detail', '')}".strip() for one in failures]
    return ExternalError(
        "E_COMMAND_START",
        f"the release command of {release_id} was not started",
        hint="read the cause, then deploy again",
        service="ECS",
        operation="RunTask",
        cause="; ".join(told) or "no reason given",
    )
