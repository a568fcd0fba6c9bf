"""CodeDeploy through its block: created once, adopted, let through, taken back."""

from collections.abc import Callable

import pytest

from blocks.ecs.codedeploy_rollout import CodeDeployRollout
from blocks.ecs.rollout import RolloutPhase, RolloutProgress
from delightful.errors import Refused
from delightful.manifest import SmokeTest
from tests.blocks.staging import Stage, eventually

pytestmark = pytest.mark.sandbox


def engine_of(stage: Stage) -> CodeDeployRollout:
    engine = stage.delivery.rollout_engine(stage.service, stage.outputs)
    assert isinstance(engine, CodeDeployRollout)
    return engine


def wait_for(engine: CodeDeployRollout, deployment_id: str, phase: RolloutPhase) -> RolloutProgress:
    def look() -> RolloutProgress | None:
        seen = engine.progress(deployment_id)
        assert seen.phase == phase or not seen.has_ended, seen
        return seen if seen.phase == phase else None

    found = eventually(look)
    assert found is not None
    return found


def test_release_is_let_through_lives_and_finishes(staged: Callable[[str], Stage]) -> None:
    """A rollout waits while Ready, lives with all traffic moved, and finishes when it may."""
    stage = staged("blue_green")
    engine, second = engine_of(stage), stage.version("second")
    assert engine.begin("stage-sandbox-000001", stage.outputs) is None
    deployment = engine.begin("stage-sandbox-000002", second)
    assert deployment is not None
    assert engine.begin("stage-sandbox-000002", second) == deployment
    assert engine.find("stage-sandbox-000002", second) == deployment
    assert engine.find("stage-sandbox-000003", second) is None
    with pytest.raises(Refused, match="E_ROLLOUT_ACTIVE"):
        engine.begin("stage-sandbox-000003", second)

    wait_for(engine, deployment, "ready")
    probe = stage.delivery.probe()
    assert probe.request(second.test_url or "", SmokeTest()).commit_header == "second"
    assert probe.request(second.url, SmokeTest()).commit_header == "first"

    engine.proceed(deployment, "ready")
    live = wait_for(engine, deployment, "live")
    assert sorted(live.weights.values()) == [0.0, 100.0]
    assert probe.request(second.url, SmokeTest()).commit_header == "second"

    engine.proceed(deployment, "termination")
    wait_for(engine, deployment, "finished")
    engine.proceed(deployment, "termination")
    assert engine.roll_back(deployment) is None
    observed = stage.delivery.ecs_service(stage.service).observe(second)
    assert observed.primary_task_definition_arn == second.task_definition_arn
    assert observed.image_digests == (stage.image.digest,)
    assert observed.active_deployment_id is None


def test_rollout_is_taken_back_before_it_has_traffic(staged: Callable[[str], Stage]) -> None:
    """Stopping a Ready rollout gives the rollback's own id, and the first version serves on."""
    stage = staged("blue_green")
    engine, second = engine_of(stage), stage.version("second")
    deployment = engine.begin("stage-sandbox-000002", second)
    assert deployment is not None
    wait_for(engine, deployment, "ready")
    rollback = engine.roll_back(deployment)
    back = wait_for(engine, deployment, "rolled_back")
    assert rollback is not None
    assert back.rollback_deployment_id == rollback
    assert engine.begin("stage-sandbox-000002", second) == deployment
    answer = stage.delivery.probe().request(second.url, SmokeTest())
    assert (answer.status, answer.commit_header) == (200, "first")


def test_live_rollout_is_taken_back_with_its_traffic(staged: Callable[[str], Stage]) -> None:
    """While the old tasks are kept, traffic can still come back to them."""
    stage = staged("blue_green")
    engine, second = engine_of(stage), stage.version("second")
    deployment = engine.begin("stage-sandbox-000002", second)
    assert deployment is not None
    wait_for(engine, deployment, "ready")
    engine.proceed(deployment, "ready")
    wait_for(engine, deployment, "live")
    engine.roll_back(deployment)
    wait_for(engine, deployment, "rolled_back")
    answer = stage.delivery.probe().request(second.url, SmokeTest())
    assert (answer.status, answer.commit_header) == (200, "first")


def test_version_that_exits_is_explained(staged: Callable[[str], Stage]) -> None:
    """Exit code, stop reason and last words of a task that never served are found."""
    stage = staged("blue_green")
    engine, broken = engine_of(stage), stage.version("broken", FAIL="no database")
    deployment = engine.begin("stage-sandbox-000002", broken)
    ecs = stage.delivery.ecs_service(stage.service)

    def look() -> bool:
        return ecs.explain(broken, broken.task_definition_arn, "codedeploy").exit_code is not None

    eventually(look)
    failure = ecs.explain(broken, broken.task_definition_arn, "codedeploy")
    assert failure.exit_code == 1
    assert "Essential container in task exited" in (failure.stopped_reason or "")
    assert failure.log_tail[-1] == "no database"
    assert deployment is not None
    engine.roll_back(deployment)


def test_version_that_is_unhealthy_is_explained(staged: Callable[[str], Stage]) -> None:
    """Where no task stopped, the load balancer's reason is told."""
    stage = staged("blue_green")
    engine, broken = engine_of(stage), stage.version("broken", STATUS="500")
    deployment = engine.begin("stage-sandbox-000002", broken)
    ecs = stage.delivery.ecs_service(stage.service)

    def look() -> bool:
        told = ecs.explain(broken, broken.task_definition_arn, "codedeploy").reason
        return "500" in told

    eventually(look)
    assert deployment is not None
    engine.roll_back(deployment)
