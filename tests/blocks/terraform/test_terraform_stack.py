"""Real Terraform through its block, on the smallest root."""

import json
from pathlib import Path

import pytest
from prefect_aws import AwsCredentials

from blocks.aws import aws_client
from blocks.delivery_environment import DeliveryEnvironment
from blocks.terraform.stack import TerraformStack
from delightful.errors import ConfigError, ExternalError, Refused, TransientError

# A dozen Terraform commands, each of which starts the provider.
pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(400)]

VARIABLES = {"service": "stacked"}


@pytest.fixture(scope="module")
def stack(
    delivery: DeliveryEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> TerraformStack:
    """Return the stack of the registry root, in a work directory of its own."""
    work = tmp_path_factory.mktemp("terraform")
    changes = {"work_directory": work, "lock_timeout_seconds": 0}
    return delivery.stack("registry", "stacked").model_copy(update=changes)


def lock(credentials: AwsCredentials, stack: TerraformStack, held: bool) -> None:
    """Put somebody else's lock on the state, in the table and beside it, or take it away."""
    key = {"LockID": {"S": f"{stack.state_bucket}/{stack.state_key}"}}
    info = {"ID": "1234", "Operation": "OperationTypeApply", "Who": "ann@host", "Version": "1"}
    info["Created"] = "2026-11-23T09:00:00Z"
    table, bucket = aws_client(credentials, "dynamodb"), aws_client(credentials, "s3")
    file = {"Bucket": stack.state_bucket, "Key": f"{stack.state_key}.tflock"}
    if held:
        item = {**key, "Info": {"S": json.dumps(info)}}
        table.put_item(TableName=stack.lock_table, Item=item)
        bucket.put_object(**file, Body=json.dumps(info).encode())
    else:
        table.delete_item(TableName=stack.lock_table, Key=key)
        bucket.delete_object(**file)


def test_stack_is_planned_applied_locked_and_destroyed(
    stack: TerraformStack, credentials: AwsCredentials
) -> None:
    """One life of a stack: nothing, planned, applied, unchanged, stale, locked, destroyed."""
    with pytest.raises(ConfigError, match="E_NO_STATE"):
        stack.outputs()

    said: list[str] = []
    saved = stack.plan(VARIABLES, say=said.append)
    assert {change.action for change in saved.summary.changes} == {"create"}
    assert any("Plan to create" in line for line in said)
    twin = stack.plan(VARIABLES)

    applied = stack.apply(saved)
    assert applied.outputs["repository_name"] == "stacked"
    assert not saved.path.exists()
    with pytest.raises(TransientError, match="E_PLAN_STALE"):
        stack.apply(twin)
    with pytest.raises(TransientError, match="E_PLAN_STALE the saved plan is gone"):
        stack.apply(saved)

    unchanged = stack.plan(VARIABLES)
    assert (unchanged.has_changes, unchanged.summary.is_empty) == (False, True)
    assert stack.apply(unchanged) == applied

    lock(credentials, stack, held=True)
    with pytest.raises(Refused, match=r"E_LOCKED .*ann@host for OperationTypeApply .*lock 1234"):
        stack.plan(VARIABLES)
    found = stack.locks_held()
    assert [(one.lock_id, one.who, one.places) for one in found] == [
        ("1234", "ann@host", ("table", "file"))
    ]
    with pytest.raises(Refused, match="E_NO_LOCK"):
        stack.break_lock("9999")
    stack.break_lock("1234")
    assert stack.locks_held() == ()

    with pytest.raises(ConfigError, match=r"E_VARIABLE|E_TERRAFORM"):
        stack.plan({"service": "Not A Name"})

    stack.destroy(VARIABLES)
    after = stack.outputs()
    assert (after.outputs, after.lineage) == ({}, applied.lineage)
    assert after.serial > applied.serial
    assert list((stack.work_directory or Path()).glob("*/plans/*")) == []


def test_state_that_was_tampered_with_is_not_trusted(
    stack: TerraformStack, credentials: AwsCredentials
) -> None:
    """A state whose digest the lock table does not know is no source of outputs."""
    changed = stack.model_copy(update={"state_key": "tampered/terraform.tfstate"})
    content = {"version": 4, "serial": 1, "lineage": "x", "outputs": {}}
    aws_client(credentials, "s3").put_object(
        Bucket=changed.state_bucket, Key=changed.state_key, Body=json.dumps(content).encode()
    )
    assert changed.outputs().serial == 1
    digest = {"LockID": {"S": f"{changed.state_bucket}/{changed.state_key}-md5"}}
    aws_client(credentials, "dynamodb").put_item(
        TableName=changed.lock_table, Item={**digest, "Digest": {"S": "0" * 32}}
    )
    with pytest.raises(ExternalError, match="E_STATE_DIGEST"):
        changed.outputs()


def test_sensitive_outputs_stay_in_the_state(
    stack: TerraformStack, credentials: AwsCredentials
) -> None:
    """What Terraform marks as sensitive never reaches a record."""
    changed = stack.model_copy(update={"state_key": "sensitive/terraform.tfstate"})
    outputs = {"a": {"value": 1}, "b": {"value": "secret", "sensitive": True}}
    content = {"version": 4, "serial": 1, "lineage": "x", "outputs": outputs}
    aws_client(credentials, "s3").put_object(
        Bucket=changed.state_bucket, Key=changed.state_key, Body=json.dumps(content).encode()
    )
    assert changed.outputs().outputs == {"a": 1}
