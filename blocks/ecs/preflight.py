"""What must be there for a deploy to go through, as AWS shows it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError
from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl

from blocks.aws import aws_client, error_code, translated
from blocks.ecs.calls import active_service, service_missing
from blocks.ecs.reading import of_primary
from delightful.preflight import Capacity
from delightful.release import StackOutputs

# "Fargate On-Demand vCPU resource count".
_FARGATE_VCPU_QUOTA = "L-3032A538"
_TASKS, _CODEDEPLOY = "ecs-tasks.amazonaws.com", "codedeploy.amazonaws.com"


class ServicePreflight(Block):
    """
    Looks for what a deploy would otherwise miss only in its middle.

    Example:
        See whether the tasks can write their logs:
        ```python
        from blocks.ecs.preflight import ServicePreflight

        preflight = ServicePreflight.load("BLOCK_NAME")
        print(preflight.has_log_group("/delightful/staging/hello"))
        ```
    """

    _block_type_name = "Service Preflight"
    _block_type_slug = "service-preflight"
    _documentation_url = HttpUrl(
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshooting.html"
    )

    credentials: AwsCredentials = Field(description="Credentials for the account.")

    def missing_secrets(self, arns: Sequence[str]) -> tuple[str, ...]:
        """Return those of Secrets Manager's secrets and SSM's parameters that are not there."""
        exists = {"secretsmanager": self._has_secret, "ssm": self._has_parameter}
        return tuple(arn for arn in arns if not exists[arn.split(":")[2]](arn))

    def untrusted_roles(self, outputs: StackOutputs) -> tuple[str, ...]:
        """Return, in words, the roles of tasks and CodeDeploy that those cannot take on."""
        return tuple(
            f"{arn} is not there or does not trust {service}"
            for arn, service in self._roles(outputs)
            if service not in self._trusted(arn)
        )

    def registered_port(self, outputs: StackOutputs) -> int:
        """Return the container port that ECS registers in the target group.

        Raises:
            ExternalError: E_SERVICE_MISSING, the service or its load balancer is gone.
        """
        balancers = of_primary(active_service(self.credentials, outputs), "loadBalancers") or ()
        name = outputs.container_name
        ports = [one["containerPort"] for one in balancers if one["containerName"] == name]
        if not ports:
            raise service_missing(outputs, f"no load balancer is attached to the container {name}")
        return int(ports[0])

    def has_log_group(self, name: str) -> bool:
        """Say whether a log group exists."""
        with translated("CloudWatch Logs", "DescribeLogGroups"):
            answer = self._client("logs").describe_log_groups(logGroupNamePrefix=name)
        return name in [group["logGroupName"] for group in answer["logGroups"]]

    def capacity(self, outputs: StackOutputs) -> Capacity:
        """Return what is left for a second set of tasks; a quota that is hidden stays None."""
        service = active_service(self.credentials, outputs)
        network = of_primary(service, "networkConfiguration")["awsvpcConfiguration"]
        with translated("EC2", "DescribeSubnets"):
            answer = self._client("ec2").describe_subnets(SubnetIds=network["subnets"])
        return Capacity(
            desired_count=service["desiredCount"],
            task_vcpu=int(self._definition(outputs)["cpu"]) / 1024,
            free_addresses=sum(subnet["AvailableIpAddressCount"] for subnet in answer["Subnets"]),
            vcpu_quota=self._vcpu_quota(),
        )

    def _has_secret(self, arn: str) -> bool:
        # A JSON key, a stage and a version may follow the secret's own ARN.
        secret = ":".join(arn.split(":")[:7])
        with translated("Secrets Manager", "DescribeSecret"):
            try:
                found = self._client("secretsmanager").describe_secret(SecretId=secret)
            except ClientError as error:
                if error_code(error) != "ResourceNotFoundException":
                    raise
                return False
        return "DeletedDate" not in found

    def _has_parameter(self, arn: str) -> bool:
        # Described, not read: its value is none of ours.
        path = arn.split(":parameter", 1)[1]
        wanted = {"Key": "Name", "Option": "Equals", "Values": [path, path.removeprefix("/")]}
        with translated("SSM", "DescribeParameters"):
            answer = self._client("ssm").describe_parameters(ParameterFilters=[wanted])
        return bool(answer["Parameters"])

    def _roles(self, outputs: StackOutputs) -> Iterator[tuple[str, str]]:
        definition = self._definition(outputs)
        for name in ("executionRoleArn", "taskRoleArn"):
            if name in definition:
                yield str(definition[name]), _TASKS
        if outputs.codedeploy_application_name is not None:
            with translated("CodeDeploy", "GetDeploymentGroup"):
                group = self._client("codedeploy").get_deployment_group(
                    applicationName=outputs.codedeploy_application_name,
                    deploymentGroupName=outputs.codedeploy_deployment_group_name,
                )
            yield str(group["deploymentGroupInfo"]["serviceRoleArn"]), _CODEDEPLOY

    def _trusted(self, role_arn: str) -> frozenset[str]:
        with translated("IAM", "GetRole"):
            try:
                role = self._client("iam").get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
            except ClientError as error:
                if error_code(error) != "NoSuchEntity":
                    raise
                return frozenset()
        return trusted_services(role["AssumeRolePolicyDocument"])

    def _definition(self, outputs: StackOutputs) -> Mapping[str, Any]:
        with translated("ECS", "DescribeTaskDefinition"):
            answer = self._client("ecs").describe_task_definition(
                taskDefinition=outputs.task_definition_arn
            )
        definition: Mapping[str, Any] = answer["taskDefinition"]
        return definition

    def _vcpu_quota(self) -> float | None:
        try:
            answer = self._client("service-quotas").get_service_quota(
                ServiceCode="fargate", QuotaCode=_FARGATE_VCPU_QUOTA
            )
        except ClientError:
            return None
        return float(answer["Quota"]["Value"])

    def _client(self, service: str) -> Any:
        return aws_client(self.credentials, service)


def trusted_services(policy: Mapping[str, Any]) -> frozenset[str]:
    """Return the AWS services that a trust policy lets take on its role."""
    found: set[str] = set()
    for statement in policy.get("Statement", ()):
        principal = statement.get("Principal")
        services = principal.get("Service", ()) if isinstance(principal, Mapping) else ()
        if statement.get("Effect") == "Allow":
            found.update([services] if isinstance(services, str) else services)
    return frozenset(found)
