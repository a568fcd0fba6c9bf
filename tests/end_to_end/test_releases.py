"""The command `delightful`, as somebody types it: deploys that die, break, and are taken back."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from delightful.release import Release, ReleaseState
from rehearsal.checks import explains_itself
from rehearsal.witness import Witness
from tests.end_to_end.stage import ENVIRONMENT, SERVICE, Stage, json_of, kill, until

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]

CANARY = "CodeDeployDefault.ECSCanary10Percent5Minutes"


@pytest.fixture(scope="module", autouse=True)
def _thawed_afterwards(stage: Stage) -> Iterator[None]:
    """A rollback freezes the service, and the stage is not this module's alone."""
    yield
    about = ("--service", SERVICE, "--environment", ENVIRONMENT)
    done = stage.command("thaw", *about, "--reason", "these tests are over")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def later(stage: Stage, first: Release) -> Release:
    """Return the good release that came after the first one."""
    if stage.good().release_id == first.release_id:
        stage.commit("next")
        assert stage.deploy()[0] == 0
    return stage.good()


def test_deploy_after_kill_adopts_the_running_rollout(stage: Stage, first: Release) -> None:
    """SIGKILL in the middle of a canary loses nothing: the same command goes on from there."""
    assert first.stack is not None
    earlier, listener = stage.good(), first.stack.outputs.listener_arn
    # The old tasks stay for minutes: the rollout is still running when it is adopted.
    commit = stage.commit("next", configuration=CANARY, termination_wait_minutes=60)
    with stage.load(first.stack.outputs.url) as traffic:
        process = stage.deploying()
        until(lambda: stage.weights(listener) == [10, 90], "the canary's share of the traffic")
        kill(process)
        killed = stage.history()[0]
        code, release = stage.deploy()
        seen = traffic()
    assert (killed.commit, killed.state) == (commit, ReleaseState.APPLIED)
    assert (code, release.state) == (0, ReleaseState.GOOD)
    assert release.release_id == killed.release_id
    assert (seen.failed, set(seen.commits)) == (0, {earlier.commit, commit})
    assert stage.rollouts_of(killed) == [rollout_id(killed)] == [rollout_id(release)]
    assert [one.state for one in stage.history() if one.commit == commit] == [ReleaseState.GOOD]

    attempts = stage.history()
    assert stage.deploy() == (0, release)
    assert stage.history() == attempts
    assert stage.rollouts_of(killed) == [rollout_id(release)]


def test_requests_are_traces_of_their_release(stage: Stage, first: Release) -> None:
    """From the service through the collector beside it to X-Ray, where the commit is told."""
    assert first.stack is not None
    live = stage.good()
    with stage.load(first.stack.outputs.url) as traffic:
        until(lambda: traffic().requests > 20, "requests that are answered")
        told = until(lambda: segments_of(stage, live.commit), "a trace of the release that serves")
    assert {segment["name"] for segment in told} == {SERVICE}
    assert {segment["http"]["response"]["status"] for segment in told} == {200}
    assert {
        segment["annotations"]["otel_resource_deployment_environment_name"] for segment in told
    } == {ENVIRONMENT}


def segments_of(stage: Stage, commit: str) -> list[dict[str, Any]]:
    """Return what X-Ray has of a commit's last few traces."""
    now, xray = datetime.now(UTC), stage.aws("xray")
    lately = {"StartTime": now - timedelta(minutes=10), "EndTime": now + timedelta(minutes=1)}
    ids = [one["Id"] for one in xray.get_trace_summaries(**lately)["TraceSummaries"]]
    traces = xray.batch_get_traces(TraceIds=ids[-5:])["Traces"]
    found = [json.loads(one["Document"]) for trace in traces for one in trace["Segments"]]
    return [one for one in found if one["service"]["version"] == commit]


def test_broken_version_never_gets_traffic(stage: Stage, first: Release) -> None:
    """The command says in one line that it failed; the record says why; the earlier one serves."""
    assert first.stack is not None
    earlier, commit = stage.good(), stage.commit("broken")
    with stage.load(first.stack.outputs.url) as traffic:
        done = stage.command("deploy", str(stage.repository))
        seen = traffic()
    record = stage.history()[0]
    assert (record.commit, record.state) == (commit, ReleaseState.ROLLED_BACK)
    assert done.returncode == 5
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"E_DEPLOY {record.release_id} is ROLLED_BACK: ")
    assert f"{earlier.release_id} serves as before" in last
    assert explains_itself(record).ok
    assert record.failure is not None
    assert "503" in str(record.failure.response)
    assert any("cannot reach the database" in line for line in record.failure.log_tail)
    assert "cannot reach the database" in done.stdout
    assert (seen.failed, set(seen.commits)) == (0, {earlier.commit})
    assert stage.good() == earlier
    assert_serves(stage, earlier)
    assert_sweeps_what_it_left(stage, record, earlier)


