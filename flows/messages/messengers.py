"""How each kind of message is sent: one outside effect each, through the environment's blocks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from blocks.messengers.github_deployments import (
    DESCRIPTION_CHARACTERS,
    DeploymentState,
    DeploymentStatus,
    NewDeployment,
)
from blocks.messengers.github_repository import GitHubRepository
from blocks.messengers.slack_channel import SlackChannel
from delightful.announcing import Book, Due, Standing
from delightful.release import Release
from delightful.render.announcement import (
    Link,
    links_of,
    release_comment,
    release_marker,
    service_url,
    slack_message,
    what_happened,
)

# By how much Slack's clock may be behind the one that opened the release.
_CLOCKS: Final = timedelta(minutes=10)

STATES: Final[dict[Standing, DeploymentState]] = {
    Standing.STARTED: "in_progress",
    Standing.WAITING: "in_progress",
    Standing.LIVE: "in_progress",
    Standing.GOOD: "success",
    Standing.REPLACED: "inactive",
    Standing.FAILED: "failure",
    Standing.ROLLED_BACK: "failure",
    Standing.ROLLBACK_FAILED: "failure",
    Standing.SUPERSEDED: "inactive",
    Standing.ABORTED: "inactive",
}


@dataclass(frozen=True)
class Messengers:
    """Who carries messages: the blocks that the environment has; `prefect_url` is that of its UI.

    Each verb sends one message that is due and returns what is to be remembered of it. What may
    have been sent before is looked for first.
    """

    github: GitHubRepository | None
    slack: SlackChannel | None
    prefect_url: str | None

    def send(self, book: Book, one: Due) -> str | int | None:
        """Send a message that is due. Raises what the blocks raise."""
        if one.part == "slack":
            return None if self.slack is None else self._slack(self.slack, book, one)
        return None if self.github is None else self._github(self.github, book, one)

    def _github(self, github: GitHubRepository, book: Book, one: Due) -> int | None:
        release, told = book.release(one.release_id), book.told_of(one.release_id)
        if one.part == "pull request":
            return github.pull_request_of(release.commit)
        if one.is_new:
            look_first = one.key in told.unclear
            return github.make_deployment(new_deployment(release), look_first=look_first)
        if one.part == "comment":
            self._comment(github, book, one)
        else:
            self._status(github, book, one)
        return None

    def _slack(self, slack: SlackChannel, book: Book, one: Due) -> str:
        release, told = book.release(one.release_id), book.told_of(one.release_id)
        message = slack_message(release, one.standing, book.good, self._links(release))
        if one.key in told.unclear:
            since = release.transitions[0].at - _CLOCKS
            found = slack.find(message.key, since, told.slack_thread)
            if found is not None:
                return found
        return slack.post(message, told.slack_thread)

    def _comment(self, github: GitHubRepository, book: Book, one: Due) -> None:
        release, told = book.release(one.release_id), book.told_of(one.release_id)
        text = release_comment(release, one.standing, book.good, self._links(release))
        marker = release_marker(release.service, release.environment)
        github.upsert_comment(told.pull_request or 0, marker, text)

    def _status(self, github: GitHubRepository, book: Book, one: Due) -> None:
        release, told = book.release(one.release_id), book.told_of(one.release_id)
        status = deployment_status(release, one.standing, book.good, self._links(release))
        github.add_status(told.deployment or 0, status, look_first=one.key in told.unclear)

    def _links(self, release: Release) -> tuple[Link, ...]:
        return links_of(release, self.prefect_url)


def new_deployment(release: Release) -> NewDeployment:
    """Return the GitHub deployment of a release.

    Its environment names the service too: in a repository of several services each has its own
    line on the Environments page.
    """
    return NewDeployment(
        commit=release.commit,
        environment=f"{release.service}-{release.environment}",
        task=f"deploy:{release.release_id}",
        description=_short(f"{release.kind} {release.release_id}"),
    )


def deployment_status(
    release: Release, standing: Standing, good: str | None, links: tuple[Link, ...]
) -> DeploymentStatus:
    """Return the status of a release's GitHub deployment: its log is the flow run's."""
    urls = {link.label: link.url for link in links}
    return DeploymentStatus(
        state=STATES[standing],
        description=_short(what_happened(release, standing, good)),
        environment_url=service_url(release),
        log_url=urls.get("flow run") or urls.get("dashboard"),
    )


def _short(text: str) -> str:
    is_short = len(text) <= DESCRIPTION_CHARACTERS
    return text if is_short else f"{text[: DESCRIPTION_CHARACTERS - 1]}…"


Send = Callable[[Book, Due], str | int | None]
