"""Runs that are started and retried in Prefect, as its UI does it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from delightful.release import Release, ReleaseState
from delightful.render import read_release_artifact
from rehearsal.preparation import sandbox_environment
from sandbox.settings import WORK_POOLS
from tests.end_to_end.faulty_endpoint import FaultyEndpoint
from tests.end_to_end.stage import ENVIRONMENT, SERVICE, Stage, until

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]

FLOWS = {
    *("deploy", "rollback", "recover", "verify", "sweep", "drill", "drift", "analyze"),
    *("build", "terraform_apply", "codedeploy", "observe"),
}


# Meanwhile the first deploy's Terraform waits for its load balancer.
@pytest.mark.usefixtures("first_deploy")
def test_registers_every_flow_and_again_in_place(stage: Stage) -> None:
    """Asked twice there is one pool, and each Prefect deployment once, its form checked."""
    first = registered(stage)
    again = stage.command("sandbox", "up", "--json")
    assert again.returncode == 0, again.stderr
    assert registered(stage) == first
    assert first.keys() == FLOWS


def registered(stage: Stage) -> dict[str, str]:
    """Return the ids of the Prefect deployments by name, each in the one pool with its schema."""
    found = stage.ask_prefect("/deployments/filter", {})
    assert {one["work_pool_name"] for one in found} == {WORK_POOLS["process"]}
    assert all(one["enforce_parameter_schema"] for one in found)
    return {one["name"]: one["id"] for one in found}


def test_deployment_run_does_what_the_command_does(
    stage: Stage, first: Release, first_run: "subprocess.CompletedProcess[str]"
) -> None:
    """The worker's run leaves ledger, artifact, asset and AWS as the command would."""
    assert first.state is ReleaseState.GOOD
    shown = [read_release_artifact(one["data"]) for one in stage.artifacts()]
    mine = [one.state for one in shown if one.release_id == first.release_id]
    assert mine == [step.state for step in reversed(first.transitions)]
    assert shown[-1].owner is not None
    assert str(shown[-1].owner.flow_run_id) in first_run.stdout
    assert materialized(stage, first) == {step.state.value for step in first.transitions}
    names = {run["name"] for run in family(stage, str(shown[-1].owner.flow_run_id))}
    assert names == {
        f"deploy {SERVICE} → {ENVIRONMENT} @ {first.commit[:7]}",
        f"analyze {SERVICE} @ {first.commit[:7]}",
        f"build {SERVICE} @ {first.commit[:7]}",
        f"terraform_apply {first.release_id}",
        f"codedeploy {first.release_id}",
        f"observe {first.release_id}",
    }


def test_retry_from_the_ui_repeats_only_the_task_that_failed(stage: Stage, first: Release) -> None:
    """A run that broke in the middle of the shift goes on from there, with nothing done twice."""
    # The old tasks stay for minutes, so that the rollout still runs when the retry comes.
    commit, revisions = stage.commit("next", termination_wait_minutes=60), task_definitions(stage)
    with broken_once(stage, "ContinueDeployment", "GetDeployment"):
        run = stage.started_in_the_ui(commit)
        assert stage.state_at_the_end(run)["type"] == "FAILED"
    attempt = stage.history()[0]
    assert (attempt.commit, attempt.state) == (commit, ReleaseState.APPLIED)
    assert attempt.owner is None
    # The server writes states of tasks down by the second.
    assert until(lambda: tasks_failed(stage, run), "the failed task") == ["wait for rollout"]

    retried_at = datetime.now(UTC)
    retry_in_the_ui(stage, run)
    assert stage.state_at_the_end(run)["type"] == "COMPLETED"
    release = stage.history()[0]
    assert (release.release_id, release.state) == (attempt.release_id, ReleaseState.GOOD)
    wanted = {"open attempt", "wait for rollout", "judge", "finish rollout"}

    def look() -> set[str] | None:
        done = tasks_done_since(stage, run, retried_at)
        return done if wanted <= done else None

    again = until(look, "the tasks of the retry")
    assert not again & {"build image", "push image", "plan", "apply", "begin rollout"}
    assert len(task_definitions(stage) - revisions) == 1
    assert_done_once(stage, release, before=retried_at)


