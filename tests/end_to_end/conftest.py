"""One sandbox that is kept up, as `delightful sandbox up` leaves it, for all of these tests."""

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from delightful.release import Release
from rehearsal.witness import Witness
from sandbox import lifecycle
from sandbox.settings import SandboxSettings
from tests.end_to_end.stage import Stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return a sandbox twenty times as fast as the wall, with worker, platform and repository."""
    folder = tmp_path_factory.mktemp("stage")
    settings = SandboxSettings(speed=20, tasks="process", worker="process")
    with lifecycle.running(folder / "sandbox", settings) as sandbox:
        stage = Stage(sandbox, folder)
        stage.prepare()
        yield stage


@pytest.fixture(scope="session")
def first_deploy(stage: Stage) -> Iterator["Future[subprocess.CompletedProcess[str]]"]:
    """Begin the first deploy the way of `prefect deployment run`, on the sandbox's worker.

    It takes long: Terraform's provider waits a minute for a new load balancer.
    """
    stage.commit("as_it_is")  # older than what is deployed first
    parameters = json.dumps(stage.parameters(stage.commit("as_it_is")))
    with ThreadPoolExecutor(max_workers=1) as pool:
        run = ("deployment", "run", "deploy/deploy", "--params", parameters, "--watch")
        yield pool.submit(stage.prefect, *run)


@pytest.fixture(scope="session")
def first_run(
    first_deploy: "Future[subprocess.CompletedProcess[str]]",
) -> "subprocess.CompletedProcess[str]":
    """Return what the first deploy said, once it has ended."""
    return first_deploy.result()


@pytest.fixture(scope="session")
def first(stage: Stage, first_run: "subprocess.CompletedProcess[str]") -> Release:
    """Return the first release, which is good, and is what AWS says it is."""
    assert first_run.returncode == 0, first_run.stdout + first_run.stderr
    release = stage.history()[-1]
    assert release.stack is not None
    witness = Witness(stage.session(), release.stack.outputs)
    assert [one for one in witness.checks(release) if not one.ok] == []
    return release
