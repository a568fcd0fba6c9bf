"""The story of an analysis: what it recommends, and the pull request that is told of it."""

import logging

import pytest

from delightful.errors import ExternalError, TransientError
from delightful.recommendation import Recommendation
from flows.analyze import analyze
from tests.delightful.samples import commit
from tests.flows.fakes.cloud import FakeCloud

pytestmark = pytest.mark.usefixtures("told_plainly")


def analyzed(source: str, pull_request: int | None) -> Recommendation:
    """Analyze the commit of number 2."""
    return analyze(
        service="api",
        environment="sandbox",
        commit=commit(2),
        source=source,
        pull_request=pull_request,
    ).recommendation


def test_nobody_is_told_where_no_pull_request_is_named(cloud: FakeCloud, source: str) -> None:
    """An analysis by itself comments nowhere."""
    analyzed(source, None)
    assert cloud.comments == []


def test_the_pull_request_is_told_beside_what_runs(cloud: FakeCloud, source: str) -> None:
    """The comment gets the recommendation, and the release that is good with its inputs."""
    good = cloud.serve(1)
    said = analyzed(source, 7)
    request = cloud.comments[0]
    assert (request.pull_request, request.recommendation) == (7, said)
    assert request.running is not None
    assert request.running.release_id == good.release_id
    assert request.running.variables == {"health_check": {"path": "/healthz"}}


def test_a_service_that_never_served_has_nothing_to_compare_with(
    cloud: FakeCloud, source: str
) -> None:
    """The first recommendation of a service is told without what runs."""
    analyzed(source, 7)
    assert cloud.comments[0].running is None


REFUSED = ExternalError(
    "E_GITHUB", "refused", hint="look", service="GitHub", operation="write", cause="HTTP 404"
)
BUSY = TransientError("E_GITHUB_BUSY", "GitHub is down", hint="later")


@pytest.mark.parametrize("error", [REFUSED, BUSY])
def test_a_comment_that_cannot_be_written_fails_nothing(
    cloud: FakeCloud, source: str, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """The recommendation stands; that the pull request was not told is a warning."""
    cloud.failures["comment"] = [error]
    with caplog.at_level(logging.WARNING, logger="delightful"):
        said = analyzed(source, 7)
    assert said.service == "api"
    assert "pull request 7 was not told: E_GITHUB" in caplog.text
