"""What Terraform's provider asks of AWS is what the roles that run it may do."""

from pathlib import Path

import pytest

from tests.infrastructure.identity.account import COUNT_OF_TASKS, IAM, SCALABLE_TARGET, SECRET
from tests.infrastructure.identity.conftest import BOUNDARY, Account
from tests.infrastructure.identity.iam import Request, is_allowed

pytestmark = pytest.mark.sandbox

CALLS = [
    line
    for line in Path(__file__).with_name("provider_calls.txt").read_text().splitlines()
    if not line.startswith("#")
]
# Asked for within the calls that make something: for its tags, and by RDS for the password.
WITHIN = [
    "application-autoscaling:TagResource",
    "cloudwatch:TagResource",
    "codedeploy:TagResource",
    "ecs:TagResource",
    "elasticache:AddTagsToResource",
    "elasticloadbalancing:AddTags",
    "iam:TagRole",
    "kms:DescribeKey",
    "logs:TagResource",
    "rds:AddTagsToResource",
    "secretsmanager:CreateSecret",
    "secretsmanager:TagResource",
    "ssm:AddTagsToResource",
    "xray:TagResource",
]
READING = ("BatchGet", "Describe", "Get", "List")
RESOURCES = {
    "application-autoscaling": SCALABLE_TARGET,
    "iam": f"{IAM}:role/hello-staging-task",
    "secretsmanager": f"{SECRET}:rds!db-0123-abc123",
    "ssm": "arn:aws:ssm:eu-central-1:123456789012:parameter/delightful/staging/platform",
}


def request(action: str) -> Request:
    """Return a call as the provider makes it for staging, with the boundary on every role."""
    context = {
        "aws:ResourceTag/delightful:environment": "staging",
        "iam:PermissionsBoundary": BOUNDARY,
        **COUNT_OF_TASKS,
    }
    return Request(action, RESOURCES.get(action.split(":")[0], "*"), context)


def test_apply_may_do_all_that_an_apply_asks(account: Account) -> None:
    """Nothing that the provider was seen to ask for is missing from the apply role."""
    policies = account["delightful-staging-apply"].policies
    missing = [one for one in CALLS + WITHIN if not is_allowed(policies, request(one))]
    assert len(CALLS) >= 130
    assert not missing


@pytest.mark.parametrize("role", ["delightful-plan", "hello-drift"])
def test_who_compares_may_read_all_that_a_plan_reads(account: Account, role: str) -> None:
    """Of the same calls, the roles that compare have exactly those that read."""
    policies = account[role].policies
    allowed = {one for one in CALLS if is_allowed(policies, request(one))}
    assert allowed == {one for one in CALLS if one.split(":")[1].startswith(READING)}
