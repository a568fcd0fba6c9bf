"""Flow runs as ECS tasks: prefect-aws's own worker starts them, its observer hears of their end."""

from collections.abc import Iterator

import pytest

from delightful.release import ReleaseState
from sandbox import lifecycle
from sandbox.settings import SandboxSettings
from tests.end_to_end.ecs_stage import prepare
from tests.end_to_end.stage import Stage
from tests.end_to_end.test_prefect_runs import started_in_the_ui, state_at_the_end

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return a sandbox twenty times as fast as the wall, with an ECS worker."""
    folder = tmp_path_factory.mktemp("ecs")
    settings = SandboxSettings(speed=20, tasks="process", worker="ecs")
    with (
        lifecycle.running(folder / "sandbox", settings) as sandbox,
        pytest.MonkeyPatch.context() as patch,
    ):
        stage = Stage(sandbox, folder)
        for name, value in stage.variables.items():
            patch.setenv(name, value)
        prepare(stage)
        yield stage


def test_deploys(stage: Stage) -> None:
    """A run on ECS deploys."""
    run = started_in_the_ui(stage, stage.commit("as_it_is"))
    state = state_at_the_end(stage, run)
    assert state["type"] == "COMPLETED", state
    assert stage.history()[0].state is ReleaseState.GOOD
