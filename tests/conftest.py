"""What every test may stand on."""

from collections.abc import Iterator

import pytest

from sandbox import lifecycle
from sandbox.description import SandboxDescription
from sandbox.settings import SandboxSettings


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxDescription]:
    """Return one sandbox for the whole run, twenty times as fast as the wall, without Prefect."""
    directory = tmp_path_factory.mktemp("sandbox")
    with lifecycle.running(directory, SandboxSettings(speed=20, prefect=False)) as description:
        yield description


@pytest.fixture(scope="session")
def sandbox_with_prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxDescription]:
    """Return a second sandbox with a Prefect server of its own."""
    directory = tmp_path_factory.mktemp("sandbox-with-prefect")
    with lifecycle.running(directory, SandboxSettings(speed=20)) as description:
        yield description
