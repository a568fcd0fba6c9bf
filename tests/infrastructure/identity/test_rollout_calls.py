"""What the blocks ask of AWS to roll a service out is what its deploy role may do."""

import re
from pathlib import Path

import pytest

from tests.infrastructure.identity.account import CODEDEPLOY, DYNAMODB
from tests.infrastructure.identity.conftest import Account
from tests.infrastructure.identity.iam import Request, is_allowed

pytestmark = pytest.mark.sandbox

BLOCKS = Path(__file__).resolve().parents[3] / "blocks"
ROLLING_OUT = (
    "codedeploy_rollout.py",
    "ecs_calls.py",
    "ecs_service.py",
    "image_registry.py",
    "ledger_table.py",
    "release_command.py",
    "rolling_rollout.py",
)
CALL = re.compile(r'(?:translated\("([A-Za-z ]+)", |_call\()"([A-Za-z]+)"')
REGION = "eu-central-1:123456789012"
SERVICES = {
    "CloudWatch": ("cloudwatch", "*"),
    "CloudWatch Logs": ("logs", f"arn:aws:logs:{REGION}:log-group:/delightful/staging/hello:x"),
    "CodeDeploy": ("codedeploy", f"{CODEDEPLOY}:deploymentgroup:hello-staging/hello-staging"),
    "DynamoDB": ("dynamodb", f"{DYNAMODB}/delightful-releases"),
    "ECR": ("ecr", f"arn:aws:ecr:{REGION}:repository/hello"),
    "ECS": ("ecs", f"arn:aws:ecs:{REGION}:service/delightful-staging/hello-staging"),
    "IAM": ("iam", "*"),
    "ELB": ("elasticloadbalancing", "*"),
}
TASK = f"arn:aws:ecs:{REGION}:task/delightful-staging/0123456789abcdef"
# Asked for within RunTask: for its tags, and for the roles of the task definition.
WITHIN = {("ECS", "TagResource"), ("IAM", "PassRole")}
# Where the permission has another name, or another resource.
RENAMED = {"dynamodb:TransactWriteItems": "dynamodb:PutItem"}
RESOURCES = {
    "ecr:GetAuthorizationToken": "*",
    "ecs:DescribeTaskDefinition": "*",
    "ecs:DescribeTasks": TASK,
    "ecs:ListTasks": "*",
    "ecs:RunTask": f"arn:aws:ecs:{REGION}:task-definition/hello-staging:7",
    "ecs:StopTask": TASK,
    "ecs:TagResource": TASK,
    "iam:PassRole": "arn:aws:iam::123456789012:role/hello-staging-execution",
}


def asked() -> set[tuple[str, str]]:
    """Return every call that stands in the blocks' sources, as service and operation."""
    return {
        (service or "DynamoDB", operation)
        for file in ROLLING_OUT
        for service, operation in CALL.findall((BLOCKS / file).read_text())
    }


def test_deploy_may_do_all_that_a_rollout_asks(account: Account) -> None:
    """No call of the blocks that roll out, watch and record is missing from the deploy role."""
    policies, calls = account["hello-staging-deploy"].policies, asked() | WITHIN
    assert len(calls) >= 15
    for service, operation in calls:
        prefix, resource = SERVICES[service]
        action = RENAMED.get(f"{prefix}:{operation}", f"{prefix}:{operation}")
        context = {
            "aws:ResourceTag/delightful:environment": "staging",
            "aws:ResourceTag/delightful:service": "hello",
            "dynamodb:LeadingKeys": ["hello/staging"],
            "ecs:CreateAction": "RunTask",
            "ecs:cluster": f"arn:aws:ecs:{REGION}:cluster/delightful-staging",
            "iam:PassedToService": "ecs-tasks.amazonaws.com",
        }
        request = Request(action, RESOURCES.get(action, resource), context)
        assert is_allowed(policies, request), action
