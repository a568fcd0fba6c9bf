"""The workflows ask for little and trust nobody's text."""

import re
from pathlib import Path

import pytest

from tests.definitions.workflow_files import (
    ACTIONS,
    STEPS,
    WORKFLOWS,
    Content,
    Step,
    content_of,
)
from tests.definitions.workflow_page import PAGE, page

FILES = (*WORKFLOWS, *ACTIONS)
JOBS = [(file, name, job) for file in WORKFLOWS for name, job in content_of(file)["jobs"].items()]
RUNS = [step for step in STEPS if "run" in step.content]
PINNED = re.compile(r"uses: (?P<name>[\w./-]+)@(?P<commit>[0-9a-f]{40}) # v\d+\.\d+\.\d+")
each_job = pytest.mark.parametrize(
    ("file", "name", "job"), JOBS, ids=[f"{file.stem}-{name}" for file, name, _ in JOBS]
)
each_run = pytest.mark.parametrize("step", RUNS, ids=[step.place for step in RUNS])


def test_page_shows_what_the_workflows_say() -> None:
    """The page is what a reader sees of all this; written anew when they change."""
    assert PAGE.read_text() == page(), "write it anew: python -m tests.definitions.page"


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_nothing_is_granted_on_top(file: Path) -> None:
    """A job that forgets its rights has none."""
    assert content_of(file)["permissions"] == {}


@each_job
def test_a_job_is_bounded_and_says_why_it_needs_each_right(
    file: Path, name: str, job: Content
) -> None:
    """Every right has its reason beside it, and every job a time at which it ends."""
    assert 0 < job["timeout-minutes"] <= 180
    for right, level in job["permissions"].items():
        assert re.search(rf"^ +{right}: {level} # \w", file.read_text(), re.MULTILINE), right
    assert set(job["permissions"]) <= {"actions", "contents", "id-token", "pull-requests"}
    assert all(
        level == "read" for right, level in job["permissions"].items() if right != "id-token"
    )


def test_actions_are_pinned_by_commit_and_the_same_everywhere() -> None:
    """A tag can be moved: whatever is not ours is named by commit, with its version beside it."""
    pins: dict[str, set[str]] = {}
    for file in FILES:
        for line in file.read_text().splitlines():
            if "uses:" in line and "uses: $/" not in line:
                found = PINNED.search(line)
                assert found, f"{file.name}: {line}"
                pins.setdefault(found["name"], set()).add(found["commit"])
    assert pins.keys() == {
        "actions/checkout",
        "actions/download-artifact",
        "actions/setup-python",
        "actions/upload-artifact",
        "aws-actions/configure-aws-credentials",
    }
    assert all(len(commits) == 1 for commits in pins.values())


@each_run
def test_expressions_reach_the_shell_through_its_environment_alone(step: Step) -> None:
    """A title or a branch's name is a variable's value, never a line of the script."""
    assert "${{" not in step.content["run"]


def test_no_secret_and_no_key_is_named_anywhere() -> None:
    """Who signs in to AWS does so by web identity; there is no secret to steal."""
    for file in FILES:
        text = file.read_text()
        assert "secrets" not in text, file.name
        assert "pull_request_target" not in text, file.name
        assert "access-key" not in text, file.name
    used = [step.content for step in STEPS if "configure-aws" in step.content.get("uses", "")]
    assert len(used) == 6
    for content in used:
        assert content["with"].keys() == {"aws-region", "role-to-assume", "role-session-name"}


def test_checkouts_leave_no_token_behind() -> None:
    """The token that fetched the code is not there when the code is looked at."""
    found = [one.content for one in STEPS if "actions/checkout" in one.content.get("uses", "")]
    assert len(found) == 7
    assert all(one["with"]["persist-credentials"] is False for one in found)


@each_job
def test_only_a_job_that_signs_in_may_ask_for_an_identity(
    file: Path, name: str, job: Content
) -> None:
    """A job has `id-token: write` exactly where it takes on a role."""
    signs_in = any("configure-aws" in step.get("uses", "") for step in job["steps"])
    assert ("id-token" in job["permissions"]) == signs_in


def test_what_a_fork_proposes_meets_no_right() -> None:
    """The fork's job may read the repository, and has neither token nor role nor variable."""
    job = content_of(next(file for file in WORKFLOWS if file.stem == "analyze"))["jobs"]["fork"]
    assert job["permissions"] == {"contents": "read"}
    assert "token" not in str(job["steps"])
    assert "vars." not in str(job["steps"])


def test_who_looks_for_drift_asks_nobody_and_could_release_nothing() -> None:
    """Its job waits for no reviewer: it knows no Prefect server, and its role only reads."""
    job = content_of(next(file for file in WORKFLOWS if file.stem == "drift"))["jobs"]["drift"]
    assert job["permissions"].keys() == {"id-token"}
    assert "environment" not in job
    assert "PREFECT" not in str(job)
    roles = [step["with"]["role-to-assume"] for step in job["steps"] if "role" in str(step)]
    assert [role.rpartition("/")[2] for role in roles] == ["${{ inputs.service }}-drift"]


def test_pull_requests_cancel_and_deploys_queue() -> None:
    """A newer push to a pull request stops the run before it; a deploy or a rollback never is."""
    by_name = {file.stem: content_of(file) for file in WORKFLOWS}
    assert by_name["analyze"]["concurrency"]["cancel-in-progress"] is True
    for name, jobs in (("deploy", ("build", "deploy")), ("rollback", ("rollback",))):
        assert "concurrency" not in by_name[name]
        for job in jobs:
            concurrency = by_name[name]["jobs"][job]["concurrency"]
            assert concurrency["queue"] == "max"
            assert "cancel-in-progress" not in concurrency
    group = by_name["deploy"]["jobs"]["deploy"]["concurrency"]["group"]
    assert "inputs.service" in group
    assert "inputs.environment" in group


def test_environments_approve_and_the_flow_tells_of_the_deployment() -> None:
    """Deploy and rollback run in the GitHub environment, which makes no deployment of its own."""
    environments = [job["environment"] for _, _, job in JOBS if "environment" in job]
    assert environments == [{"name": "${{ inputs.environment }}", "deployment": False}] * 2
