"""The service's repository on GitHub."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from github import Auth, Github, GithubException, RateLimitExceededException
from github.IssueComment import IssueComment
from github.Repository import Repository
from prefect.blocks.core import Block
from pydantic import Field, HttpUrl, SecretStr

from delightful.errors import DelightfulError, ExternalError, TransientError

_MAX_CHARACTERS = 65_536
_CUT = "\n\n… cut at GitHub's limit"


class GitHubRepository(Block):
    """
    Keeps one comment on a pull request and finds the pull request of a commit.

    Example:
        Say where a release stands:
        ```python
        from blocks.github_repository import GitHubRepository

        repository = GitHubRepository.load("BLOCK_NAME")
        repository.upsert_comment(12, "release-hello-staging", "It is live.")
        ```
    """

    _block_type_name = "Delightful GitHub Repository"
    _block_type_slug = "delightful-github-repository"
    _documentation_url = HttpUrl("https://docs.github.com/rest/issues/comments")

    repository: str = Field(
        pattern=r"^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$",
        max_length=140,
        description="Owner and name, as in owner/name.",
    )
    token: SecretStr = Field(description="Token that may write comments on pull requests.")
    base_url: HttpUrl = Field(
        default=HttpUrl("https://api.github.com"),
        description="Address of GitHub's API; another one for GitHub Enterprise.",
    )
    timeout_seconds: int = Field(
        default=15, ge=1, le=120, description="How long one request may take."
    )

    def pull_request_of(self, commit: str) -> int | None:
        """Return the number of the pull request that a commit came from, or None.

        One that was merged is preferred to one that is open.
        """
        with self._repository("read of pull requests") as repository:
            found = list(repository.get_commit(commit).get_pulls())
            merged = [pull for pull in found if pull.merged_at is not None]
            return next((pull.number for pull in (*merged, *found)), None)

    def upsert_comment(self, pull_request: int, marker: str, body: str) -> str:
        """Keep exactly one comment with this hidden marker; returns its URL.

        Further comments of the same marker are removed; what somebody else wrote stays.
        """
        text = comment_text(marker, body)
        with self._repository("write of a comment") as repository:
            issue = repository.get_issue(pull_request)
            ours = [comment for comment in issue.get_comments() if _is_marked(comment, marker)]
            if not ours:
                return str(issue.create_comment(text).html_url)
            first, *others = ours
            first.edit(text)
            for comment in others:
                comment.delete()
            return str(first.html_url)

    @contextmanager
    def _repository(self, operation: str) -> Iterator[Repository]:
        client = Github(
            auth=Auth.Token(self.token.get_secret_value()),
            base_url=str(self.base_url).rstrip("/"),
            timeout=self.timeout_seconds,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
        )
        try:
            with client:
                yield client.get_repo(self.repository)
        except GithubException as error:
            raise _error_of(error, operation) from error
        except requests.RequestException as error:
            raise TransientError(
                "E_GITHUB_UNREACHABLE",
                f"GitHub {operation}: {type(error).__name__}",
                hint="nothing was deployed or undone by this; it is sent again with the next run",
            ) from error


def comment_text(marker: str, body: str) -> str:
    """Return a comment with its hidden marker, cut where GitHub would refuse it."""
    head = f"{_hidden(marker)}\n"
    left = _MAX_CHARACTERS - len(head)
    return head + (body if len(body) <= left else body[: left - len(_CUT)] + _CUT)


def _hidden(marker: str) -> str:
    # Two dashes would end the comment in HTML.
    return f"<!-- delightful: {marker.replace('--', '-')} -->"


def _is_marked(comment: IssueComment, marker: str) -> bool:
    return (comment.body or "").startswith(_hidden(marker))


def _error_of(error: GithubException, operation: str) -> DelightfulError:
    data = error.data if isinstance(error.data, dict) else {}
    cause = f"HTTP {error.status} {str(data.get('message', ''))[:300]}".strip()
    is_limited = isinstance(error, RateLimitExceededException) or "rate limit" in cause.lower()
    if is_limited or error.status == 429 or error.status >= 500:
        wait = (error.headers or {}).get("retry-after", "60")
        return TransientError(
            "E_GITHUB_BUSY", f"GitHub {operation}: {cause}", hint=f"try again after {wait} seconds"
        )
    return ExternalError(
        "E_GITHUB",
        "refused",
        hint="check that the token may write pull request comments of this repository",
        service="GitHub",
        operation=operation,
        cause=cause,
    )
