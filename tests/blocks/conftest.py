"""What the blocks' contract tests share: a sandbox, its credentials, and a staged service."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prefect_aws import AwsCredentials

from blocks.delivery_environment import DeliveryEnvironment
from sandbox import lifecycle
from sandbox.description import SandboxDescription
from sandbox.settings import SandboxSettings
from tests.blocks.staging import Stage, stage

PROJECT = Path(__file__).resolve().parents[2]
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def process_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxDescription]:
    """Return a sandbox whose tasks are processes, twenty times as fast as the wall."""
    settings = SandboxSettings(speed=20, tasks="process", prefect=False)
    with lifecycle.running(tmp_path_factory.mktemp("blocks"), settings) as description:
        yield description


@pytest.fixture(scope="session")
def credentials(process_sandbox: SandboxDescription) -> AwsCredentials:
    """Return credentials that lead to the sandbox by their endpoint alone."""
    return AwsCredentials(
        aws_access_key_id=process_sandbox.access_key_id,
        aws_secret_access_key=process_sandbox.secret_access_key,
        region_name=process_sandbox.region,
        aws_client_parameters={"endpoint_url": process_sandbox.aws_endpoint_url},
    )


@pytest.fixture(scope="session")
def delivery(
    process_sandbox: SandboxDescription, credentials: AwsCredentials
) -> DeliveryEnvironment:
    """Return the sandbox as an environment."""
    return DeliveryEnvironment(
        environment="sandbox",
        credentials=credentials,
        state_bucket=process_sandbox.state_bucket,
        lock_table=process_sandbox.lock_table,
        ledger_table=process_sandbox.ledger_table,
        artifact_bucket=process_sandbox.artifact_bucket,
        infrastructure_directory=PROJECT / "infrastructure",
        packaging="files",
        poll_seconds=0.1,
        terraform_cli_config=process_sandbox.terraform_cli_config,
    )


@pytest.fixture
def staged(delivery: DeliveryEnvironment, tmp_path: Path) -> Callable[[str], Stage]:
    """Return what stages a running service with one of the two rollout strategies."""
    return lambda strategy: stage(delivery, strategy, f"stage{next(_numbers)}", tmp_path)
