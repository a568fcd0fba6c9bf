"""A dangerous plan of real Terraform: it waits, is refused, approved, and applied once."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from prefect_aws import AwsCredentials
from prefect_aws.client_parameters import AwsClientParameters
from pydantic import JsonValue, SecretStr

from blocks.delivery_environment import DeliveryEnvironment
from blocks.ledger.ownership import this_owner
from delightful.errors import DelightfulError, Refused
from delightful.release import AppliedStack, Release, ReleaseState
from delightful.render import plan_card, plan_text, release_markdown, release_text
from flows.attempts.put_back import put_back
from flows.plans.answering import answer_plan
from flows.terraform_apply import terraform_apply
from sandbox import lifecycle
from sandbox.description import SandboxDescription
from sandbox.settings import SandboxSettings
from tests.delightful.samples import outputs
from tests.end_to_end.stage import credentials_of, until
from tests.flows.fakes.samples import request_for

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.timeout(900),
    pytest.mark.usefixtures("told_plainly"),
]
CANARY = "canary-4fa1b2c3d4e5"
MAIN = """\
terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "= 5.100.0"
    }
  }

  backend "s3" {}
}

provider "aws" {}

variable "log_group" { type = string }
variable "retention_days" { type = number }
variable "image_tag" { type = string }
variable "password" {
  type      = string
  sensitive = true
}
variable "outputs" { type = any }

# What logs there are goes with the group; who writes them has an environment with a secret in it.
resource "aws_cloudwatch_log_group" "this" {
  name              = var.log_group
  retention_in_days = var.retention_days
  tags              = { password = var.password }
}

resource "aws_ecs_task_definition" "this" {
  family                = "approved"
  container_definitions = jsonencode([{
    name        = "approved"
    image       = "api:${var.image_tag}"
    memory      = 128
    environment = [{ name = "PASSWORD", value = nonsensitive(var.password) }]
  }])
}

%s
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxDescription]:
    """Return an AWS on loopback, without Prefect."""
    settings = SandboxSettings(tasks="process", prefect=False)
    with lifecycle.running(tmp_path_factory.mktemp("approval"), settings) as description:
        yield description


