"""The plan in the pull request: one check on the head commit, and nothing changed by it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import HttpUrl, SecretStr

from blocks.messengers.github_repository import GitHubRepository
from delightful.errors import ConfigError
from delightful.planned import Danger
from delightful.release import Release, ReleaseState
from flows.deploy import deploy
from tests.delightful.samples import commit
from tests.flows.fakes.cloud import FakeCloud
from tests.stand_ins.faults import lost, secondary_limit, status
from tests.stand_ins.github import GitHubStandIn, github_stand_in

pytestmark = pytest.mark.usefixtures("told_plainly")
LOST = Danger(kind="data", address="aws_db_instance.this", what="deletes what holds data")
CANARY = "canary-1f2e3d4c"


@pytest.fixture
def github(cloud: FakeCloud) -> Iterator[GitHubStandIn]:
    """Return a GitHub that the environment writes to."""
    with github_stand_in(repository="owner/name", is_app=True) as stand_in:
        cloud.github = GitHubRepository(
            repository="owner/name",
            token=SecretStr("github-token-value"),
            base_url=HttpUrl(stand_in.url),
            timeout_seconds=2,
        )
        yield stand_in


def proposed(source: str, number: int = 2, pull_request: int | None = 7) -> Release:
    """Plan the commit of a pull request that does not descend from what is good."""
    return deploy(
        service="api",
        environment="sandbox",
        commit=commit(number + 90),
        source=source,
        history=[commit(number + 90)],
        dry_run=True,
        pull_request=pull_request,
    )


def text_of(github: GitHubStandIn) -> str:
    """Return the only check's title and text."""
    (check,) = github.check_runs.values()
    return f"{check['output']['title']}\n{check['output']['summary']}"


def test_a_pull_request_gets_one_check_with_the_plan(
    cloud: FakeCloud, github: GitHubStandIn, source: str
) -> None:
    """However often it is planned: one check, with the plan, on the head commit."""
    cloud.serve(1)
    for _ in range(2):
        release = proposed(source)
    assert release.state is ReleaseState.PENDING
    (check,) = github.check_runs.values()
    assert (check["name"], check["conclusion"], check["head_sha"]) == (
        "plan: api in sandbox",
        "success",
        commit(92),
    )
    assert "aws_ecs_task_definition.this" in text_of(github)
    assert "planned with the one of api" in text_of(github)
    assert cloud.effects == []
    assert len(cloud.ledger("api").history("api", "sandbox")) == 1


def test_an_image_that_is_there_is_planned_with(
    cloud: FakeCloud, github: GitHubStandIn, source: str
) -> None:
    """Nothing is said of a stand-in where there is none."""
    cloud.images[commit(92)] = cloud.serve(1).image.model_copy(update={"tag": commit(92)})  # type: ignore[union-attr]
    assert proposed(source).image is not None
    assert "not built yet" not in text_of(github)


def test_the_first_pull_request_of_a_service_is_planned_too(
    cloud: FakeCloud, github: GitHubStandIn, source: str
) -> None:
    """Without any image at all the plan still says what would be made."""
    assert proposed(source).image is None
    assert "a digest of zeros" in text_of(github)


@pytest.mark.parametrize(("asks", "says"), [(True, "waits for a named"), (False, "nobody is")])
def test_a_dangerous_plan_says_what_comes_after_the_merge(
    cloud: FakeCloud, github: GitHubStandIn, source: str, asks: bool, says: str
) -> None:
    """The check does not fail for it: who decides is asked when it is deployed."""
    cloud.serve(1)
    cloud.dangers, cloud.asks_for_approval = (LOST,), asks
    proposed(source)
    (check,) = github.check_runs.values()
    assert check["conclusion"] == "neutral"
    assert "1 dangerous" in text_of(github)
    assert says in text_of(github)
    assert "aws_db_instance.this" in text_of(github)


def test_no_value_of_the_environment_reaches_the_check(
    cloud: FakeCloud, github: GitHubStandIn, source: str
) -> None:
    """The manifest's environment is planned, and not told."""
    manifest = Path(source) / ".delightful.yaml"
    manifest.write_text(manifest.read_text() + f"environment: {{MODE: {CANARY}}}\n")
    cloud.serve(1)
    proposed(source)
    assert CANARY not in str(github.check_runs)


@pytest.mark.parametrize("fault", [secondary_limit(1), status(503), status(403), lost()])
def test_github_that_is_down_changes_nothing(
    cloud: FakeCloud, github: GitHubStandIn, source: str, fault: object
) -> None:
    """The plan is made, whoever can be told of it."""
    cloud.serve(1)
    github.faults.switch_on(fault, path="check-runs", times=100)  # type: ignore[arg-type]
    assert proposed(source).state is ReleaseState.PENDING


def test_what_is_not_merged_is_not_deployed(cloud: FakeCloud, source: str) -> None:
    """A pull request's number with a real deploy is a mistake, and refused before anything."""
    with pytest.raises(ConfigError, match="E_PULL_REQUEST"):
        deploy(
            service="api",
            environment="sandbox",
            commit=commit(1),
            source=source,
            history=[],
            pull_request=7,
        )
    assert cloud.effects == []
