"""What an apply role may do, and what it may never."""

import pytest

from tests.infrastructure.identity.account import (
    CODEDEPLOY,
    COUNT_OF_TASKS,
    DYNAMODB,
    IAM,
    SCALABLE_TARGET,
    SECRET,
    STATE,
    TASK_DEFINITION,
    may,
)
from tests.infrastructure.identity.conftest import BOUNDARY, Account
from tests.infrastructure.identity.iam import Request, is_allowed, is_denied
from tests.infrastructure.identity.roles import Role

pytestmark = pytest.mark.sandbox


@pytest.fixture
def apply(account: Account) -> Role:
    """Return the role that applies staging."""
    return account["delightful-staging-apply"]


OWN = [
    f"{IAM}:role/delightful/delightful-{name}"
    for name in ("plan", "staging-apply", "production-apply", "staging-worker", "analyzer")
]
OWN += [f"{IAM}:role/delightful/hello-{name}" for name in ("build", "staging-deploy")]


@pytest.mark.parametrize("resource", OWN)
@pytest.mark.parametrize(
    "action",
    [
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:TagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
    ],
)
def test_apply_edits_neither_itself_nor_any_role_of_the_account(
    action: str, resource: str, apply: Role
) -> None:
    """Each change of the identity's roles is denied in so many words, with the boundary too."""
    request = Request(action, resource, {"iam:PermissionsBoundary": BOUNDARY})
    assert is_denied(apply.policies, request)


@pytest.mark.parametrize(
    "action",
    [
        "iam:CreatePolicyVersion",
        "iam:DeletePolicy",
        "iam:DeletePolicyVersion",
        "iam:SetDefaultPolicyVersion",
        "iam:TagPolicy",
    ],
)
def test_apply_edits_no_boundary(action: str, apply: Role) -> None:
    """The boundary is no apply role's to change, its own environment's included."""
    assert is_denied(apply.policies, Request(action, BOUNDARY))


@pytest.mark.parametrize(
    "action",
    [
        "iam:AddClientIDToOpenIDConnectProvider",
        "iam:CreateOpenIDConnectProvider",
        "iam:DeleteOpenIDConnectProvider",
        "iam:RemoveClientIDFromOpenIDConnectProvider",
        "iam:UpdateOpenIDConnectProviderThumbprint",
    ],
)
def test_apply_edits_no_identity_provider(action: str, apply: Role) -> None:
    """Whom the account believes is no apply role's to change."""
    provider = f"{IAM}:oidc-provider/token.actions.githubusercontent.com"
    assert is_denied(apply.policies, Request(action, provider))


def test_apply_makes_no_long_lived_key(apply: Role) -> None:
    """Neither a user nor a key nor a password can come of an apply."""
    for action in ("CreateUser", "CreateAccessKey", "CreateLoginProfile", "PutUserPolicy"):
        assert is_denied(apply.policies, Request(f"iam:{action}", f"{IAM}:user/anyone")), action


def test_apply_makes_roles_with_its_own_boundary_only(apply: Role) -> None:
    """Without the boundary, or with another one, no role is made and none is given a policy."""
    role, other = f"{IAM}:role/hello-staging-task", BOUNDARY.replace("staging", "production")
    for action in ("CreateRole", "PutRolePolicy", "AttachRolePolicy", "PutRolePermissionsBoundary"):
        assert may(apply, f"iam:{action}", role, iam__PermissionsBoundary=BOUNDARY), action
        assert not may(apply, f"iam:{action}", role, iam__PermissionsBoundary=other), action
        assert not may(apply, f"iam:{action}", role), action
    assert is_denied(apply.policies, Request("iam:DeleteRolePermissionsBoundary", role))


def test_apply_leaves_roles_of_other_environments_alone(apply: Role) -> None:
    """A role that is not named after the environment is out of reach, with the boundary too."""
    for action in ("CreateRole", "PutRolePolicy", "UpdateAssumeRolePolicy", "DeleteRole"):
        for name in ("hello-production-task", "administrator"):
            role = f"{IAM}:role/{name}"
            assert not may(apply, f"iam:{action}", role, iam__PermissionsBoundary=BOUNDARY)


def test_apply_changes_nothing_that_is_tagged_for_another_environment(apply: Role) -> None:
    """Where AWS shows the tag of a resource, another environment's is out of reach."""
    context = {"aws:ResourceTag/delightful:environment": "production"}
    assert is_denied(apply.policies, Request("ecs:DeleteService", "*", context))
    own = {"aws:ResourceTag/delightful:environment": "staging"}
    assert is_allowed(apply.policies, Request("ecs:DeleteService", "*", own))


