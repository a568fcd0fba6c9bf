"""ECS's rolling update through its block."""

from collections.abc import Callable
from typing import Any

import pytest

from blocks.ecs.rolling_rollout import RollingRollout, rolling_phase
from blocks.ecs.rollout import RolloutPhase
from tests.blocks.staging import Stage, eventually


@pytest.mark.parametrize(
    ("primary", "phase"),
    [
        ({"id": "ours", "rolloutState": "IN_PROGRESS"}, "shifting"),
        ({"id": "ours", "rolloutState": "COMPLETED"}, "finished"),
        ({"id": "ours", "rolloutState": "FAILED"}, "failed"),
        ({"id": "theirs", "rolloutState": "IN_PROGRESS"}, "rolling_back"),
        ({"id": "theirs", "rolloutState": "COMPLETED"}, "rolled_back"),
        ({"id": "theirs", "rolloutState": "FAILED"}, "failed"),
    ],
)
def test_success_means_that_ours_is_primary(primary: dict[str, Any], phase: RolloutPhase) -> None:
    """A service that is stable with another task definition was rolled back, not updated."""
    assert rolling_phase(primary, "ours") == phase


@pytest.mark.sandbox
def test_update_runs_to_its_end_and_is_begun_once(staged: Callable[[str], Stage]) -> None:
    """An update in progress is adopted, one that is done is not begun again."""
    stage = staged("rolling")
    engine, second = (
        stage.delivery.rollout_engine(stage.service, stage.outputs),
        stage.version("second"),
    )
    assert isinstance(engine, RollingRollout)
    eventually(lambda: engine.begin("stage-sandbox-000001", stage.outputs) is None)
    update = engine.begin("stage-sandbox-000002", second)
    assert update is not None
    assert engine.begin("stage-sandbox-000002", second) == update
    eventually(lambda: engine.progress(update).phase == "finished")
    assert engine.begin("stage-sandbox-000002", second) is None
    live = stage.delivery.ecs_service(stage.service).observe(second)
    assert live.primary_task_definition_arn == second.task_definition_arn
    assert live.is_answered_for


@pytest.mark.sandbox
def test_update_is_taken_back(staged: Callable[[str], Stage]) -> None:
    """A version that does not come up goes, and the former one serves."""
    stage = staged("rolling")
    engine, broken = (
        stage.delivery.rollout_engine(stage.service, stage.outputs),
        stage.version("bad", FAIL="no"),
    )
    eventually(lambda: engine.begin("stage-sandbox-000001", stage.outputs) is None)
    update = engine.begin("stage-sandbox-000002", broken)
    assert update is not None
    assert engine.roll_back(update) is not None
    eventually(lambda: engine.progress(update).phase == "rolled_back")
    live = stage.delivery.ecs_service(stage.service).observe(stage.outputs)
    assert live.primary_task_definition_arn == stage.outputs.task_definition_arn
