"""A command reaches an environment as the person who types it."""

from pathlib import Path

import pytest
from prefect_aws import AwsCredentials

from blocks.delivery_environment import DeliveryEnvironment
from cli import connection
from cli.terminal import Terminal
from flows import environment as environments


def test_person_reads_with_credentials_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The roles of flow runs are not taken on: they trust no person."""
    stored = DeliveryEnvironment(
        environment="staging",
        credentials=AwsCredentials(region_name="eu-central-1"),
        roles_arn="arn:aws:iam::123456789012:role/delightful",
        state_bucket="states",
        lock_table="locks",
        ledger_table="releases",
        artifact_bucket="artifacts",
        infrastructure_directory=Path("infrastructure"),
    )
    monkeypatch.setattr(environments, "delivery_environment", lambda _: stored)
    monkeypatch.setattr(connection, "connect", lambda *_: None)
    seen = connection.delivery_environment("staging", Terminal(quiet=True))
    assert stored.ledger("hello").credentials.assume_role_arn is not None
    assert seen.ledger("hello").credentials.assume_role_arn is None
