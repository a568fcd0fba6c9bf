"""Flow runs as ECS tasks: prefect-aws's own worker starts them, its observer hears of their end."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from delightful.release import Release, ReleaseState
from rehearsal.witness import Witness
from sandbox import lifecycle
from sandbox.settings import SandboxSettings
from tests.end_to_end.ecs_stage import RUN_SECONDS, EcsStage, Watched
from tests.end_to_end.stage import ENVIRONMENT, SERVICE, Json, until
from tests.end_to_end.test_prefect_runs import (
    assert_done_once,
    retry_in_the_ui,
    task_definitions,
    tasks_done_since,
)
from tests.end_to_end.test_releases import CANARY

# One after the other, each on what the one before left: bringing all of it up takes minutes.
pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EcsStage]:
    """Return a sandbox twenty times as fast as the wall, with an ECS worker and all it needs."""
    folder = tmp_path_factory.mktemp("ecs")
    settings = SandboxSettings(speed=20, tasks="process", worker="ecs")
    with (
        lifecycle.running(folder / "sandbox", settings) as sandbox,
        pytest.MonkeyPatch.context() as patch,
    ):
        stage = EcsStage(sandbox, folder)
        for name, value in stage.variables.items():
            patch.setenv(name, value)
        stage.prepare()
        yield stage


@pytest.fixture(scope="module")
def first(stage: EcsStage) -> Release:
    """Return the first release, which an ECS task deployed."""
    done = stage.deploy_on_ecs(stage.commit("as_it_is"))
    assert (done.exit_code, done.state) == (0, "COMPLETED"), done
    return stage.good()


def test_deploy_runs_as_a_task_in_the_roles_of_its_steps(stage: EcsStage, first: Release) -> None:
    """What an ECS task deployed is what serves; its steps were taken as roles, it was nobody."""
    assert_serves(stage, first)
    assert first.owner is not None
    run = str(first.owner.flow_run_id)
    # The flow run is over before its task is.
    (task,) = until(lambda: stage.stopped_tasks_of(run), "the task's end")
    assert first.owner.ecs_task_arn == task["taskArn"]
    assert [one["exitCode"] for one in task["containers"]] == [0]
    told = {f"prefect.ecs.task.{status}" for status in ("pending", "running", "stopped")}
    assert stage.events_of(task) >= told
    assert stage.roles_of(task) == {
        f"{SERVICE}-{ENVIRONMENT}-deploy",
        f"delightful-{ENVIRONMENT}-apply",
        # Who holds the state's lock is looked at in the role that reads.
        "delightful-plan",
    }


@pytest.mark.nightly
def test_broken_version_is_taken_back(stage: EcsStage, first: Release) -> None:
    """The run fails, the record says ROLLED_BACK, and the first release goes on serving."""
    done = stage.deploy_on_ecs(stage.commit("broken"))
    assert (done.exit_code, done.state) == (1, "FAILED")
    record = stage.history()[0]
    assert (record.state, record.failure is not None) == (ReleaseState.ROLLED_BACK, True)
    assert stage.good() == first
    assert_serves(stage, first)


def test_cancel_leaves_no_terraform_and_an_attempt_to_go_on_with(
    stage: EcsStage, first: Release
) -> None:
    """Cancelled from the UI in mid-apply, the run ends Cancelled; the next deploy resumes it."""
    commit = stage.commit("next")
    with ThreadPoolExecutor(max_workers=1) as pool:
        done = pool.submit(stage.deploy_on_ecs, commit)
        run = until(lambda: stage.run_of(commit), "the flow run")
        until(
            lambda: [one for one in stage.terraform_processes() if " apply " in one],
            "Terraform's apply",
            seconds=RUN_SECONDS,
        )
        stage.cancel_in_the_ui(run)
        ended = done.result()
    assert (ended.exit_code, ended.state) == (1, "CANCELLED")
    (task,) = until(lambda: stage.stopped_tasks_of(run), "the task's end")
    assert task["stopCode"] == "EssentialContainerExited"
    assert stage.terraform_processes() == []
    attempt = stage.history()[0]
    assert (attempt.commit, attempt.is_terminal) == (commit, False)
    assert stage.good() == first

    again = stage.deploy_on_ecs(commit)
    assert (again.exit_code, again.state) == (0, "COMPLETED")
    assert stage.history()[0].release_id == attempt.release_id
    assert stage.good().release_id == attempt.release_id
    assert_serves(stage, stage.good())


@pytest.mark.nightly
def test_retry_after_a_kill_repeats_only_what_was_lost(stage: EcsStage, first: Release) -> None:
    """A task killed in mid-shift is Crashed by the observer; another one goes on from S3."""
    commit = stage.commit("next", configuration=CANARY, termination_wait_minutes=60)
    revisions = task_definitions(stage)
    crashed, task = killed_in_mid_shift(stage, first, commit)
    run = crashed.run
    assert (crashed.exit_code, crashed.state) == (1, "CRASHED")
    assert "non-zero exit code" in crashed.message
    (killed,) = until(lambda: stage.stopped_tasks_of(run), "the task's end")
    assert [one["exitCode"] for one in killed["containers"]] == [137]
    attempt = stage.history()[0]
    assert (attempt.commit, attempt.state) == (commit, ReleaseState.APPLIED)
    assert attempt.owner is not None
    assert attempt.owner.ecs_task_arn == task["taskArn"]
    assert stage.results() != []

    retried_at = datetime.now(UTC)
    retry_in_the_ui(stage, run)
    assert stage.ended(run)["type"] == "COMPLETED"
    release = stage.history()[0]
    assert (release.release_id, release.state) == (attempt.release_id, ReleaseState.GOOD)
    assert release.owner is not None
    assert release.owner.ecs_task_arn not in (None, task["taskArn"])
    again = tasks_done_since(stage, run, retried_at)
    assert {"open attempt", "wait for rollout", "judge", "finish rollout"} <= again
    assert not again & {"analyze source", "push image", "plan", "apply", "begin rollout"}
    assert len(task_definitions(stage) - revisions) == 1
    assert_done_once(stage, release, before=retried_at)
    assert_serves(stage, release)


def test_next_deploy_adopts_what_a_killed_task_left(stage: EcsStage, first: Release) -> None:
    """Another run of the same commit takes the attempt of a stopped task over, rollout and all."""
    commit = stage.commit("next", configuration=CANARY, termination_wait_minutes=60)
    crashed, _ = killed_in_mid_shift(stage, first, commit)
    assert crashed.state == "CRASHED"
    attempt = stage.history()[0]
    again = stage.deploy_on_ecs(commit)
    assert (again.exit_code, again.state) == (0, "COMPLETED")
    release = stage.history()[0]
    assert (release.release_id, release.state) == (attempt.release_id, ReleaseState.GOOD)
    assert len(stage.rollouts_of(release)) == 1
    assert_serves(stage, release)


def test_rollback_restores_the_first_release(stage: EcsStage, first: Release) -> None:
    """Going back is a run on ECS like any other."""
    done = stage.roll_back_on_ecs(first, "the first was better")
    assert (done.exit_code, done.state) == (0, "COMPLETED")
    release = stage.good()
    assert (release.restores, release.image) == (first.release_id, first.image)
    assert_serves(stage, release)


def killed_in_mid_shift(stage: EcsStage, first: Release, commit: str) -> tuple[Watched, Json]:
    """Kill the first process of the task that deploys a commit, once its canary has traffic."""
    assert first.stack is not None
    listener = first.stack.outputs.listener_arn
    with ThreadPoolExecutor(max_workers=1) as pool:
        done = pool.submit(stage.deploy_on_ecs, commit)
        run = until(lambda: stage.run_of(commit), "the flow run")
        until(
            lambda: stage.weights(listener) == [10, 90],
            "the canary's share of the traffic",
            seconds=RUN_SECONDS,
        )
        (task,) = stage.tasks_of(run)
        os.kill(int(task["containers"][0]["runtimeId"]), signal.SIGKILL)
        return done.result(), task


def assert_serves(stage: EcsStage, release: Release) -> None:
    """Running digest, task definition and listener are those of the record."""
    assert release.stack is not None
    checks = Witness(stage.session(), release.stack.outputs).checks(release)
    assert [check for check in checks if not check.ok] == []
