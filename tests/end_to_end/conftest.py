"""One sandbox that is kept up, as `delightful sandbox up` leaves it, for all of these tests."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from delightful.release import Release
from rehearsal.narration import Stopwatch
from rehearsal.preparation import prepare_service, sandbox_environment
from sandbox import lifecycle
from sandbox.settings import SandboxSettings
from tests.end_to_end.stage import SERVICE, Stage


class Silence:
    """A narrator that says nothing."""

    def begin(self, stage: str) -> None:
        """Say nothing."""

    def end(self, stage: str, seconds: float) -> None:
        """Say nothing."""

    def tell(self, line: str) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return a sandbox twenty times as fast as the wall, with worker, platform and repository."""
    folder = tmp_path_factory.mktemp("stage")
    settings = SandboxSettings(speed=20, tasks="process", worker=True)
    with lifecycle.running(folder / "sandbox", settings) as sandbox:
        stage = Stage(sandbox, folder)
        up = stage.command("sandbox", "up", "--json")
        assert up.returncode == 0, up.stderr
        prepare_service(sandbox_environment(sandbox), SERVICE, Stopwatch(Silence()))
        yield stage


@pytest.fixture(scope="session")
def first_run(stage: Stage) -> "subprocess.CompletedProcess[str]":
    """Run the first deploy the way of `prefect deployment run`, on the sandbox's worker."""
    parameters = json.dumps(stage.parameters(stage.commit("as_it_is")))
    return stage.prefect("deployment", "run", "deploy/deploy", "--params", parameters, "--watch")


@pytest.fixture(scope="session")
def first(stage: Stage, first_run: "subprocess.CompletedProcess[str]") -> Release:
    """Return the first release, which is good."""
    assert first_run.returncode == 0, first_run.stdout + first_run.stderr
    return stage.history()[-1]
