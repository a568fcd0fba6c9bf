"""The service's repository on GitHub."""

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl, SecretStr

from analyzer.commenting.github_access import DEFAULT_URL, GitHubAccess, opened
from analyzer.commenting.pull_request_comment import upsert_comment


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
        default=HttpUrl(DEFAULT_URL),
        description="Address of GitHub's API; another one for GitHub Enterprise.",
    )
    timeout_seconds: int = Field(
        default=15, ge=1, le=120, description="How long one request may take."
    )

    @property
    def page_url(self) -> str:
        """Return the address of the repository's page."""
        api = str(self.base_url).rstrip("/")
        server = "https://github.com" if api == DEFAULT_URL else api.removesuffix("/api/v3")
        return f"{server}/{self.repository}"

    def pull_request_of(self, commit: str) -> int | None:
        """Return the number of the pull request that a commit came from, or None.

        One that was merged is preferred to one that is open.
        """
        with opened(self._access(), "read of pull requests") as client:
            found = list(client.get_repo(self.repository).get_commit(commit).get_pulls())
            merged = [pull for pull in found if pull.merged_at is not None]
            return next((pull.number for pull in (*merged, *found)), None)

    def upsert_comment(self, pull_request: int, marker: str, body: str) -> str:
        """Keep exactly one comment with this hidden marker; returns its URL.

        Further comments of the same marker are removed; what somebody else wrote stays.
        """
        return upsert_comment(self._access(), pull_request, marker, body)

    def _access(self) -> GitHubAccess:
        return GitHubAccess(
            self.repository,
            self.token.get_secret_value(),
            str(self.base_url).rstrip("/"),
            self.timeout_seconds,
        )
