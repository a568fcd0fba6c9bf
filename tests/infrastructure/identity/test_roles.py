"""What the roles of flow runs, of CI and of the analyzer may do."""

import json

import pytest

from blocks.published_platform import ACCOUNT_PARAMETER
from flows.registering.account_environment import account_environment
from tests.infrastructure.identity.account import (
    ARTIFACTS,
    CODEDEPLOY,
    DYNAMODB,
    IAM,
    SECRET,
    STATE,
    may,
)
from tests.infrastructure.identity.conftest import Account
from tests.infrastructure.identity.iam import Policy, Request, is_allowed, is_denied, values
from tests.infrastructure.rendering import Resource, of_type

pytestmark = pytest.mark.sandbox

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
INLINE_CHARACTERS = 10_240
MANAGED_CHARACTERS = 6_144


def test_worker_may_take_on_roles_of_its_environment_and_nothing_else(account: Account) -> None:
    """A flow run has no permission of its own but for its results: it becomes what steps need."""
    worker = account["delightful-staging-worker"]
    statements = [one for policy in worker.policies for one in policy["Statement"]]
    actions = {action for one in statements for action in values(one["Action"])}
    assert actions == {"sts:AssumeRole", "s3:GetObject", "s3:PutObject"}
    for action in ("s3:GetObject", "s3:PutObject"):
        assert may(worker, action, f"{ARTIFACTS}/results/staging/0123")
        for other in ("results/production/0123", "results/stagingx/0123", "generated/x", "x"):
            assert not may(worker, action, f"{ARTIFACTS}/{other}"), other
        assert not may(worker, action, f"{STATE}/results/staging/0123")
    roles = {name: f"{IAM}:role/delightful/{name}" for name in account}
    taken = {name for name, arn in roles.items() if may(worker, "sts:AssumeRole", arn)}
    assert taken == {"delightful-plan", "delightful-staging-apply", "hello-staging-deploy"}
    for other in ("administrator", "evil/x-staging-deploy", "hello-staging-deploy"):
        assert not may(worker, "sts:AssumeRole", f"{IAM}:role/{other}"), other


def test_plan_changes_nothing(account: Account) -> None:
    """The role of pull requests has reading actions only, and no secret's value among them."""
    plan = account["delightful-plan"]
    actions = {
        action
        for policy in plan.policies
        for statement in policy["Statement"]
        for action in values(statement["Action"])
    }
    reading = ("Get", "List", "Describe", "BatchGet")
    assert all(action.split(":")[1].startswith(reading) for action in actions)
    assert not may(plan, "secretsmanager:GetSecretValue", f"{SECRET}:delightful/staging/x-abcdef")
    assert not may(plan, "ssm:GetParameter", "arn:aws:ssm:eu-central-1:123456789012:parameter/x")
    assert not may(plan, "dynamodb:GetItem", f"{DYNAMODB}/delightful-releases")
    assert may(plan, "s3:GetObject", f"{STATE}/services/staging/hello/terraform.tfstate")


def test_drift_reads_its_own_service_and_changes_nothing(account: Account) -> None:
    """Nobody approves the job that takes it on: no state, record or credential of another."""
    drift, table = account["hello-drift"], f"{DYNAMODB}/delightful-releases"
    actions = {
        action
        for policy in drift.policies
        for statement in policy["Statement"]
        for action in values(statement["Action"])
    }
    reading = ("Get", "List", "Describe", "BatchGet", "Query")
    assert all(action.split(":")[1].startswith(reading) for action in actions)
    for environment in ("staging", "production"):
        assert may(drift, "s3:GetObject", f"{STATE}/services/{environment}/hello/terraform.tfstate")
    for other in ("services/staging/other/terraform.tfstate", "platform/staging/terraform.tfstate"):
        assert not may(drift, "s3:GetObject", f"{STATE}/{other}"), other
    for stream, expected in (("hello/staging", True), ("other/staging", False)):
        request = Request("dynamodb:Query", table, {"dynamodb:LeadingKeys": [stream]})
        assert is_allowed(drift.policies, request) is expected, stream
    secret = f"{SECRET}:delightful/staging/prefect-auth-Ab12Cd"
    assert not may(drift, "secretsmanager:GetSecretValue", secret)


def test_analyzer_keeps_to_its_prefix(account: Account) -> None:
    """It reads archives, writes recommendations, and is denied states, locks and records."""
    analyzer = account["delightful-analyzer"]
    for kind in ("sources", "proposed"):
        assert may(analyzer, "s3:GetObject", f"{ARTIFACTS}/{kind}/hello/{'1' * 40}.tar.gz")
    assert may(analyzer, "s3:PutObject", f"{ARTIFACTS}/generated/hello/x/terraform.tfvars.json")
    assert not may(analyzer, "s3:PutObject", f"{ARTIFACTS}/sources/hello/x")
    assert not may(analyzer, "s3:PutObject", f"{ARTIFACTS}/results/x")
    assert not may(analyzer, "s3:DeleteObject", f"{ARTIFACTS}/generated/hello/x")
    for action in ("GetObject", "PutObject", "DeleteObjectVersion"):
        assert is_denied(analyzer.policies, Request(f"s3:{action}", f"{STATE}/any")), action
    assert is_denied(analyzer.policies, Request("s3:ListBucket", STATE))
    for table in ("delightful-locks", "delightful-releases"):
        for action in ("GetItem", "PutItem", "Scan"):
            request = Request(f"dynamodb:{action}", f"{DYNAMODB}/{table}")
            assert is_denied(analyzer.policies, request), (table, action)


