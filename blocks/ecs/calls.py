"""The calls to ECS that more than one block makes."""

from collections.abc import Mapping, Sequence
from typing import Any

from prefect_aws import AwsCredentials

from blocks.aws import aws_client, translated
from delightful.errors import ExternalError
from delightful.release import StackOutputs


def found_service(credentials: AwsCredentials, outputs: StackOutputs) -> Mapping[str, Any]:
    """Return a service as ECS describes it; empty where it has no active one."""
    with translated("ECS", "DescribeServices"):
        answer = aws_client(credentials, "ecs").describe_services(
            cluster=outputs.cluster_name, services=[outputs.service_name]
        )
    return next((one for one in answer["services"] if one["status"] == "ACTIVE"), {})


def active_service(credentials: AwsCredentials, outputs: StackOutputs) -> Mapping[str, Any]:
    """Return a service as ECS describes it.

    Raises:
        ExternalError: E_SERVICE_MISSING, ECS does not know the service.
    """
    service = found_service(credentials, outputs)
    if not service:
        raise service_missing(outputs, "no active service of that name")
    return service


def service_missing(outputs: StackOutputs, cause: str) -> ExternalError:
    """Return the error that a service, or a part of it, is gone."""
    return ExternalError(
        "E_SERVICE_MISSING",
        f"{outputs.service_name} in cluster {outputs.cluster_name}",
        hint="deploy it again: Terraform makes it anew",
        service="ECS",
        operation="DescribeServices",
        cause=cause,
    )


def described_tasks(
    credentials: AwsCredentials, outputs: StackOutputs, arns: Sequence[str]
) -> Sequence[Mapping[str, Any]]:
    """Return tasks, at most a hundred, as ECS describes them; those that it lost are left out."""
    if not arns:
        return ()
    with translated("ECS", "DescribeTasks"):
        answer = aws_client(credentials, "ecs").describe_tasks(
            cluster=outputs.cluster_name, tasks=list(arns)
        )
    found: Sequence[Mapping[str, Any]] = answer["tasks"]
    return found
