"""Where an account's bootstrap stands is read from what is there, and never guessed."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prefect_aws import AwsCredentials

from blocks.account_bootstrap import (
    STATE_KEY,
    AccountBootstrap,
    account_bootstrap,
    store_names,
)
from blocks.aws import aws_client
from delightful.errors import ConfigError

pytestmark = pytest.mark.sandbox


@pytest.fixture
def bootstrap(
    credentials: AwsCredentials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AccountBootstrap:
    """Return the bootstrap of an account in which nothing of it is there."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    bucket, package = f"states-{uuid4().hex[:8]}", tmp_path / "analyzer.zip"
    variables = {"state_bucket_name": bucket, "lock_table_name": "delightful-locks"}
    return account_bootstrap(credentials, Path("infrastructure"), package, variables, None)


def state(*, resources: int, lineage: str = "one", serial: int = 1) -> bytes:
    """Return a state with so many resources."""
    content: dict[str, Any] = {"version": 4, "serial": serial, "lineage": lineage, "outputs": {}}
    return json.dumps({**content, "resources": [{}] * resources}).encode()


def make_bucket(bootstrap: AccountBootstrap, content: bytes | None = None) -> None:
    """Make the bucket, with a state in it or without."""
    stack = bootstrap.in_bucket
    s3 = aws_client(stack.credentials, "s3")
    s3.create_bucket(Bucket=stack.state_bucket)
    if content is not None:
        s3.put_object(Bucket=stack.state_bucket, Key=STATE_KEY, Body=content)


def test_begins_on_this_machine_where_nothing_is_there(bootstrap: AccountBootstrap) -> None:
    """Without a bucket the first state can be nowhere else."""
    assert bootstrap.stack().state_file == bootstrap.state_file


def test_goes_on_here_as_long_as_the_state_is_here(bootstrap: AccountBootstrap) -> None:
    """An apply that made the bucket and then stopped is gone on with, not begun again."""
    make_bucket(bootstrap)
    bootstrap.state_file.write_bytes(state(resources=1))
    assert bootstrap.stack().state_file == bootstrap.state_file


def test_works_on_the_bucket_once_the_state_is_there(bootstrap: AccountBootstrap) -> None:
    """A machine that knows nothing of the first apply finds the state where it belongs."""
    make_bucket(bootstrap, state(resources=1))
    assert bootstrap.stack() is bootstrap.in_bucket
    assert not bootstrap.move_state()


def test_lets_the_file_go_that_an_interrupted_move_left(bootstrap: AccountBootstrap) -> None:
    """A state that was moved has another lineage and the same content."""
    make_bucket(bootstrap, state(resources=1, lineage="two"))
    bootstrap.state_file.write_bytes(state(resources=1, serial=7))
    assert bootstrap.stack() is bootstrap.in_bucket
    assert not bootstrap.state_file.exists()


def test_keeps_both_states_where_they_differ(bootstrap: AccountBootstrap) -> None:
    """Which of two states is true is for a person to find out."""
    make_bucket(bootstrap, state(resources=1))
    bootstrap.state_file.write_bytes(state(resources=2))
    with pytest.raises(ConfigError, match="E_BOOTSTRAP_STATE"):
        bootstrap.stack()
    assert bootstrap.state_file.exists()


def test_takes_over_no_bucket_of_somebody_elses(bootstrap: AccountBootstrap) -> None:
    """A bucket of the name that holds no state of ours is told, with the way out."""
    make_bucket(bootstrap)
    with pytest.raises(ConfigError, match=r"E_BOOTSTRAP_TAKEN .* state_bucket_name"):
        bootstrap.stack()


def test_names_are_those_that_terraform_gives() -> None:
    """Names follow from prefix and account, as in the root's own locals."""
    assert store_names({}, "1").state_bucket == "delightful-state-1"
    assert store_names({"name": "acme"}, "1").model_dump() == {
        "state_bucket": "acme-state-1",
        "lock_table": "acme-locks",
    }
    named = {"state_bucket_name": "a-b", "lock_table_name": "c"}
    assert store_names(named, "1").model_dump() == {"state_bucket": "a-b", "lock_table": "c"}
