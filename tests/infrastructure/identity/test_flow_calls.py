"""What the blocks of a flow ask of AWS is what the role may do that they take on for it."""

import re
from pathlib import Path

import pytest

from tests.infrastructure.identity.account import ARTIFACTS, CODEDEPLOY, DYNAMODB, STATE
from tests.infrastructure.identity.conftest import Account
from tests.infrastructure.identity.iam import Request, is_allowed

pytestmark = pytest.mark.sandbox

BLOCKS = Path(__file__).resolve().parents[3] / "blocks"
# By the step that takes them on (blocks/delivery_environment.py): which files ask with which role.
# `ledger/ownership.py` looks for the owner of an attempt with what the ledger was given.
ASKING = {
    "hello-staging-deploy": (
        "ecs/codedeploy_rollout.py",
        "ecs/calls.py",
        "ecs/service.py",
        "images/registry.py",
        "images/image_scan.py",
        "ledger/table.py",
        "ledger/ownership.py",
        "ecs/release_command.py",
        "ecs/rolling_rollout.py",
        "ecs/task_logs.py",
    ),
    "delightful-plan": ("ecs/calls.py", "ecs/preflight.py", "terraform/state.py"),
    "delightful-staging-apply": (
        "terraform/state_locks.py",
        "terraform/state_versions.py",
        "ecs/task_definitions.py",
        "terraform/state.py",
    ),
}
CALL = re.compile(
    r'(?:(?:translated\(|asking\([a-z_.]+, )"([A-Za-z0-9 ]+)", |_call\()"([A-Za-z]+)"'
)
REGION = "eu-central-1:123456789012"
SERVICES = {
    "CloudWatch": ("cloudwatch", "*"),
    "CloudWatch Logs": ("logs", f"arn:aws:logs:{REGION}:log-group:/delightful/staging/hello:x"),
    "CodeDeploy": ("codedeploy", f"{CODEDEPLOY}:deploymentgroup:hello-staging/hello-staging"),
    "DynamoDB": ("dynamodb", f"{DYNAMODB}/delightful-releases"),
    "EC2": ("ec2", "*"),
    "ECR": ("ecr", f"arn:aws:ecr:{REGION}:repository/hello"),
    "ECS": ("ecs", f"arn:aws:ecs:{REGION}:service/delightful-staging/hello-staging"),
    "ELB": ("elasticloadbalancing", "*"),
    "IAM": ("iam", "arn:aws:iam::123456789012:role/hello-staging-task"),
    "S3": ("s3", f"{STATE}/services/staging/hello/terraform.tfstate"),
    "SSM": ("ssm", "*"),
    "Secrets Manager": ("secretsmanager", f"arn:aws:secretsmanager:{REGION}:secret:hello-Ab12Cd"),
}
# Where the permission has another name, or another resource.
RENAMED = {
    "dynamodb:TransactWriteItems": "dynamodb:PutItem",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
}
TASK = f"arn:aws:ecs:{REGION}:task/delightful-staging/0123456789abcdef"
RESOURCES = {
    "ecr:GetAuthorizationToken": "*",
    "ecs:DeleteTaskDefinitions": f"arn:aws:ecs:{REGION}:task-definition/hello-staging:7",
    "ecs:DeregisterTaskDefinition": "*",
    "ecs:DescribeTaskDefinition": "*",
    "ecs:DescribeTasks": TASK,
    "ecs:ListTaskDefinitions": "*",
    "ecs:ListTasks": "*",
    "ecs:RunTask": f"arn:aws:ecs:{REGION}:task-definition/hello-staging:7",
    "ecs:StopTask": TASK,
    "ecs:TagResource": TASK,
    "s3:ListBucketVersions": STATE,
    "iam:PassRole": "arn:aws:iam::123456789012:role/hello-staging-execution",
}
# A sweep of images asks these as whoever types it: no role of a step may (cli/verbs/sweep.py).
AS_CALLER = {("images/registry.py", "BatchDeleteImage"), ("ledger/table.py", "Scan")}
# Asked for within RunTask: for its tags, and for the roles of the task definition.
WITHIN = {"ecs/release_command.py": {("ECS", "TagResource"), ("IAM", "PassRole")}}
OF_LOCKS = {"terraform/state_locks.py", "terraform/state_versions.py", "terraform/state.py"}
LOCKS = f"{DYNAMODB}/delightful-locks"
LOCK = "delightful-state-123456789012/services/staging/hello/terraform.tfstate"


def asked(file: str) -> set[tuple[str, str]]:
    """Return every call that stands in a block's source, as service and operation."""
    calls = CALL.findall((BLOCKS / file).read_text())
    assert calls, file
    named = {
        (service or "DynamoDB", operation)
        for service, operation in calls
        if (file, operation) not in AS_CALLER
    }
    return named | WITHIN.get(file, set())