@pytest.fixture
def delivery(
    sandbox: SandboxDescription, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> DeliveryEnvironment:
    """Return an environment that asks for approvals, with a small root of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    root = tmp_path / "infrastructure" / "service"
    root.mkdir(parents=True)
    told = "\n".join(
        f'output "{name}" {{ value = var.outputs["{name}"] }}' for name in outputs().model_dump()
    )
    (root / "main.tf").write_text(MAIN % told)
    block = DeliveryEnvironment(
        environment="sandbox",
        credentials=credentials(sandbox, sandbox.access_key_id, sandbox.secret_access_key),
        state_bucket=sandbox.state_bucket,
        lock_table=sandbox.lock_table,
        ledger_table=sandbox.ledger_table,
        artifact_bucket=sandbox.artifact_bucket,
        infrastructure_directory=tmp_path / "infrastructure",
        terraform_cli_config=sandbox.terraform_cli_config,
        poll_seconds=0.2,
        requires_approval=True,
        approval_seconds=120,
    )
    monkeypatch.setattr(DeliveryEnvironment, "load", lambda name: block)
    return block


@pytest.fixture
def profile(sandbox: SandboxDescription, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the AWS profile of Ann, a user of the account."""
    iam = boto3.client(
        "iam",
        endpoint_url=sandbox.aws_endpoint_url,
        region_name=sandbox.region,
        aws_access_key_id=sandbox.access_key_id,
        aws_secret_access_key=sandbox.secret_access_key,
    )
    file = credentials_of(iam, "ann", tmp_path)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    return "ann"


def credentials(sandbox: SandboxDescription, key: str, secret: str) -> AwsCredentials:
    """Return credentials that lead to the sandbox."""
    return AwsCredentials(
        aws_access_key_id=key,
        aws_secret_access_key=SecretStr(secret),
        region_name=sandbox.region,
        aws_client_parameters=AwsClientParameters(endpoint_url=sandbox.aws_endpoint_url),
    )


def inputs(log_group: str, retention_days: int = 7) -> dict[str, JsonValue]:
    """Return the inputs of the small root."""
    return {
        "log_group": log_group,
        "retention_days": retention_days,
        "image_tag": "v1",
        "password": CANARY,
        "outputs": outputs().model_dump(mode="json"),
    }


def opened(delivery: DeliveryEnvironment, number: int) -> Release:
    """Open an attempt that has come to its apply."""
    ledger = delivery.ledger("api")
    attempt = ledger.open_attempt(request_for(number), this_owner(None), datetime.now(UTC))
    attempt = attempt.moved_to(ReleaseState.BUILT, datetime.now(UTC))
    ledger.record(attempt)
    return attempt


def applying(attempt: Release, variables: dict[str, JsonValue]) -> AppliedStack:
    """Apply inputs for an attempt, as the step of a deploy does."""
    done = terraform_apply(
        service="api", environment="sandbox", release=attempt.release_id, variables=variables
    )
    assert isinstance(done, AppliedStack)
    return done


def waiting(delivery: DeliveryEnvironment, attempt: Release, *, but: str = "") -> str:
    """Return the plan that the attempt waits for, once it waits for another one than that."""

    def look() -> str | None:
        review = delivery.ledger("api").get(attempt.release_id).review
        asked = review is not None and review.answer is None and review.plan_sha256 != but
        return review.plan_sha256 if review is not None and asked else None

    return until(look, "a plan that waits")


def log_groups(delivery: DeliveryEnvironment) -> list[str]:
    """Return the log groups of the account."""
    logs: Any = delivery.credentials.get_boto3_session().client(
        "logs", endpoint_url=delivery.credentials.aws_client_parameters.endpoint_url
    )
    return [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]


def close(delivery: DeliveryEnvironment, attempt: Release, error: DelightfulError) -> Release:
    """End an attempt as a deploy that met this error does."""
    put_back(delivery.ledger("api").get(attempt.release_id), error)
    return delivery.ledger("api").get(attempt.release_id)


@pytest.fixture
def in_background() -> Iterator[Callable[..., "Future[AppliedStack]"]]:
    """Return what applies in another thread, as a flow run beside the person."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield lambda *arguments: pool.submit(applying, *arguments)


def test_dangerous_plan_waits_for_a_person(
    delivery: DeliveryEnvironment,
    profile: str,
    in_background: Callable[..., "Future[AppliedStack]"],
) -> None:
    """No answer is a no; what is approved is applied once; a stale plan is asked about anew."""
    attempt = opened(delivery, 1)
    first = applying(attempt, inputs("/first"))
    assert first.plan.dangers == ()
    assert log_groups(delivery) == ["/first"]

    # Nobody answers, and nothing is applied.
    delivery.approval_seconds = 1
    with pytest.raises(Refused, match=r"E_APPROVAL .*no answer is a no; nothing was applied") as no:
        applying(attempt, inputs("/second"))
    assert log_groups(delivery) == ["/first"]
    closed = close(delivery, attempt, no.value)
    assert (closed.state, no.value.exit_code) == (ReleaseState.FAILED, 4)

    # Whoever runs it does not approve it; somebody else does, and it is applied under that word.
    delivery.approval_seconds = 300
    attempt = opened(delivery, 2)
    running = in_background(attempt, inputs("/second"))
    plan = waiting(delivery, attempt)
    assert delivery.stack("service", "api").locks_held() == ()
    with pytest.MonkeyPatch.context() as keys:
        keys.setenv("AWS_ACCESS_KEY_ID", str(delivery.credentials.aws_access_key_id))
        keys.setenv("AWS_SECRET_ACCESS_KEY", "x" * 20)
        with pytest.raises(Refused, match="nobody approves what he runs himself"):
            answer_plan(delivery, attempt.release_id, "approved", plan=plan)

    # The state moves before the answer: the approved plan is stale, and its successor is another.
    beside = delivery.stack("service", "api")
    beside.apply(beside.plan(inputs("/first", retention_days=14)))
    answer_plan(delivery, attempt.release_id, "approved", plan=plan, profile=profile)
    successor = waiting(delivery, attempt, but=plan)
    assert log_groups(delivery) == ["/first"]
    answer_plan(
        delivery, attempt.release_id, "approved", plan=successor, reason="moved", profile=profile
    )
    stack = running.result(timeout=400)
    assert log_groups(delivery) == ["/second"]
    review = delivery.ledger("api").get(attempt.release_id).review
    assert review is not None
    assert review.answer is not None
    assert review.answer.by.endswith(":user/ann")
    assert (review.plan_sha256, review.answer.reason) == (stack.plan.sha256, "moved")
    assert {danger.kind for danger in stack.plan.dangers} == {"data"}

    # Again, as a run that goes on where this one died: nothing is left to do, nobody is asked.
    again = applying(attempt, inputs("/second"))
    assert again.plan.is_empty
    assert again.state_serial == stack.state_serial
    assert_tells_no_secret(delivery.ledger("api").get(attempt.release_id), stack)


def assert_tells_no_secret(release: Release, stack: AppliedStack) -> None:
    """What is shown of the plan names what changes, and has no value that was a secret."""
    shown = [plan_card(stack.plan, "Plan"), plan_text(stack.plan), stack.plan.model_dump_json()]
    shown += [release_text(release), release_markdown(release)]
    assert all("aws_cloudwatch_log_group.this" in text for text in shown)
    assert not [text for text in shown if CANARY in text]