def materialized(stage: Stage, release: Release) -> set[str]:
    """Return the states of a release that its asset's events tell of."""
    key = f"delightful://{ENVIRONMENT}/{SERVICE}/release"
    events = {
        "event": {"name": ["prefect.asset.materialization.succeeded"]},
        "resource": {"id": [key]},
    }

    def look() -> set[str] | None:
        found = stage.ask_prefect("/events/filter", {"filter": events, "limit": 50})["events"]
        told = [event["payload"] for event in found]
        states = {one["state"] for one in told if one["release_id"] == release.release_id}
        return states if "GOOD" in states else None

    # Events arrive a moment after what they tell of.
    return until(look, "the asset's events")


@contextmanager
def broken_once(stage: Stage, *operations: str) -> Iterator[FaultyEndpoint]:
    """Have the flows meet an AWS that answers the last of these operations wrongly, once."""
    environment = sandbox_environment(stage.sandbox)
    with FaultyEndpoint(stage.sandbox.aws_endpoint_url, *operations) as endpoint:
        environment.credentials.aws_client_parameters.endpoint_url = endpoint.url
        with stage.registered(environment):
            yield endpoint
    assert endpoint.is_spent


def retry_in_the_ui(stage: Stage, run: str) -> None:
    """Press the button "Retry": the request is the one that Prefect's UI sends."""
    state = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": "Retry from the UI"}
    answer = stage.ask_prefect(f"/flow_runs/{run}/set_state", {"state": state, "force": False})
    assert answer["status"] == "ACCEPT"


def family(stage: Stage, run: str) -> list[dict[str, Any]]:
    """Return a flow run and its subflow runs."""
    below = {"flow_runs": {"parent_flow_run_id": {"any_": [run]}}}
    subflows: list[dict[str, Any]] = stage.ask_prefect("/flow_runs/filter", below)
    return [stage.ask_prefect(f"/flow_runs/{run}"), *subflows]


def tasks(stage: Stage, run: str) -> list[dict[str, Any]]:
    """Return the task runs of a flow run and its subflow runs, without those that stand for one."""
    ids = [one["id"] for one in family(stage, run)]
    found: list[dict[str, Any]] = stage.ask_prefect(
        "/task_runs/filter", {"flow_runs": {"id": {"any_": ids}}, "limit": 200}
    )
    return [one for one in found if not one["state"]["state_details"].get("child_flow_run_id")]


def tasks_failed(stage: Stage, run: str) -> list[str]:
    """Return the names of the tasks that have failed."""
    failed = [task["name"] for task in tasks(stage, run) if task["state_type"] == "FAILED"]
    return [name.rpartition("-")[0] for name in failed]


def tasks_done_since(stage: Stage, run: str, moment: datetime) -> set[str]:
    """Return the names of the tasks that were run, not served from a result, since a moment."""
    return {
        task["name"].rpartition("-")[0]
        for task in tasks(stage, run)
        if task["state_name"] == "Completed" and datetime.fromisoformat(task["end_time"]) > moment
    }


def task_definitions(stage: Stage) -> set[str]:
    """Return the task definitions of the service: one for each apply that changed it."""
    family = f"{SERVICE}-{ENVIRONMENT}"
    return set(stage.aws("ecs").list_task_definitions(familyPrefix=family)["taskDefinitionArns"])


def assert_done_once(stage: Stage, release: Release, *, before: datetime) -> None:
    """What the release did to AWS was done once, and not by the retry."""
    image = stage.aws("ecr").describe_images(
        repositoryName=SERVICE, imageIds=[{"imageTag": release.commit}]
    )["imageDetails"][0]
    rollouts = [one for one in stage.rollouts() if release.release_id in one.get("description", "")]
    assert len(rollouts) == 1
    assert image["imagePushedAt"] < before
    assert rollouts[0]["createTime"] < before