def test_apply_writes_its_states_and_deletes_no_version(apply: Role) -> None:
    """States of the environment are written; versions, other states and the bucket stay."""
    state = f"{STATE}/services/staging/hello/terraform.tfstate"
    assert may(apply, "s3:GetObject", state)
    assert may(apply, "s3:PutObject", state)
    assert may(apply, "s3:DeleteObject", f"{state}.tflock")
    assert not may(apply, "s3:DeleteObject", state)
    for action in ("DeleteObjectVersion", "DeleteObjectVersionTagging"):
        assert is_denied(apply.policies, Request(f"s3:{action}", f"{state}.tflock")), action
    for action in ("DeleteBucket", "PutBucketVersioning", "PutBucketPolicy", "DeleteBucketPolicy"):
        assert is_denied(apply.policies, Request(f"s3:{action}", STATE)), action
    assert is_denied(apply.policies, Request("s3:PutLifecycleConfiguration", STATE))
    for other in ("services/production/hello", "bootstrap", "registry/hello"):
        assert not may(apply, "s3:PutObject", f"{STATE}/{other}/terraform.tfstate"), other
        assert not may(apply, "s3:GetObject", f"{STATE}/{other}/terraform.tfstate"), other


def test_apply_locks_its_own_states_only(apply: Role) -> None:
    """A lock of another environment is neither taken nor broken; no table is changed."""
    table, key = f"{DYNAMODB}/delightful-locks", "dynamodb:LeadingKeys"
    for environment, expected in (("staging", True), ("production", False)):
        lock = f"delightful-state-123456789012/services/{environment}/hello/terraform.tfstate"
        for action in ("GetItem", "PutItem", "DeleteItem"):
            request = Request(f"dynamodb:{action}", table, {key: [lock, lock]})
            assert is_allowed(apply.policies, request) is expected, (environment, action)
    for name in ("delightful-locks", "delightful-releases"):
        for action in ("DeleteTable", "UpdateTable", "UpdateContinuousBackups"):
            request = Request(f"dynamodb:{action}", f"{DYNAMODB}/{name}")
            assert is_denied(apply.policies, request), (name, action)


def test_apply_starts_no_rollout_and_reads_no_secret(apply: Role) -> None:
    """Traffic is the deploy role's, and a secret's value is the task's."""
    group = f"{CODEDEPLOY}:deploymentgroup:hello-staging/hello-staging"
    assert not may(apply, "codedeploy:CreateDeployment", group)
    assert not may(apply, "secretsmanager:GetSecretValue", f"{SECRET}:delightful/staging/x-abcdef")
    assert not may(apply, "secretsmanager:GetSecretValue", f"{SECRET}:rds!db-1-abcdef")
    assert not may(apply, "dynamodb:PutItem", f"{DYNAMODB}/delightful-releases")


def test_apply_deletes_task_definitions_of_its_environment_only(apply: Role) -> None:
    """The sweep reaches every service of the environment, and nobody else's revisions."""
    for family, expected in (
        ("hello-staging", True),
        ("shop-staging", True),
        ("hello-production", False),
        ("staging", False),
        ("hello-staging-2", False),
    ):
        definition = f"{TASK_DEFINITION}/{family}:7"
        assert may(apply, "ecs:DeleteTaskDefinitions", definition) is expected, family
    assert not may(apply, "ecs:DeleteTaskDefinitions")


def test_apply_scales_the_tasks_of_services_and_nothing_else(apply: Role) -> None:
    """A scaler is set up and taken away for ECS services alone, with the role that AWS makes."""
    tables = {
        "application-autoscaling:scalable-dimension": "dynamodb:table:ReadCapacityUnits",
        "application-autoscaling:service-namespace": "dynamodb",
    }
    for action in (
        "DeleteScalingPolicy",
        "DeregisterScalableTarget",
        "PutScalingPolicy",
        "RegisterScalableTarget",
    ):
        for context, expected in ((COUNT_OF_TASKS, True), (tables, False), ({}, False)):
            request = Request(f"application-autoscaling:{action}", SCALABLE_TARGET, context)
            assert is_allowed(apply.policies, request) is expected, (action, context)
    scheduled = Request(
        "application-autoscaling:PutScheduledAction", SCALABLE_TARGET, COUNT_OF_TASKS
    )
    assert not is_allowed(apply.policies, scheduled)


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("ecs.application-autoscaling.amazonaws.com", True),
        ("dynamodb.application-autoscaling.amazonaws.com", False),
    ],
)
def test_apply_has_aws_make_the_scalers_own_role(service: str, expected: bool, apply: Role) -> None:
    """The first scalable target of an account makes the linked role of ECS's scaler."""
    role = (
        f"{IAM}:role/aws-service-role/{service}/AWSServiceRoleForApplicationAutoScaling_ECSService"
    )
    assert may(apply, "iam:CreateServiceLinkedRole", role, iam__AWSServiceName=service) is expected
