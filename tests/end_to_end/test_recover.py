"""`delightful recover` after real deaths: of a run in its rollout, of Terraform in its apply."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from delightful.release import Release, ReleaseState
from flows.effects import FAILPOINT
from rehearsal.preparation import sandbox_environment
from sandbox import lifecycle
from sandbox.settings import SandboxSettings
from tests.end_to_end.stage import SERVICE, Json, Stage, json_of, kill, until

RECOVER = ("recover", "--service", SERVICE)
# As little as lies between a load balancer and the rest of a stack on a busy machine.
NIGHTLY_SECONDS = 900.0


@pytest.mark.acceptance
@pytest.mark.timeout(600)
def test_rollout_of_a_run_that_died_is_taken_back(stage: Stage, first: Release) -> None:
    """Killed before it could note its rollout: found, stopped, its inputs taken back, once."""
    assert first.state is ReleaseState.GOOD
    good, commit = stage.good(), stage.commit("next")
    stage.variables[FAILPOINT] = "begin rollout#1:after"
    try:
        assert stage.command("deploy", str(stage.repository)).returncode == -signal.SIGKILL
    finally:
        del stage.variables[FAILPOINT]
    left = stage.history()[0]
    assert (left.commit, left.state, left.rollout) == (commit, ReleaseState.APPLIED, None)
    assert stage.command("status", "--service", SERVICE).returncode == 1

    done = stage.command(*RECOVER, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    steps = json_of(done)["steps"]
    assert [(one["remedy"], one["subject"]) for one in steps] == [
        ("end attempt", left.release_id),
        ("end flow run", f"deploy {SERVICE} → sandbox @ {commit[:7]}"),
        ("end flow run", f"codedeploy {left.release_id}"),
    ]
    ended = stage.history()[0]
    assert (ended.release_id, ended.state) == (left.release_id, ReleaseState.ROLLED_BACK)
    assert len(stage.rollouts_of(left)) == 1
    assert stage.good() == good
    again = json_of(stage.command(*RECOVER, "--json"))
    assert again["steps"] == []
    assert {one["standing"] for one in again["findings"]} == {"agrees"}


@pytest.fixture
def bare_stage(tmp_path: Path) -> Iterator[Stage]:
    """Return a sandbox of this test's own, in which nothing was deployed yet."""
    settings = SandboxSettings(speed=20, tasks="process", worker="process")
    with lifecycle.running(tmp_path / "sandbox", settings) as sandbox:
        stage = Stage(sandbox, tmp_path)
        stage.prepare()
        yield stage


@pytest.mark.nightly
@pytest.mark.timeout(2400)
def test_what_a_killed_terraform_made_is_adopted(bare_stage: Stage) -> None:
    """Live and unknown to the state: taken up by the recovery, so that the plan is empty.

    Terraform and its run die in the middle of a first apply; its lock stays, its state is lost.
    """
    stage = bare_stage
    stage.commit("as_it_is")
    run = stage.deploying()
    until(lambda: balancers(stage), "a load balancer", seconds=NIGHTLY_SECONDS)
    for pid in terraforms(stage.folder / "state"):
        os.kill(pid, signal.SIGKILL)
    kill(run)
    left, made = stage.history()[0], balancers(stage)
    assert left.state is ReleaseState.BUILT

    done = stage.command(*RECOVER, "--json", seconds=NIGHTLY_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    remedies = [one["remedy"] for one in json_of(done)["steps"]]
    assert remedies[:2] == ["break lock", "complete apply"]
    assert balancers(stage) == made
    ended = stage.history()[0]
    assert (ended.release_id, ended.state) == (left.release_id, ReleaseState.ABORTED)
    assert ended.stack is not None
    assert made == [load_balancer_of(ended.stack.outputs.listener_arn)]

    stack = sandbox_environment(stage.sandbox).stack("service", SERVICE)
    planned = stack.plan(ended.stack.variables)
    assert (planned.summary.changes, planned.has_changes) == ((), False)
    code, release = stage.deploy()
    assert (code, release.state) == (0, ReleaseState.GOOD)


def balancers(stage: Stage) -> list[str]:
    """Return the ARNs of the service's load balancers."""
    found: list[Json] = stage.aws("elbv2").describe_load_balancers()["LoadBalancers"]
    named = (one for one in found if one["LoadBalancerName"].startswith(SERVICE))
    return [one["LoadBalancerArn"] for one in named]


def load_balancer_of(listener_arn: str) -> str:
    """Return the load balancer's ARN, which its listener's is made of."""
    return listener_arn.replace(":listener/", ":loadbalancer/").rpartition("/")[0]


def terraforms(folder: Path) -> list[int]:
    """Return the processes of Terraform itself that apply below a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_text().split("\0")
            if (process / "cwd").readlink().is_relative_to(folder) and words[1:2] == ["apply"]:
                found.append(int(process.name))
        except OSError:
            continue
    return found
