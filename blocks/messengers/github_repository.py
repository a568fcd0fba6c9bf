"""The service's repository on GitHub."""

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl, SecretStr

from analyzer.commenting.github_access import DEFAULT_URL, GitHubAccess, opened
from analyzer.commenting.pull_request_comment import upsert_comment
from blocks.messengers.github_checks import Conclusion, FinishedCheck, keep_check
from blocks.messengers.github_deployments import (
    DeploymentStatus,
    NewDeployment,
    add_status,
    make_deployment,
)


class GitHubRepository(Block):
    """
    Tells a repository of releases: comments, GitHub deployments, check runs.

    Example:
        Say where a release stands:
        ```python
        from blocks.messengers.github_repository import GitHubRepository

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
    token: SecretStr = Field(
        description="Token that may write pull request comments, deployments and checks."
    )
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

    def make_deployment(self, wanted: NewDeployment, *, look_first: bool) -> int:
        """Make a GitHub deployment and return its id.

        It is asked for once; where an earlier answer was lost, `look_first` finds it by its task.
        """
        return make_deployment(self._access(), wanted, look_first=look_first)

    def add_status(self, deployment_id: int, status: DeploymentStatus, *, look_first: bool) -> None:
        """Add a status to a GitHub deployment; with `look_first` not one that it has already."""
        add_status(self._access(), deployment_id, status, look_first=look_first)

    def check_run(
        self, commit: str, name: str, conclusion: Conclusion, title: str, summary: str
    ) -> str:
        """Keep exactly one check run of this name on a commit; returns its URL.

        GitHub lets apps write check runs, and workflows with `checks: write`; no person's token.
        """
        check = FinishedCheck(name=name, conclusion=conclusion, title=title, summary=summary)
        return keep_check(self._access(), commit, check)

    def _access(self) -> GitHubAccess:
        return GitHubAccess(
            self.repository,
            self.token.get_secret_value(),
            str(self.base_url).rstrip("/"),
            self.timeout_seconds,
        )
