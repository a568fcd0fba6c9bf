"""The endpoint answers what it can, and says in AWS's own form what it cannot."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from sandbox.description import SandboxDescription

pytestmark = pytest.mark.sandbox

Client = Callable[[str], Any]


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("ecr", "describe_pull_through_cache_rules", {}),  # JSON
        ("ec2", "describe_fpga_images", {}),  # EC2's query
        ("elb", "describe_account_limits", {}),  # query
        ("lambda", "get_account_settings", {}),  # REST with JSON, no such route
    ],
)
def test_a_call_that_nobody_implements_is_refused_once_and_by_name(
    client: Client, service: str, operation: str, parameters: dict[str, str]
) -> None:
    """SDKs and Terraform report a 400 at once; a 500 they would repeat for minutes."""
    with pytest.raises(ClientError) as refused:
        getattr(client(service), operation)(**parameters)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "NotImplemented" in refused.value.response["Error"]["Code"]
    assert "The sandbox lacks this call" in refused.value.response["Error"]["Message"]


def test_the_account_holds_what_a_deploy_starts_from(
    client: Client, sandbox: SandboxDescription
) -> None:
    """State bucket with versions, artifact bucket, lock table and ledger table are there."""
    s3, dynamodb = client("s3"), client("dynamodb")
    for bucket in (sandbox.state_bucket, sandbox.artifact_bucket):
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    keys = {
        table: [
            (key["AttributeName"], key["KeyType"])
            for key in dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
        ]
        for table in (sandbox.lock_table, sandbox.ledger_table)
    }
    assert keys == {
        sandbox.lock_table: [("LockID", "HASH")],
        sandbox.ledger_table: [("stream", "HASH"), ("item", "RANGE")],
    }


def test_calls_are_made_in_the_sandboxs_account(
    client: Client, sandbox: SandboxDescription
) -> None:
    """Whoever asks is in the account that the description names."""
    assert client("sts").get_caller_identity()["Account"] == sandbox.account


def test_the_managed_policies_of_aws_are_there(client: Client) -> None:
    """Roles can attach AWS's own policies, as the service root does."""
    name = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    assert client("iam").get_policy(PolicyArn=name)["Policy"]["Arn"] == name


def test_motos_own_dashboard_and_reset_are_not_served(sandbox: SandboxDescription) -> None:
    """Nothing can change state behind the backends that stand on it."""
    url = f"{sandbox.aws_endpoint_url}/moto-api/reset"
    assert httpx.post(url).status_code == 404


def test_no_page_of_another_origin_may_read_an_answer(sandbox: SandboxDescription) -> None:
    """A browser on this machine is told nothing that would let a page use the endpoint."""
    answer = httpx.get(sandbox.aws_endpoint_url, headers={"Origin": "https://example.com"})
    assert "access-control-allow-origin" not in answer.headers
