"""Security groups through botocore: what Terraform reads back."""

from typing import Any

import boto3
import pytest

from sandbox.description import SandboxDescription

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def network(sandbox: SandboxDescription) -> Any:
    """Return EC2's client."""
    session = boto3.Session(
        sandbox.access_key_id, sandbox.secret_access_key, region_name=sandbox.region
    )
    return session.client("ec2", endpoint_url=sandbox.aws_endpoint_url)


@pytest.fixture(scope="module")
def group_id(network: Any) -> str:
    """Return a security group."""
    made = network.create_security_group(GroupName="described", Description="of a test")
    name: str = made["GroupId"]
    return name


def test_a_rule_between_groups_keeps_its_description(network: Any, group_id: str) -> None:
    """What a rule is for stands with it, and can be changed."""
    pair = {"GroupId": group_id, "Description": "server to database"}
    tcp = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432}
    network.authorize_security_group_ingress(
        GroupId=group_id, IpPermissions=[{**tcp, "UserIdGroupPairs": [pair]}]
    )
    (rule,) = ingress(network, group_id)
    assert rule["Description"] == "server to database"
    assert rule["ReferencedGroupInfo"]["GroupId"] == group_id
    changed = {**tcp, "ReferencedGroupId": group_id, "Description": "changed"}
    network.modify_security_group_rules(
        GroupId=group_id,
        SecurityGroupRules=[
            {"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": changed}
        ],
    )
    assert [rule["Description"] for rule in ingress(network, group_id)] == ["changed"]


def ingress(network: Any, group_id: str) -> list[dict[str, Any]]:
    """Return a group's rules for what comes in."""
    found = network.describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [group_id]}]
    )
    return [rule for rule in found["SecurityGroupRules"] if not rule["IsEgress"]]
