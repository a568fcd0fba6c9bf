"""A state that is not what was recorded: judged by its versions, and put right by one write."""

import hashlib
import json

import pytest

from blocks.aws import aws_client
from blocks.delivery_environment import DeliveryEnvironment
from blocks.terraform.argv import Backend
from blocks.terraform.stack import TerraformStack
from blocks.terraform.state_versions import record_digest
from delightful.errors import ExternalError, Refused
from delightful.state_health import StateFault, StateJudgement

pytestmark = pytest.mark.sandbox


@pytest.fixture
def stack(delivery: DeliveryEnvironment, request: pytest.FixtureRequest) -> TerraformStack:
    """Return a stack with a state key of this test's own."""
    name = request.node.name.replace("_", "-")
    key = f"versions/{name}/terraform.tfstate"
    return delivery.stack("registry", "locked").model_copy(update={"state_key": key})


def state(serial: int) -> bytes:
    """Return a state."""
    content = {"version": 4, "serial": serial, "lineage": "x", "outputs": {}, "resources": []}
    return json.dumps(content).encode()


def write(stack: TerraformStack, content: bytes) -> None:
    """Write the object alone."""
    aws_client(stack.credentials, "s3").put_object(
        Bucket=stack.state_bucket, Key=stack.state_key, Body=content
    )


def record(stack: TerraformStack, content: bytes) -> None:
    """Record the digest alone, as Terraform does."""
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    key = {"LockID": {"S": f"{stack.state_bucket}/{stack.state_key}-md5"}}
    aws_client(stack.credentials, "dynamodb").put_item(
        TableName=stack.lock_table, Item={**key, "Digest": {"S": digest}}
    )


def judged(stack: TerraformStack) -> StateJudgement:
    """Return what is wrong with the state."""
    found = stack.judged(None)
    assert found is not None
    return found


def test_lost_digest_is_recorded(stack: TerraformStack) -> None:
    """Terraform wrote the object, and the write of its digest was lost."""
    write(stack, state(1))
    record(stack, state(1))
    assert stack.judged(None) is None
    write(stack, state(2))
    with pytest.raises(ExternalError, match="E_STATE_DIGEST"):
        stack.outputs()
    lost = judged(stack)
    assert lost.fault is StateFault.DIGEST_LOST
    stack.mend(lost)
    assert stack.outputs().serial == 2
    assert stack.judged(None) is None


@pytest.mark.parametrize("damage", [b"", b'{"version": 4, "serial": 3', state(2)])
def test_recorded_version_is_put_back(stack: TerraformStack, damage: bytes) -> None:
    """A truncated object, or an older one, gives way to the version whose digest is recorded."""
    for content in (state(2), state(3), damage):
        write(stack, content)
    record(stack, state(3))
    damaged = judged(stack)
    assert damaged.fault is StateFault.DAMAGED
    stack.mend(damaged)
    assert stack.outputs().serial == 3


def test_deleted_state_is_put_back(stack: TerraformStack) -> None:
    """What S3 still has under a delete marker is the state that was recorded."""
    write(stack, state(1))
    record(stack, state(1))
    s3 = aws_client(stack.credentials, "s3")
    s3.delete_object(Bucket=stack.state_bucket, Key=stack.state_key)
    damaged = judged(stack)
    assert damaged.fault is StateFault.DAMAGED
    stack.mend(damaged)
    assert stack.outputs().serial == 1


def test_digest_that_somebody_recorded_meanwhile_stays(stack: TerraformStack) -> None:
    """Only the digest that was judged is replaced."""
    write(stack, state(1))
    record(stack, state(1))
    write(stack, state(2))
    lost = judged(stack)
    assert lost.version is not None
    record(stack, state(5))
    backend = stack._backend()
    assert isinstance(backend, Backend)
    with pytest.raises(Refused, match="E_STATE_MOVED"):
        record_digest(stack.credentials, backend, lost.version, "another")
