"""What a fork's run left behind: anybody could have written it, so nothing in it is believed.

Only the closed model is taken from it. Which commit it is about and which pull request is told,
GitHub says.
"""

from pydantic import ValidationError

from analyzer.commenting.github_access import GitHubAccess, opened
from delightful.errors import ConfigError
from delightful.names import commit_sha
from delightful.reading.json import read_json
from delightful.recommendation import Recommendation

# So many open pull requests are looked through, the ones that changed last before the others.
_MOST_PULL_REQUESTS = 1_000


def read_recommendation(data: bytes, *, service: str, commit: str) -> Recommendation:
    """Return a recommendation for this service and commit, whatever commit the text names.

    Raises:
        ConfigError: E_JSON and its kin, E_RECOMMENDATION (another form, or another service's).
    """
    value = read_json(data, "recommendation.json")
    try:
        said = Recommendation.model_validate(value)
    except ValidationError as error:
        raise _refused(f"not of the agreed form in {error.error_count()} places") from error
    if said.service != service:
        raise _refused(f"not about {service}")
    return said.model_copy(update={"commit": commit_sha(commit)})


def pull_requests_of_head(
    access: GitHubAccess, head_repository_id: int, head_sha: str
) -> list[int]:
    """Return the numbers of the open pull requests whose head is this commit of that repository.

    Raises:
        TransientError: E_GITHUB_BUSY or E_GITHUB_UNREACHABLE.
        ExternalError: E_GITHUB, refused.
    """
    with opened(access, "read of pull requests") as client:
        pulls = client.get_repo(access.repository).get_pulls(
            state="open", sort="updated", direction="desc"
        )
        return [
            pull.number
            for pull, _ in zip(pulls, range(_MOST_PULL_REQUESTS), strict=False)
            # The head's repository is gone where somebody deleted their fork.
            if pull.head.repo is not None
            and (pull.head.repo.id, pull.head.sha) == (head_repository_id, head_sha)
        ]


def _refused(reason: str) -> ConfigError:
    return ConfigError(
        "E_RECOMMENDATION",
        f"recommendation.json: {reason}",
        hint="nothing was said of it; `delightful analyze --format json` writes a good one",
    )
