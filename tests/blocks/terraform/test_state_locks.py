"""Locks on a Terraform state: in the table, in the file beside the state, or in one alone."""

import json
from typing import get_args

import pytest

from blocks.aws import aws_client
from blocks.delivery_environment import DeliveryEnvironment
from blocks.terraform.stack import TerraformStack
from delightful.errors import ConfigError, ExternalError, Refused
from delightful.locks import LockPlace

pytestmark = pytest.mark.sandbox

INFO = {"Operation": "OperationTypeApply", "Who": "ann@host", "Created": "2026-11-23T09:00:00Z"}


@pytest.fixture
def stack(delivery: DeliveryEnvironment, request: pytest.FixtureRequest) -> TerraformStack:
    """Return a stack with a state key of this test's own."""
    key = f"locked/{abs(hash(request.node.name))}/terraform.tfstate"
    return delivery.stack("registry", "locked").model_copy(update={"state_key": key})


def put(stack: TerraformStack, place: LockPlace, text: str) -> None:
    """Leave an entry of a lock in one place."""
    if place == "table":
        key = {"LockID": {"S": f"{stack.state_bucket}/{stack.state_key}"}}
        table = aws_client(stack.credentials, "dynamodb")
        table.put_item(TableName=stack.lock_table, Item={**key, "Info": {"S": text}})
    else:
        aws_client(stack.credentials, "s3").put_object(
            Bucket=stack.state_bucket, Key=f"{stack.state_key}.tflock", Body=text.encode()
        )


def entry(lock_id: str) -> str:
    """Return what Terraform writes."""
    return json.dumps({"ID": lock_id, **INFO})


@pytest.mark.parametrize("place", get_args(LockPlace))
def test_entry_that_was_left_alone_is_released(stack: TerraformStack, place: LockPlace) -> None:
    """A lock of which one entry is gone is found, and released by its exact id alone."""
    put(stack, place, entry("1234"))
    assert [(one.lock_id, one.places) for one in stack.locks_held()] == [("1234", (place,))]
    with pytest.raises(Refused, match="E_NO_LOCK"):
        stack.break_lock("123")
    stack.break_lock("1234")
    assert stack.locks_held() == ()


def test_only_the_entry_with_the_id_is_released(stack: TerraformStack) -> None:
    """What a dead run left in the file does not take the live one's entry in the table with it."""
    put(stack, "table", entry("live"))
    put(stack, "file", entry("dead"))
    assert [(one.lock_id, one.places) for one in stack.locks_held()] == [
        ("live", ("table",)),
        ("dead", ("file",)),
    ]
    stack.break_lock("dead")
    assert [one.lock_id for one in stack.locks_held()] == ["live"]


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"ID": "1", "Who": "a@b"})])
def test_entry_that_is_none_of_terraforms_is_not_touched(stack: TerraformStack, text: str) -> None:
    """What nobody can read is named, and stays."""
    put(stack, "file", text)
    with pytest.raises(ExternalError, match=r"E_STATE_LOCK .*\(file\) is none of Terraform's"):
        stack.locks_held()
    with pytest.raises(Refused, match="E_NO_LOCK"):
        stack.break_lock("")


@pytest.mark.parametrize("place", ["state_bucket", "lock_table"])
def test_place_that_is_missing_is_named(stack: TerraformStack, place: str) -> None:
    """F22: an account that was never prepared is no service that was never deployed."""
    elsewhere = stack.model_copy(update={place: "nowhere"})
    with pytest.raises(ConfigError, match=r"E_BACKEND there is no \w+ nowhere for Terraform's"):
        elsewhere.locks_held()
    with pytest.raises(ConfigError, match="E_BACKEND" if place == "state_bucket" else "E_NO_STATE"):
        elsewhere.outputs()