def test_nobody_else_writes_down_what_was_built(account: Account) -> None:
    """What vouches for a service's images is written by its build role; no version is removed."""
    document = f"{ARTIFACTS}/attestations/hello/sha256:{'0' * 64}/provenance.intoto.json"
    writers = {name for name, role in account.items() if may(role, "s3:PutObject", document)}
    assert writers == {"hello-build"}
    assert not may(account["hello-build"], "s3:PutObject", document.replace("/hello/", "/shop/"))
    for action in ("s3:DeleteObject", "s3:DeleteObjectVersion"):
        removers = {name for name, role in account.items() if may(role, action, document)}
        assert removers == set(), action


def test_build_pushes_to_one_repository(account: Account) -> None:
    """It writes images of its service, deletes none and rolls nothing out."""
    build, ecr = account["hello-build"], "arn:aws:ecr:eu-central-1:123456789012:repository"
    assert may(build, "ecr:PutImage", f"{ecr}/hello")
    assert not may(build, "ecr:PutImage", f"{ecr}/hello-2")
    for action in ("ecr:BatchDeleteImage", "ecr:PutImageTagMutability", "ecr:SetRepositoryPolicy"):
        assert not may(build, action, f"{ecr}/hello"), action
    assert not may(build, "secretsmanager:GetSecretValue", f"{SECRET}:any")


@pytest.mark.parametrize(
    ("kind", "service", "writers", "readers"),
    [
        ("sources", "hello", {"hello-build"}, {"hello-build", "hello-{}-deploy"}),
        ("proposed", "hello", {"hello-propose"}, {"hello-propose", "hello-{}-deploy"}),
        ("sources", "hello2", set(), set()),
        ("proposed", "other", set(), set()),
    ],
)
def test_files_of_a_commit_are_left_once_and_by_one_role_each(
    account: Account, kind: str, service: str, writers: set[str], readers: set[str]
) -> None:
    """What is deployed comes from the main branch's build; a pull request cannot write there."""
    archive = f"{ARTIFACTS}/{kind}/{service}/{'1' * 40}.tar.gz"
    once = {"s3__if-none-match": "*"}
    expected = {name.format(env) for name in readers for env in ("staging", "production")}
    names = account.keys() - {"delightful-analyzer"}
    assert {one for one in names if may(account[one], "s3:PutObject", archive, **once)} == writers
    assert not {one for one in names if may(account[one], "s3:PutObject", archive)}
    assert {one for one in names if may(account[one], "s3:GetObject", archive)} == expected
    assert not {one for one in names if may(account[one], "s3:DeleteObject", archive)}


def test_a_build_finds_its_bucket_without_a_prefect_server(
    account: Account, bootstrapped: dict[str, list[Resource]]
) -> None:
    """What the account publishes is enough to build by, and the build's role may read it."""
    (published,) = of_type(bootstrapped["names"], "aws_ssm_parameter")
    described = json.loads(published["insecure_value"])
    delivery = account_environment(described, "staging", "eu-central-1")
    assert ARTIFACTS.endswith(f":{delivery.artifact_bucket}")
    assert published["name"] == ACCOUNT_PARAMETER
    parameter = f"arn:aws:ssm:eu-central-1:123456789012:parameter{ACCOUNT_PARAMETER}"
    assert may(account["hello-build"], "ssm:GetParameter", parameter)


def test_a_pull_request_proposes_and_asks_no_server_that_was_not_named(account: Account) -> None:
    """Its job runs code that nobody has reviewed: files, and no credential of Prefect's."""
    propose = account["hello-propose"]
    actions = {
        action
        for policy in propose.policies
        for statement in policy["Statement"]
        for action in values(statement["Action"])
    }
    assert actions == {"s3:PutObject", "s3:GetObject"}


def test_deploy_moves_its_own_group_only(account: Account) -> None:
    """One CodeDeploy group, one ECS service, one stream of the ledger."""
    deploy, ecs = account["hello-staging-deploy"], "arn:aws:ecs:eu-central-1:123456789012"
    for action in ("CreateDeployment", "ContinueDeployment", "StopDeployment"):
        for name, expected in (
            ("hello-staging/hello-staging", True),
            ("hello-production/hello-production", False),
            ("other-staging/other-staging", False),
            ("hello-staging/other", False),
        ):
            group = f"{CODEDEPLOY}:deploymentgroup:{name}"
            assert may(deploy, f"codedeploy:{action}", group) is expected, (action, name)
    assert may(deploy, "ecs:UpdateService", f"{ecs}:service/delightful-staging/hello-staging")
    assert not may(deploy, "ecs:UpdateService", f"{ecs}:service/delightful-staging/other-staging")
    for action in ("codedeploy:UpdateDeploymentGroup", "ecs:RegisterTaskDefinition"):
        assert not may(deploy, action), action


