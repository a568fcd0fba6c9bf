"""What CI does: build here, have a worker that never sees the checkout release it, and watch."""

import subprocess
from typing import Any

import pytest

from delightful.release import Release
from tests.end_to_end.stage import ENVIRONMENT, SERVICE, Stage, json_of

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]


def test_a_worker_releases_what_was_built_elsewhere(stage: Stage, first: Release) -> None:
    """The image is adopted, the files come from S3, and the command tells the release's end."""
    commit = stage.commit("next")
    early = submitted(stage, "deploy", str(stage.repository))
    assert (early["exit_code"], early["code"], early["release"]) == (2, "E_SOURCE", None)

    built = json_of(stage.command("build", str(stage.repository), "--json"))
    assert built["source"].endswith(f"/sources/{SERVICE}/{commit}.tar.gz")
    again = json_of(stage.command("build", str(stage.repository), "--json"))
    assert again["image"]["digest"] == built["image"]["digest"]

    answer = submitted(stage, "deploy", str(stage.repository))
    assert (answer["exit_code"], answer["message"]) == (0, None)
    release = Release.model_validate(answer["release"])
    assert (release.commit, release.state) == (commit, "GOOD")
    assert release == stage.good()
    assert release.image is not None
    assert release.image.adopted
    run = stage.ask_prefect(f"/flow_runs/{answer['flow_run_id']}")
    assert run["parameters"]["source"] == built["source"]

    nothing = submitted(stage, "deploy", str(stage.repository))
    assert (nothing["exit_code"], nothing["release"]["release_id"]) == (0, release.release_id)


def test_a_pull_request_is_analyzed_and_planned_from_what_it_left(
    stage: Stage, first: Release
) -> None:
    """Both read the proposed files; nothing is released, and nothing is left among the built."""
    commit = stage.commit("next")
    before = stage.history()
    about = (str(stage.repository), "--pull-request", "7")
    assert submitted(stage, "analyze", *about)["exit_code"] == 0
    assert submitted(stage, "deploy", *about, "--dry-run")["exit_code"] == 0
    assert stage.history() == before
    listed = stage.aws("s3").list_objects_v2(Bucket=stage.sandbox.artifact_bucket)
    keys = {one["Key"] for one in listed["Contents"] if commit in one["Key"]}
    assert f"proposed/{SERVICE}/{commit}.tar.gz" in keys
    assert f"sources/{SERVICE}/{commit}.tar.gz" not in keys


def submitted(stage: Stage, verb: str, *arguments: str) -> dict[str, Any]:
    """Submit a verb; what it prints is one JSON object, whose exit code is the command's own."""
    done: subprocess.CompletedProcess[str] = stage.command(
        verb, *arguments, "--submit", "--environment", ENVIRONMENT, "--json"
    )
    answer: dict[str, Any] = json_of(done)
    assert done.returncode == answer["exit_code"], done.stderr
    return answer
