"""The revisions of one service's task definition: which there are, which run, and their end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

from botocore.exceptions import ClientError
from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl

from blocks.aws import aws_client, error_code, translated
from delightful.errors import ExternalError
from delightful.retention import Revision, ServiceUse

# What DeleteTaskDefinitions takes at once (AWS API reference).
_AT_ONCE = 10

Status = Literal["ACTIVE", "INACTIVE"]


class TaskDefinitions(Block):
    """
    Lists the revisions of a service's task definition and removes them.

    Example:
        See what is registered:
        ```python
        from blocks.ecs.task_definitions import TaskDefinitions

        definitions = TaskDefinitions.load("BLOCK_NAME")
        print([revision.arn for revision in definitions.revisions()])
        ```
    """

    _block_type_name = "Task Definitions"
    _block_type_slug = "task-definitions"
    _documentation_url = HttpUrl(
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-definition-state.html"
    )

    credentials: AwsCredentials = Field(description="Credentials for the account.")
    cluster_name: str = Field(
        min_length=1, max_length=255, description="ECS cluster that the service runs in."
    )
    service_name: str = Field(
        min_length=1,
        max_length=255,
        description="ECS service, which is the name of its task definition's family too.",
    )

    def revisions(self) -> tuple[Revision, ...]:
        """Return every revision that is not deleted, those that are deregistered last."""
        return tuple(
            Revision(arn=arn, status=status)
            for status in get_args(Status)
            for arn in self._listed(status)
        )

    def use(self) -> ServiceUse:
        """Return what the service runs; it is there until its last task has stopped."""
        service = self._service()
        if service is None:
            return ServiceUse(is_there=False)
        sets = [service, *service.get("deployments", ()), *service.get("taskSets", ())]
        arns = (one["taskDefinition"] for one in sets if one.get("taskDefinition"))
        return ServiceUse(is_there=True, task_definition_arns=tuple(dict.fromkeys(arns)))

    def remove(self, revisions: Sequence[Revision]) -> None:
        """Deregister revisions and delete them; one that is deregistered is only deleted.

        ECS keeps each until no task and no service uses it, which it does not wait for.

        Raises:
            ExternalError: E_AWS, ECS kept some; all others are deleted.
        """
        for revision in revisions:
            if revision.status == "ACTIVE":
                with translated("ECS", "DeregisterTaskDefinition"):
                    self._client().deregister_task_definition(taskDefinition=revision.arn)
        arns = [revision.arn for revision in revisions]
        kept = [
            f"{failure['arn']}: {failure['reason']}"
            for start in range(0, len(arns), _AT_ONCE)
            for failure in self._failures(arns[start : start + _AT_ONCE])
        ]
        if kept:
            raise ExternalError(
                "E_AWS",
                f"{len(kept)} of {len(arns)} revisions were kept",
                hint="put the cause right, then run the same again",
                service="ECS",
                operation="DeleteTaskDefinitions",
                cause="; ".join(kept[:3]),
            )

    def _listed(self, status: Status) -> Iterator[str]:
        with translated("ECS", "ListTaskDefinitions"):
            pages = self._client().get_paginator("list_task_definitions")
            for page in pages.paginate(familyPrefix=self.service_name, status=status):
                yield from page["taskDefinitionArns"]

    def _service(self) -> Mapping[str, Any] | None:
        with translated("ECS", "DescribeServices"):
            try:
                answer = self._client().describe_services(
                    cluster=self.cluster_name, services=[self.service_name]
                )
            except ClientError as error:
                if error_code(error) != "ClusterNotFoundException":
                    raise
                return None
        return next((one for one in answer["services"] if one["status"] != "INACTIVE"), None)

    def _failures(self, arns: Sequence[str]) -> Sequence[Mapping[str, str]]:
        with translated("ECS", "DeleteTaskDefinitions"):
            answer = self._client().delete_task_definitions(taskDefinitions=list(arns))
        failures: Sequence[Mapping[str, str]] = answer["failures"]
        return failures

    def _client(self) -> Any:
        return aws_client(self.credentials, "ecs")