@pytest.mark.parametrize(
    ("family", "cluster", "expected"),
    [
        ("hello-staging", "delightful-staging", True),
        ("hello-production", "delightful-staging", False),
        ("other-staging", "delightful-staging", False),
        ("hello-staging-2", "delightful-staging", False),
        ("hello-staging", "delightful-production", False),
    ],
)
def test_deploy_runs_its_own_task_definitions_in_its_own_cluster(
    account: Account, family: str, cluster: str, expected: bool
) -> None:
    """The release command of this service runs in this environment, and no other task anywhere."""
    deploy, ecs = account["hello-staging-deploy"], "arn:aws:ecs:eu-central-1:123456789012"
    definition = f"{ecs}:task-definition/{family}:3"
    where = {"ecs:cluster": f"{ecs}:cluster/{cluster}"}
    assert is_allowed(deploy.policies, Request("ecs:RunTask", definition, where)) is expected


@pytest.mark.parametrize(
    ("role", "service", "expected"),
    [
        ("hello-staging-execution", "ecs-tasks.amazonaws.com", True),
        ("hello-staging-task", "ecs-tasks.amazonaws.com", True),
        ("hello-staging-task", "lambda.amazonaws.com", False),
        ("hello-staging-codedeploy", "ecs-tasks.amazonaws.com", False),
        ("hello-production-task", "ecs-tasks.amazonaws.com", False),
        ("other-staging-task", "ecs-tasks.amazonaws.com", False),
        ("delightful/delightful-staging-worker", "ecs-tasks.amazonaws.com", False),
    ],
)
def test_deploy_passes_the_two_roles_of_its_service(
    account: Account, role: str, service: str, expected: bool
) -> None:
    """What runs the release command is what runs the service, and nothing more powerful."""
    request = Request("iam:PassRole", f"{IAM}:role/{role}", {"iam:PassedToService": service})
    assert is_allowed(account["hello-staging-deploy"].policies, request) is expected


def test_deploy_stops_and_labels_tasks_of_its_service_only(account: Account) -> None:
    """A task that bears another service's label is not stopped; labels come with the start only."""
    deploy = account["hello-staging-deploy"]
    task = "arn:aws:ecs:eu-central-1:123456789012:task/delightful-staging/0123"
    for service, expected in (("hello", True), ("other", False)):
        tags = {
            "aws:ResourceTag/delightful:service": service,
            "aws:ResourceTag/delightful:environment": "staging",
        }
        assert is_allowed(deploy.policies, Request("ecs:StopTask", task, tags)) is expected
    assert not may(deploy, "ecs:StopTask", task)
    assert may(deploy, "ecs:TagResource", task, ecs__CreateAction="RunTask")
    assert not may(deploy, "ecs:TagResource", task)


def test_deploy_writes_its_own_stream_only(account: Account) -> None:
    """The record of another service or environment is neither read nor written."""
    deploy, table = account["hello-staging-deploy"], f"{DYNAMODB}/delightful-releases"
    for stream, expected in (
        ("hello/staging", True),
        ("hello/production", False),
        ("other/staging", False),
    ):
        for action in ("GetItem", "PutItem", "Query"):
            context = {"dynamodb:LeadingKeys": [stream]}
            request = Request(f"dynamodb:{action}", table, context)
            assert is_allowed(deploy.policies, request) is expected, (stream, action)
    for action in ("DeleteItem", "Scan", "DeleteTable"):
        assert not may(deploy, f"dynamodb:{action}", table), action


def test_deploy_reads_the_prefect_credential_of_its_environment(account: Account) -> None:
    """CI asks the Prefect server with what Secrets Manager gives to its role, and no other."""
    deploy, action = account["hello-staging-deploy"], "secretsmanager:GetSecretValue"
    assert may(deploy, action, f"{SECRET}:delightful/staging/prefect-auth-Ab12Cd")
    assert not may(deploy, action, f"{SECRET}:delightful/production/prefect-auth-Ab12Cd")
    assert not may(deploy, action, f"{SECRET}:delightful/staging/prefect-auth-admin-Ab12Cd")
    assert not may(deploy, action, f"{SECRET}:hello-Ab12Cd")


def test_policies_are_as_short_as_iam_takes_them(
    account: Account, boundaries: dict[str, Policy]
) -> None:
    """A policy that is too long is refused by AWS, and by nothing before it."""
    for role in account.values():
        length = sum(len(json.dumps(policy, separators=(",", ":"))) for policy in role.policies)
        assert length <= INLINE_CHARACTERS, (role.name, length)
    for name, policy in boundaries.items():
        assert len(json.dumps(policy, separators=(",", ":"))) <= MANAGED_CHARACTERS, name
