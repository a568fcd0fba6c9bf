"""The service's repository on GitHub."""

from prefect.blocks.core import Block
from pydantic import Field, SecretStr


class GitHubRepository(Block):
    """Keeps one comment on a pull request and finds the pull request of a commit."""

    _block_type_name = "GitHub Repository (Delightful)"
    _block_type_slug = "delightful-github-repository"

    repository: str = Field(description="Owner and name, as in owner/name.")
    token: SecretStr = Field(description="Token that may write pull request comments.")

    def pull_request_of(self, commit: str) -> int | None:
        """Return the number of the pull request that a commit came from, or None."""

    def upsert_comment(self, pull_request: int, marker: str, body: str) -> str:
        """Keep exactly one comment with this hidden marker; returns its URL."""
