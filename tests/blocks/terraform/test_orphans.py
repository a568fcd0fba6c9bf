"""What an apply whose state was lost has left: found by its planned values, if it is ours."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prefect_aws import AwsCredentials

from blocks.aws import aws_client
from blocks.terraform.orphans import ADOPTED_TYPES, import_blocks, orphans_of
from delightful.reading.plan import PlanDocument

PROJECT = Path(__file__).resolve().parents[3]
TAGS = {"delightful:service": "orphaned", "delightful:environment": "sandbox"}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def plan(*resources: tuple[str, str, dict[str, Any]], action: str = "create") -> PlanDocument:
    """Return a plan that does the same with each resource: its address, type and values."""
    changes = [
        {"address": address, "type": kind, "change": {"actions": [action], "after": values}}
        for address, kind, values in resources
    ]
    document = {"format_version": "1.2", "complete": True, "errored": False}
    return PlanDocument.model_validate({**document, "resource_changes": changes})


def test_every_type_of_a_service_can_be_adopted() -> None:
    """A new resource of infrastructure/service is not forgotten; a task definition is made anew."""
    root = PROJECT / "infrastructure" / "service"
    sources = [path.read_text() for path in root.glob("*.tf")]
    modules = set(re.findall(r'source\s*=\s*"\.\./modules/(\w+)"', "\n".join(sources)))
    for module in modules:
        sources += [path.read_text() for path in (root.parent / "modules" / module).glob("*.tf")]
    types = set(re.findall(r'^resource "(\w+)"', "\n".join(sources), re.MULTILINE))
    assert len(types) > 20
    assert types - ADOPTED_TYPES == {"aws_ecs_task_definition"}


def test_import_blocks_quote_what_they_name() -> None:
    """An id is text, never an expression."""
    adopted = {'module.a.aws_lb.this["blue"]': 'a"b\\${c}%{d}'}
    assert import_blocks(adopted) == (
        'import {\n  to = module.a.aws_lb.this["blue"]\n  id = "a\\"b\\\\$${c}%%{d}"\n}\n'
    )


@pytest.mark.sandbox
def test_what_is_there_is_found_by_its_planned_values(credentials: AwsCredentials) -> None:
    """Names lead to ids; what belongs to something unknown is found in the next round."""
    ec2, iam = aws_client(credentials, "ec2"), aws_client(credentials, "iam")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    tags = [{"Key": name, "Value": value} for name, value in TAGS.items()]
    group = ec2.create_security_group(
        GroupName="orphaned",
        Description="d",
        VpcId=vpc,
        TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
    )["GroupId"]
    permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    rule = ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**permission, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]
    )["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    iam.create_role(RoleName="orphaned", AssumeRolePolicyDocument=TRUST, Tags=tags)
    aws_client(credentials, "logs").create_log_group(logGroupName="/orphaned")

    planned_rule = {"ip_protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_ipv4": "10.0.0.0/8"}
    resources = [
        ("group", "aws_security_group", {"name": "orphaned", "vpc_id": vpc, "tags": TAGS}),
        ("rule", "aws_vpc_security_group_ingress_rule", planned_rule),
        ("role", "aws_iam_role", {"name": "orphaned", "tags": TAGS}),
        ("policy", "aws_iam_role_policy", {"role": "orphaned", "name": "none"}),
        ("logs", "aws_cloudwatch_log_group", {"name": "/orphaned"}),
        ("no logs", "aws_cloudwatch_log_group", {"name": "/orphan"}),
        ("app", "aws_codedeploy_app", {"name": "orphaned"}),
        ("balancer", "aws_lb", {"name": "orphaned"}),
        ("service", "aws_ecs_service", {"name": "orphaned", "cluster": "arn/none"}),
        ("unknown", "aws_made_up", {"name": "orphaned"}),
    ]
    first = {"group": group, "role": "orphaned", "logs": "/orphaned"}
    assert orphans_of(credentials, plan(*resources)) == first
    assert orphans_of(credentials, plan(*resources, action="update")) == {}
    placed = {**planned_rule, "security_group_id": group}
    kind = "aws_vpc_security_group_ingress_rule"
    assert orphans_of(credentials, plan(("rule", kind, placed))) == {"rule": rule}
    assert orphans_of(credentials, plan(("rule", kind, {**placed, "to_port": 81}))) == {}


@pytest.mark.sandbox
def test_what_bears_other_tags_is_somebody_elses(credentials: AwsCredentials) -> None:
    """A role of the same name that another tool made is not taken over."""
    aws_client(credentials, "iam").create_role(
        RoleName="foreign", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "made-by", "Value": "x"}]
    )
    wanted = plan(("role", "aws_iam_role", {"name": "foreign", "tags": TAGS}))
    assert orphans_of(credentials, wanted) == {}
