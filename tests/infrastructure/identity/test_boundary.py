"""The most that a role made for an environment can come to be allowed."""

import pytest

from tests.infrastructure.identity.account import ARTIFACTS, DYNAMODB, IAM, SECRET, STATE
from tests.infrastructure.identity.conftest import BOUNDARY, Account
from tests.infrastructure.identity.iam import Policy, Request, is_allowed, values

pytestmark = pytest.mark.sandbox

EVERYTHING: Policy = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture
def boundary(boundaries: dict[str, Policy]) -> Policy:
    """Return the boundary of the roles that are made for staging."""
    return boundaries["delightful-staging-boundary"]


def test_whatever_apply_makes_stays_within_the_boundary(boundary: Policy) -> None:
    """A role that is allowed everything still reaches neither identity nor Delightful's stores."""
    within = [
        ("s3:GetObject", "arn:aws:s3:::uploads/a"),
        ("logs:PutLogEvents", "*"),
        ("secretsmanager:GetSecretValue", f"{SECRET}:hello-abcdef"),
    ]
    beyond = [
        ("iam:CreateRole", f"{IAM}:role/hello-staging-x"),
        ("iam:CreateAccessKey", f"{IAM}:user/anyone"),
        ("iam:CreatePolicyVersion", BOUNDARY),
        ("iam:DeleteRolePermissionsBoundary", f"{IAM}:role/hello-staging-task"),
        ("sts:AssumeRole", f"{IAM}:role/delightful/delightful-staging-apply"),
        ("ec2:DeleteVpc", "*"),
        ("application-autoscaling:RegisterScalableTarget", "*"),
        ("s3:GetObject", f"{STATE}/services/staging/hello/terraform.tfstate"),
        ("s3:DeleteObjectVersion", f"{STATE}/platform/staging/terraform.tfstate"),
        ("s3:PutObject", f"{ARTIFACTS}/generated/hello/x"),
        ("dynamodb:PutItem", f"{DYNAMODB}/delightful-releases"),
        ("dynamodb:DeleteItem", f"{DYNAMODB}/delightful-locks"),
    ]
    for action, resource in within:
        assert is_allowed([EVERYTHING], Request(action, resource), boundary), action
    for action, resource in beyond:
        assert not is_allowed([EVERYTHING], Request(action, resource), boundary), action


def test_boundary_passes_roles_of_its_environment_to_tasks_only(boundary: Policy) -> None:
    """No role of another environment is handed to a task, and none to another service."""
    tasks, other = "ecs-tasks.amazonaws.com", "lambda.amazonaws.com"
    for name, service, expected in (
        ("hello-staging-task", tasks, True),
        ("hello-staging-task", other, False),
        ("hello-production-task", tasks, False),
        ("delightful/delightful-production-worker", tasks, False),
    ):
        request = Request("iam:PassRole", f"{IAM}:role/{name}", {"iam:PassedToService": service})
        assert is_allowed([EVERYTHING], request, boundary) is expected, (name, service)


def test_execution_role_reads_the_password_of_its_own_database(service_roles: Account) -> None:
    """It reads exactly the secrets that the container names, the database's among them."""
    (execution,) = [role for name, role in service_roles.items() if name.endswith("-execution")]
    own = [f"{SECRET}:rds!db-1-abc123", f"{SECRET}:hello-abc123"]
    for secret, expected in ((own[0], True), (own[1], True), (f"{SECRET}:rds!db-2-def456", False)):
        request = Request("secretsmanager:GetSecretValue", secret)
        assert is_allowed(execution.policies, request) is expected, secret


def test_boundary_leaves_a_service_all_that_its_roles_may(
    service_roles: Account, boundary: Policy
) -> None:
    """Every permission of the roles that `service/` makes lies within the boundary they bear."""
    asked = 0
    for role in service_roles.values():
        assert role.boundary == BOUNDARY, role.name
        for statement in (one for policy in role.policies for one in policy["Statement"]):
            for action in values(statement["Action"]):
                for resource in values(statement["Resource"]):
                    asked += 1
                    passed = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
                    request = Request(action, resource, passed)
                    assert is_allowed([EVERYTHING], request, boundary), (role.name, action)
    assert len(service_roles) == 3
    assert asked >= 20