def request(file: str, service: str, operation: str) -> Request:
    """Return a call as the file makes it for the service hello in staging."""
    prefix, resource = SERVICES[service]
    action = RENAMED.get(f"{prefix}:{operation}", f"{prefix}:{operation}")
    context: dict[str, str | list[str]] = {
        "aws:ResourceTag/delightful:environment": "staging",
        "aws:ResourceTag/delightful:service": "hello",
        "dynamodb:LeadingKeys": ["hello/staging"],
        "ecs:CreateAction": "RunTask",
        "ecs:cluster": f"arn:aws:ecs:{REGION}:cluster/delightful-staging",
        "iam:PassedToService": "ecs-tasks.amazonaws.com",
        "s3:prefix": "services/staging/hello/terraform.tfstate",
    }
    if (file, operation) == ("terraform/state_versions.py", "GetObject"):
        action = "s3:GetObjectVersion"
    if file == "terraform/state_locks.py" and prefix == "s3":
        resource = f"{resource}.tflock"
    if file in OF_LOCKS and prefix == "dynamodb":
        resource, context = LOCKS, {"dynamodb:LeadingKeys": [LOCK]}
    return Request(action, RESOURCES.get(action, resource), context)


@pytest.mark.parametrize("role", sorted(ASKING))
def test_role_may_do_all_that_is_asked_with_it(account: Account, role: str) -> None:
    """No call of the blocks that take a role on is missing from it."""
    requests = [request(file, *call) for file in ASKING[role] for call in asked(file)]
    missing = {one.action for one in requests if not is_allowed(account[role].policies, one)}
    assert missing == set()
    assert len(requests) >= {"hello-staging-deploy": 15, "delightful-plan": 9}.get(role, 2)


# What a look for drift asks, all of it in one role (flows/recovery/agreement.py, flows/drift.py).
LOOKING = ("ecs/calls.py", "ecs/service.py", "ledger/ownership.py", "terraform/state.py")


def test_who_looks_for_drift_may_do_all_that_the_look_asks(account: Account) -> None:
    """The blocks that only read ask for nothing more, nor does what tells of a rollout."""
    policies = account["hello-drift"].policies
    asking = [request(file, *call) for file in LOOKING for call in asked(file)]
    asking += [
        request("terraform/state_locks.py", "DynamoDB", "GetItem"),
        request("terraform/state_locks.py", "S3", "GetObject"),
        request("ecs/codedeploy_rollout.py", "CodeDeploy", "GetDeployment"),
        request("images/registry.py", "ECR", "DescribeRepositories"),
        request("images/registry.py", "ECR", "GetAuthorizationToken"),
        request("images/oci_client.py", "ECR", "BatchGetImage"),
        request("images/oci_client.py", "ECR", "GetDownloadUrlForLayer"),
        request("ledger/table.py", "DynamoDB", "GetItem"),
        request("ledger/table.py", "DynamoDB", "Query"),
    ]
    missing = {one.action for one in asking if not is_allowed(policies, one)}
    assert missing == set()


def test_hidden_calls_are_in_the_roles_too(account: Account) -> None:
    """What no name in the sources shows: the quota, the analyzer's archive, the Lambda itself."""
    plan, deploy = account["delightful-plan"], account["hello-staging-deploy"]
    function = f"arn:aws:lambda:{REGION}:function:delightful-analyzer"
    assert is_allowed(plan.policies, Request("servicequotas:GetServiceQuota", "*"))
    archive = Request("s3:GetObject", f"{ARTIFACTS}/sources/hello/{'1' * 40}.tar.gz")
    assert is_allowed(deploy.policies, archive)
    assert is_allowed(deploy.policies, Request("lambda:InvokeFunction", function))


def test_who_builds_writes_it_down_and_who_deploys_reads_it(account: Account) -> None:
    """Every call of the attestations' store is the build role's; the deploy role only reads."""
    document = f"{ARTIFACTS}/attestations/hello/sha256:{'0' * 64}/sbom.cdx.json"
    build, deploy = account["hello-build"].policies, account["hello-staging-deploy"].policies
    calls = {
        operation for service, operation in asked("images/attestation_store.py") if service == "S3"
    }
    assert calls == {"GetObject", "PutObject"}
    assert all(is_allowed(build, Request(f"s3:{call}", document)) for call in calls)
    # By version, it is a permission of its own.
    for reader in (build, deploy):
        assert is_allowed(reader, Request("s3:GetObjectVersion", document))
        assert is_allowed(reader, Request("s3:GetObject", document))


def test_plan_locks_nothing(account: Account) -> None:
    """The role that only reads has no lock: its plans run with -lock=false."""
    plan = account["delightful-plan"].policies
    state = f"{STATE}/services/staging/hello/terraform.tfstate"
    assert not is_allowed(plan, Request("s3:PutObject", f"{state}.tflock"))
    assert not is_allowed(plan, Request("dynamodb:PutItem", LOCKS))
