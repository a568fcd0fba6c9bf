"""GitHub deployments and check runs through the block: each once, whatever is in the way."""

from collections.abc import Callable

import pytest
from pydantic import HttpUrl, SecretStr

from blocks.messengers.github_deployments import DeploymentStatus, NewDeployment
from blocks.messengers.github_repository import GitHubRepository
from delightful.errors import Busy, DelightfulError, ExternalError, TransientError
from tests.stand_ins.faults import Fault, lost, primary_limit, secondary_limit, slow, status
from tests.stand_ins.github import GitHubStandIn, github_stand_in

COMMIT = "a" * 40
NEW = NewDeployment(
    commit=COMMIT, environment="api-staging", task="deploy:api-staging-000001", description="one"
)
LIVE = DeploymentStatus(
    state="in_progress",
    description="live",
    environment_url="https://api.example",
    log_url="https://prefect.example/runs/1",
)
TROUBLE = [
    secondary_limit(7),
    secondary_limit(None),
    primary_limit(),
    secondary_limit(7, code=429),
    status(500),
    status(502),
    status(503),
    status(500, is_done=True),
    lost(is_done=False),
    lost(),
    pytest.param(slow(2.5), marks=pytest.mark.slow),
]


def block(github: GitHubStandIn) -> GitHubRepository:
    return GitHubRepository(
        repository="owner/name",
        token=SecretStr("github-token-value"),
        base_url=HttpUrl(github.url),
        timeout_seconds=1,
    )


def test_a_deployment_is_made_with_its_statuses() -> None:
    """Environment, links and states arrive, and no check of the commit is waited for."""
    with github_stand_in() as github:
        made = block(github).make_deployment(NEW, look_first=False)
        block(github).add_status(made, LIVE, look_first=False)
        done = LIVE.model_copy(update={"state": "success"})
        block(github).add_status(made, done, look_first=True)
        asked = [one.json() for one in github.asked if one.method == "POST"]
    assert asked[0]["required_contexts"] == []
    assert asked[0]["auto_merge"] is False
    assert github.deployments[made]["environment"] == "api-staging"
    assert github.states(made) == ["in_progress", "success"]
    first = github.statuses[made][0]
    assert first["environment_url"] == "https://api.example"
    assert first["log_url"] == "https://prefect.example/runs/1"


@pytest.mark.parametrize("fault", TROUBLE)
def test_a_deployment_is_found_again_instead_of_made_twice(fault: Fault) -> None:
    """Whatever happened to the first request, the second leaves one deployment."""
    with github_stand_in() as github:
        github.faults.switch_on(fault, method="POST", path="/deployments$")
        with pytest.raises(TransientError):
            block(github).make_deployment(NEW, look_first=False)
        made = block(github).make_deployment(NEW, look_first=True)
        assert list(github.deployments) == [made]


@pytest.mark.parametrize("fault", TROUBLE)
def test_a_status_is_not_said_twice(fault: Fault) -> None:
    """A status whose answer was lost is seen before it is sent again."""
    with github_stand_in() as github:
        made = block(github).make_deployment(NEW, look_first=False)
        github.faults.switch_on(fault, method="POST", path="/statuses$")
        with pytest.raises(TransientError):
            block(github).add_status(made, LIVE, look_first=False)
        block(github).add_status(made, LIVE, look_first=True)
        assert github.states(made) == ["in_progress"]


@pytest.mark.parametrize("fault", TROUBLE)
def test_a_check_run_is_kept_once(fault: Fault) -> None:
    """One name has one check run on a commit, edited in place; another's of that name stays."""
    with github_stand_in() as github:
        github.faults.switch_on(fault, method="POST", path="/check-runs$")
        theirs = {"head_sha": COMMIT, "name": "plan", "conclusion": "success"}
        github.check_runs[90] = {"id": 90, "html_url": "https://github.example/90", **theirs}
        with pytest.raises(TransientError):
            block(github).check_run(COMMIT, "plan", "neutral", "one", "text")
        first = block(github).check_run(COMMIT, "plan", "action_required", "two", "text")
        second = block(github).check_run(COMMIT, "plan", "success", "three", "x" * 70_000)
    assert first == second
    ours = [one for number, one in github.check_runs.items() if number != 90]
    assert len(ours) == 1
    assert ours[0]["output"]["title"] == "three"
    assert len(ours[0]["output"]["summary"]) == 65_535


@pytest.mark.parametrize(
    ("make_fault", "seconds", "is_limit"),
    [
        (lambda: secondary_limit(7), 7, True),
        (lambda: secondary_limit(None), 60, True),
        (lambda: primary_limit(600), 600, True),
        (lambda: status(503), None, False),
    ],
)
def test_the_time_that_github_asks_for_is_told(
    make_fault: Callable[[], Fault], seconds: float | None, is_limit: bool
) -> None:
    """Limits carry how long to wait, and that nothing was done."""
    with github_stand_in() as github:
        github.faults.switch_on(make_fault())
        with pytest.raises(Busy) as busy:
            block(github).make_deployment(NEW, look_first=False)
    assert busy.value.wait_seconds == (seconds and pytest.approx(seconds, abs=seconds / 5))
    assert busy.value.is_limit is is_limit


def test_an_unknown_commit_is_refused() -> None:
    """What GitHub does not have cannot be deployed there, and asking again would not help."""
    with (
        github_stand_in(commits={"b" * 40}) as github,
        pytest.raises(ExternalError, match="No ref found"),
    ):
        block(github).make_deployment(NEW, look_first=False)


def test_an_answer_that_is_not_githubs_is_no_success() -> None:
    """Something in between that answers 200 has neither made a deployment nor said a status."""
    page = Fault(status(200).answer)
    with github_stand_in() as github:
        github.faults.switch_on(page, method="POST", path="/deployments$")
        with pytest.raises(DelightfulError, match="E_GITHUB"):
            block(github).make_deployment(NEW, look_first=False)
        made = block(github).make_deployment(NEW, look_first=True)
        github.faults.switch_on(page, method="POST", path="/statuses$")
        with pytest.raises(DelightfulError, match="E_GITHUB"):
            block(github).add_status(made, LIVE, look_first=False)


def test_ten_pushes_leave_one_comment() -> None:
    """Ten commits of one pull request, half of them in trouble, and one comment with the last."""
    with github_stand_in() as github:
        for number in range(10):
            if number % 2:
                github.faults.switch_on(TROUBLE[number], path="comments")
            for _ in range(3):
                try:
                    block(github).upsert_comment(7, "release-api-staging", f"push {number}")
                    break
                except TransientError:
                    continue
        assert [one.splitlines()[-1] for one in github.bodies(7)] == ["push 9"]
