"""A release's own command, run as an ECS task through its block."""

from collections.abc import Callable

import pytest

from blocks.aws import aws_client
from blocks.ecs.release_command import CommandProgress, ReleaseCommand
from delightful.errors import Refused
from delightful.release import StackOutputs
from tests.blocks.staging import Stage, eventually

pytestmark = pytest.mark.sandbox

FAILING = ("python3", "-c", "print('migrating'); raise SystemExit(3)")
LASTING = ("python3", "-c", "import time; time.sleep(600)")


def release_id(outputs: StackOutputs, number: int) -> str:
    """Return the id of a release of the staged service."""
    return f"{outputs.service}-{outputs.environment}-{number:06d}"


def ended(runner: ReleaseCommand, outputs: StackOutputs, task: str) -> CommandProgress:
    """Return how a task ended, once it has."""
    eventually(lambda: runner.progress(outputs, task).has_ended)
    return runner.progress(outputs, task)


@pytest.mark.parametrize("strategy", ["blue_green", "rolling"])
def test_command_runs_once_beside_the_service(
    staged: Callable[[str], Stage], strategy: str
) -> None:
    """It ends with its own exit code; asked again, running or ended, it is the same task."""
    stage = staged(strategy)
    runner, outputs = stage.delivery.release_command(stage.service), stage.version("second")
    release = release_id(outputs, 1)
    task = runner.begin(release, outputs, ("python3", "-c", "print('migrated')"))
    assert runner.begin(release, outputs, ("python3", "-c", "print('migrated')")) == task
    seen = ended(runner, outputs, task)
    assert (seen.exit_code, seen.log_tail) == (0, ("migrated",))
    assert runner.begin(release, outputs, FAILING) == task
    live = stage.delivery.ecs_service(stage.service).observe(stage.outputs)
    assert live.primary_task_definition_arn == stage.outputs.task_definition_arn
    assert live.is_answered_for
    started = described(stage, task)
    assert started["taskDefinitionArn"] == outputs.task_definition_arn
    assert {tag["key"]: tag["value"] for tag in started["tags"]}["delightful:release"] == release


def test_failed_command_tells_its_end(staged: Callable[[str], Stage]) -> None:
    """Exit code, ECS's reason and the last lines are what a person needs."""
    stage = staged("rolling")
    runner, outputs = stage.delivery.release_command(stage.service), stage.outputs
    seen = ended(runner, outputs, runner.begin(release_id(outputs, 1), outputs, FAILING))
    assert (seen.exit_code, seen.log_tail) == (3, ("migrating",))
    assert "Essential container in task exited" in str(seen.stopped_reason)


def test_command_that_never_ran_has_no_exit_code(staged: Callable[[str], Stage]) -> None:
    """A program that the image lacks is a failed start."""
    stage = staged("rolling")
    runner, outputs = stage.delivery.release_command(stage.service), stage.outputs
    task = runner.begin(release_id(outputs, 1), outputs, ("no-such-program",))
    seen = ended(runner, outputs, task)
    assert seen.exit_code is None
    assert "no-such-program" in str(seen.stopped_reason)


def test_one_command_at_a_time(staged: Callable[[str], Stage]) -> None:
    """While one runs another release's is refused; stopped, it says why it ended."""
    stage = staged("rolling")
    runner, outputs = stage.delivery.release_command(stage.service), stage.outputs
    task = runner.begin(release_id(outputs, 1), outputs, LASTING)
    with pytest.raises(Refused, match=release_id(outputs, 1)):
        runner.begin(release_id(outputs, 2), outputs, FAILING)
    runner.stop(outputs, task, "took longer than 5 s")
    assert ended(runner, outputs, task).stopped_reason == "took longer than 5 s"
    assert runner.begin(release_id(outputs, 2), outputs, FAILING) != task


def test_task_that_ecs_does_not_know_is_lost(staged: Callable[[str], Stage]) -> None:
    """ECS keeps ended tasks for an hour; afterwards nobody can say how one ended."""
    stage = staged("rolling")
    arn = f"arn:aws:ecs:us-east-1:123456789012:task/{stage.outputs.cluster_name}/{'0' * 32}"
    assert stage.delivery.release_command(stage.service).progress(stage.outputs, arn).is_lost


def described(stage: Stage, task: str) -> dict[str, object]:
    """Return a task as ECS describes it."""
    ecs = aws_client(stage.delivery.credentials, "ecs")
    (found,) = ecs.describe_tasks(
        cluster=stage.outputs.cluster_name, tasks=[task], include=["TAGS"]
    )["tasks"]
    return dict(found)
