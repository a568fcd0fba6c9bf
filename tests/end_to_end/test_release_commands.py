"""Release commands of a real service: run once, adopted, and failing before any traffic moves."""

from typing import Any

import pytest

from delightful.release import Release, ReleaseState
from tests.end_to_end.stage import Stage, kill, until

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(600)]

LASTING = ["python3", "-c", "import time; print('migrating', flush=True); time.sleep(20)"]
FAILING = ["python3", "-c", "print('no such table'); raise SystemExit(3)"]


def test_deploy_after_kill_adopts_the_running_command(stage: Stage, first: Release) -> None:
    """SIGKILL while it runs starts no second one: the same command line goes on from there."""
    stage.commit("next", {"release_command": LASTING})
    process = stage.deploying()
    killed = until(lambda: with_command(stage), "the release command's task in the record")
    kill(process)
    code, release = stage.deploy()
    assert (code, release.state) == (0, ReleaseState.GOOD)
    assert release.release_id == killed.release_id
    assert killed.release_command is not None
    assert release.release_command is not None
    assert release.release_command.task_arn == killed.release_command.task_arn
    assert release.release_command.exit_code == 0
    assert [task["taskArn"] for task in tasks_of(stage, release)] == [
        release.release_command.task_arn
    ]


def test_failed_command_leaves_the_earlier_release(stage: Stage, first: Release) -> None:
    """Exit code 1, the evidence on the terminal, not one request that the earlier one missed."""
    assert first.stack is not None
    earlier = stage.good()
    commit, rollouts = stage.commit("next", {"release_command": FAILING}), len(stage.rollouts())
    with stage.load(first.stack.outputs.url) as traffic:
        done = stage.command("deploy", str(stage.repository))
        seen = traffic()
    record = stage.history()[0]
    assert done.returncode == 1, done.stderr
    assert (record.commit, record.state) == (commit, ReleaseState.FAILED)
    assert record.failure is not None
    assert (record.failure.phase, record.failure.exit_code) == ("release_command", 3)
    assert record.failure.log_tail[-1] == "no such table"
    assert "no such table" in done.stdout
    assert f"{earlier.release_id} serves as before" in done.stderr.splitlines()[-1]
    assert len(stage.rollouts()) == rollouts
    assert (seen.failed, set(seen.commits)) == (0, {earlier.commit})
    assert stage.good() == earlier


def with_command(stage: Stage) -> Release | None:
    """Return the newest attempt once its command runs."""
    newest = stage.history()[0]
    return newest if newest.release_command is not None and not newest.is_terminal else None


def tasks_of(stage: Stage, release: Release) -> list[dict[str, Any]]:
    """Return every task that was started for a release."""
    assert release.stack is not None
    ecs, cluster = stage.aws("ecs"), release.stack.outputs.cluster_name
    found = [
        arn
        for status in ("RUNNING", "STOPPED")
        for arn in ecs.list_tasks(
            cluster=cluster, startedBy=release.release_id, desiredStatus=status
        )["taskArns"]
    ]
    tasks: list[dict[str, Any]] = ecs.describe_tasks(cluster=cluster, tasks=found)["tasks"]
    return tasks
