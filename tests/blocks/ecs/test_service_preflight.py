"""What a deploy would miss is seen in AWS itself before it begins."""

import json
from collections.abc import Callable

import pytest

from blocks.aws import aws_client
from blocks.delivery_environment import DeliveryEnvironment
from blocks.ecs.preflight import ServicePreflight, trusted_services
from tests.blocks.staging import Stage

SECRETS = "arn:aws:secretsmanager:us-east-1:123456789012:secret:none-AbCdEf:key::"
PARAMETERS = "arn:aws:ssm:us-east-1:123456789012:parameter/preflight/none"


@pytest.fixture
def preflight(delivery: DeliveryEnvironment) -> ServicePreflight:
    """Return the block over the sandbox."""
    return delivery.preflight()


@pytest.mark.sandbox
def test_missing_secrets_are_told_from_those_that_exist(
    preflight: ServicePreflight, delivery: DeliveryEnvironment
) -> None:
    """Both stores are asked; a key behind a secret's ARN does not confuse it."""
    manager, parameters = (
        aws_client(delivery.credentials, name) for name in ("secretsmanager", "ssm")
    )
    secret = manager.create_secret(Name="preflight", SecretString="{}")["ARN"]
    parameters.put_parameter(Name="/preflight/dsn", Value="x", Type="SecureString")
    parameter = parameters.get_parameter(Name="/preflight/dsn")["Parameter"]["ARN"]
    wanted = [f"{secret}:key::", SECRETS, parameter, PARAMETERS]
    assert preflight.missing_secrets(wanted) == (SECRETS, PARAMETERS)
    manager.delete_secret(SecretId="preflight", RecoveryWindowInDays=7)
    assert preflight.missing_secrets([secret]) == (secret,)


@pytest.mark.sandbox
def test_a_running_service_is_seen_whole(
    preflight: ServicePreflight, staged: Callable[[str], Stage], delivery: DeliveryEnvironment
) -> None:
    """Port, log group and room are those of the service; a log group's prefix is not the group."""
    outputs = staged("blue_green").outputs
    assert preflight.registered_port(outputs) == outputs.container_port
    assert preflight.has_log_group(outputs.log_group_name)
    assert not preflight.has_log_group(outputs.log_group_name.rpartition("/")[0])
    room = preflight.capacity(outputs)
    assert (room.desired_count, room.task_vcpu) == (1, 0.25)
    assert room.free_addresses > 100


@pytest.mark.sandbox
def test_a_role_that_codedeploy_cannot_take_on_is_named(
    preflight: ServicePreflight, staged: Callable[[str], Stage], delivery: DeliveryEnvironment
) -> None:
    """The group's role has to be there and to trust CodeDeploy."""
    outputs = staged("blue_green").outputs
    codedeploy = aws_client(delivery.credentials, "codedeploy")
    role = codedeploy.get_deployment_group(
        applicationName=outputs.codedeploy_application_name,
        deploymentGroupName=outputs.codedeploy_deployment_group_name,
    )["deploymentGroupInfo"]["serviceRoleArn"]
    (told,) = preflight.untrusted_roles(outputs)
    assert role in told
    trust = {"Effect": "Allow", "Principal": {"Service": "codedeploy.amazonaws.com"}}
    aws_client(delivery.credentials, "iam").create_role(
        RoleName=role.rpartition("/")[2],
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    assert preflight.untrusted_roles(outputs) == ()


def test_trust_counts_where_it_is_allowed_to_a_service() -> None:
    """Denials and other kinds of principals let no service in."""
    policy = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": ["a", "b"]}},
            {"Effect": "Allow", "Principal": {"Service": "c"}},
            {"Effect": "Deny", "Principal": {"Service": "d"}},
            {"Effect": "Allow", "Principal": {"AWS": "e"}},
            {"Effect": "Allow", "Principal": "*"},
        ]
    }
    assert trusted_services(policy) == {"a", "b", "c"}
