"""Puts a recommendation on its pull request: validated, rendered and kept as one comment."""

from typing import Annotated, Any

from pydantic import Field

from analyzer.commenting.github_access import GitHubAccess
from analyzer.commenting.pull_request_comment import upsert_comment
from analyzer.commenting.settings import CommentSettings
from analyzer.sizing.cost import cost_of
from delightful.frozen import Frozen
from delightful.names import commit_sha, service_name
from delightful.recommendation import Cost, Recommendation
from delightful.render.analysis import analysis_card, analysis_marker
from delightful.running import Running

ATTEMPTS = 3


class CommentRequest(Frozen):
    """What `comment` is called with: no repository and no address, those are set where it runs."""

    pull_request: Annotated[int, Field(ge=1, le=10**9)]
    recommendation: Recommendation
    running: Running | None = None


class CommentResponse(Frozen):
    """Where the comment stands."""

    url: str


def comment_request(event: dict[str, Any]) -> CommentRequest:
    """Return the request that an event is.

    Raises:
        ValueError: it is none; a key too many is one, too.
        ConfigError: E_NAME or E_SHA.
    """
    request = CommentRequest.model_validate(event)
    service_name(request.recommendation.service)
    commit_sha(request.recommendation.commit)
    return request


def comment_body(request: CommentRequest, repository_url: str) -> str:
    """Return the card, with what runs now priced by the same prices and traffic."""
    return analysis_card(
        request.recommendation,
        repository_url=repository_url,
        running=request.running,
        running_cost=_running_cost(request),
    )


def commented(request: CommentRequest, settings: CommentSettings, token: str) -> CommentResponse:
    """Keep the pull request's one comment of this service; asking twice is the same.

    Raises:
        TransientError: GitHub is busy or out of reach, after several attempts.
        ExternalError: E_GITHUB, refused.
    """
    url = upsert_comment(
        GitHubAccess(settings.repository, token, settings.api_url),
        request.pull_request,
        analysis_marker(request.recommendation.service),
        comment_body(request, settings.repository_url),
        attempts=ATTEMPTS,
    )
    return CommentResponse(url=url)


def _running_cost(request: CommentRequest) -> Cost | None:
    said, running = request.recommendation, request.running
    if running is None or said.sizing is None or said.cost is None:
        return None
    return cost_of(running.settings, said.sizing.requests_per_second, region=said.cost.region)