def test_rollback_by_artifact_restores_what_the_artifact_shows(
    stage: Stage, first: Release, later: Release
) -> None:
    """Going back names the artifact; afterwards record, AWS and every reading command agree."""
    assert first.stack is not None
    artifact = stage.artifact_of(first)
    with stage.load(first.stack.outputs.url) as traffic:
        done = stage.command(
            *("rollback", artifact, "--reason", "the first was better"),
            *("--service", SERVICE, "--json"),
        )
        seen = traffic()
    assert done.returncode == 0, done.stderr
    release = Release.model_validate_json(done.stdout)
    assert (release.state, release.restores) == (ReleaseState.GOOD, first.release_id)
    assert release.image == first.image
    assert (seen.failed, set(seen.commits)) == (0, {later.commit, first.commit})
    assert_serves(stage, release)
    assert_readings_agree(stage, release)


def test_refusals_say_why_in_one_line(stage: Stage, first: Release) -> None:
    """What must not be done is refused with its exit code, before anything moves."""
    attempts = stage.history()
    unknown = stage.command(
        *("rollback", f"{SERVICE}-{ENVIRONMENT}-999999", "--service", SERVICE),
        *("--reason", "a test"),
    )
    assert (unknown.returncode, code_of(unknown)) == (2, "E_TARGET")
    older = stage.command("deploy", str(stage.repository), "--commit", stage.first_commit())
    assert (older.returncode, code_of(older)) == (3, "E_SUPERSEDED")
    kept, *before = stage.history()
    assert (kept.state, before) == (ReleaseState.SUPERSEDED, attempts)
    newer = stage.command("deploy", str(stage.repository))
    assert (newer.returncode, code_of(newer)) == (4, "E_FROZEN")


def code_of(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the stable code of the one line that a command ended with."""
    return done.stderr.splitlines()[-1].split()[0]


def rollout_id(release: Release) -> str | None:
    """Return the CodeDeploy deployment that a record names."""
    return release.rollout.deployment_id if release.rollout else None


def assert_serves(stage: Stage, release: Release) -> None:
    """Running digest, task definition and listener are those of the record."""
    assert release.stack is not None
    checks = Witness(stage.session(), release.stack.outputs).checks(release)
    assert [check for check in checks if not check.ok] == []


def assert_sweeps_what_it_left(stage: Stage, broken: Release, serving: Release) -> None:
    """The sweep takes the revision that nobody can want back, and nothing that serves or did."""
    assert broken.stack is not None
    assert serving.stack is not None
    done = stage.command("sweep", "--service", SERVICE, "--json")
    assert done.returncode == 0, done.stderr
    found = {one["revision"]["arn"]: one for one in json_of(done)["revisions"]}
    gone = found[broken.stack.outputs.task_definition_arn]
    assert (gone["stays"], gone["reason"]) == (False, f"{broken.release_id} ended ROLLED_BACK")
    assert found[serving.stack.outputs.task_definition_arn]["stays"]
    again = stage.command("sweep", "--service", SERVICE, "--json")
    staying = [one for one in json_of(done)["revisions"] if one["stays"]]
    assert json_of(again)["revisions"] == staying
    assert_serves(stage, serving)


def assert_readings_agree(stage: Stage, release: Release) -> None:
    """The reading commands print JSON that shows the same release."""
    whole = release.model_dump(mode="json")
    status = stage.command("status", "--service", SERVICE, "--json")
    assert status.returncode == 0, status.stderr
    told = json_of(status)
    assert (told["agrees"], told["head"]["in_progress"], told["good"]) == (True, None, whole)
    listed = stage.command("releases", "--service", SERVICE, "--json")
    assert (listed.returncode, json_of(listed)[0]) == (0, whole)
    shown = stage.command("show", release.release_id, "--json")
    assert (shown.returncode, json_of(shown)) == (0, whole)
