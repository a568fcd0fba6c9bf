"""A flow run on a worker that waits for a person: who may answer, and what is then applied."""

from pathlib import Path

import pytest

from delightful.release import Release, ReleaseState
from rehearsal.preparation import sandbox_environment
from tests.end_to_end.stage import Stage, credentials_of, until

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(600)]


@pytest.fixture
def ann(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the AWS profile of a user who runs nothing."""
    file = credentials_of(stage.aws("iam"), "ann", tmp_path)
    monkeypatch.setitem(stage.variables, "AWS_SHARED_CREDENTIALS_FILE", str(file))
    return "ann"


def test_a_flow_run_waits_for_somebody_else(stage: Stage, first: Release, ann: str) -> None:
    """It holds no lock meanwhile, and goes on by itself with exactly the plan that was approved."""
    stage.aws("ssm").put_parameter(Name="/key", Value="k", Type="SecureString", Overwrite=True)
    arn = stage.aws("ssm").get_parameter(Name="/key")["Parameter"]["ARN"]
    asking = sandbox_environment(stage.sandbox).model_copy(update={"requires_approval": True})
    with stage.registered(asking):
        commit = stage.commit("next", {"secrets": {"API_KEY": arn}})
        run = stage.started_in_the_ui(commit)
        waiting = until(lambda: asked(stage, commit), "a plan that waits")
        assert waiting.review is not None
        assert stage.ask_prefect(f"/flow_runs/{run}")["state"]["type"] == "RUNNING"
        assert asking.stack("service", first.service).locks_held() == ()
        assert {one.kind for one in waiting.review.summary.dangers} == {"permissions"}

        answer = ("approve", waiting.release_id, "--plan", waiting.review.plan_sha256[:12])
        same = stage.command(*answer)
        assert same.returncode == 4, same.stdout + same.stderr
        assert "nobody approves what he runs himself" in same.stderr
        other = stage.command(*answer, "--profile", ann, "--reason", "it reads one parameter more")
        assert other.returncode == 0, other.stderr
        assert stage.state_at_the_end(run)["type"] == "COMPLETED"
    release = stage.good()
    assert (release.release_id, release.state) == (waiting.release_id, ReleaseState.GOOD)
    assert release.review is not None
    assert release.review.answer is not None
    assert release.review.answer.by.endswith(":user/ann")
    assert release.stack is not None
    assert release.stack.plan.sha256 == waiting.review.plan_sha256


def asked(stage: Stage, commit: str) -> Release | None:
    """Return the attempt of a commit once it waits for an answer."""
    newest = stage.history()[0]
    return newest if newest.commit == commit and newest.is_waiting else None
