"""A release for those who are told: a Slack message, a GitHub deployment's status, a comment.

Fixed templates. What others wrote is inert in them; logs and answers of the service stay out, and
links lead only to addresses that Delightful itself made.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import quote

from delightful.announcing import Standing
from delightful.approval import PlanReview
from delightful.frozen import Frozen
from delightful.names import artifact_key
from delightful.release import AttemptKind, Release, ReleaseState
from delightful.render.approval import approval_command, review_words
from delightful.render.lines import next_command
from delightful.render.markdown import code, inert, table
from delightful.text import escaped

_SYMBOLS: Final = {
    Standing.STARTED: "⏳",
    Standing.WAITING: "✋",
    Standing.LIVE: "🚦",
    Standing.GOOD: "✅",
    Standing.REPLACED: "📦",
    Standing.FAILED: "❌",
    Standing.ROLLED_BACK: "↩️",
    Standing.ROLLBACK_FAILED: "🚨",
    Standing.SUPERSEDED: "⏭️",
    Standing.ABORTED: "⏹️",
}
_WORDS: Final = {
    Standing.LIVE: "is live: it has all the traffic and is being watched",
    Standing.GOOD: "is good",
    Standing.FAILED: "failed",
    Standing.ROLLED_BACK: "was rolled back",
    Standing.ROLLBACK_FAILED: "failed, and so did the way back: look at what serves now",
    Standing.SUPERSEDED: "was superseded",
    Standing.ABORTED: "was abandoned",
}
_DISTURBING: Final = frozenset(
    {Standing.WAITING, Standing.FAILED, Standing.ROLLED_BACK, Standing.ROLLBACK_FAILED}
)
_REASON_CHARACTERS: Final = 400
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9/._~:#?=&;%@+,$-]*)?")


class Link(Frozen):
    """A word that leads somewhere."""

    label: str
    url: str


class SlackMessage(Frozen):
    """One message: plain text, and links under it.

    `key` is the hidden mark by which it is found again; one that `is_broadcast` shows outside of
    its thread, too.
    """

    key: str
    text: str
    links: tuple[Link, ...] = ()
    is_broadcast: bool = False


def links_of(release: Release, prefect_url: str | None) -> tuple[Link, ...]:
    """Return where to look: dashboard, release, flow run and rollout, those that there are.

    `prefect_url` is the address of the Prefect UI, None where it has none.
    """
    return tuple(link for link in _links(release, prefect_url) if _ADDRESS.fullmatch(link.url))


def service_url(release: Release) -> str | None:
    """Return the address on which the service answers, where it is known and one."""
    url = release.stack.outputs.url if release.stack else ""
    return url if _ADDRESS.fullmatch(url) else None


def _links(release: Release, prefect_url: str | None) -> Iterator[Link]:
    if release.stack:
        yield Link(label="dashboard", url=release.stack.outputs.dashboard_url)
    if prefect_url:
        key = artifact_key(release.service, release.environment)
        yield Link(label="release", url=f"{prefect_url}/artifacts/key/{key}")
    run = release.owner.flow_run_id if release.owner else None
    if prefect_url and run:
        yield Link(label="flow run", url=f"{prefect_url}/runs/flow-run/{run}")
    rollout = release.rollout
    if rollout and rollout.engine == "codedeploy" and rollout.deployment_id:
        console = _console(rollout.task_definition_arn)
        yield Link(label="rollout", url=f"{console}/deployments/{quote(rollout.deployment_id)}")


def _console(arn: str) -> str:
    parts = arn.split(":")
    # Other partitions have consoles of their own; what is left out here is no address.
    is_known = len(parts) > 3 and parts[1] == "aws"
    return f"https://{parts[3]}.console.aws.amazon.com/codesuite/codedeploy" if is_known else ""


def what_happened(release: Release, standing: Standing, good: str | None) -> str:
    """Return one sentence in plain words: what, and why where there is a reason."""
    if standing is Standing.STARTED:
        return _started(release)
    if standing is Standing.WAITING and release.review is not None:
        return _waiting(release, release.review)
    if standing is Standing.REPLACED:
        return f"{release.release_id} was good, and {good or 'another release'} serves now"
    reason = _reason(release, standing)
    return f"{release.release_id} {_WORDS[standing]}{f': {reason}' if reason else ''}"


def _started(release: Release) -> str:
    what = f"{release.kind} of {release.commit[:12]}"
    if release.kind is AttemptKind.ROLLBACK:
        what = f"rollback to {release.restores}"
    # Once an attempt has ended its `reason` may be that of the end.
    why = release.reason if release.kind is AttemptKind.ROLLBACK else None
    because = f": {escaped(why, limit=_REASON_CHARACTERS)}" if why else ""
    return f"{release.release_id} started, {what}{because}"


def _waiting(release: Release, review: PlanReview) -> str:
    command = approval_command(release.release_id, review)
    how = f"; answer with {command}" if release.is_waiting else ""
    return f"{release.release_id}, dangerous {review_words(review)}{how}"


def _reason(release: Release, standing: Standing) -> str:
    if standing in (Standing.LIVE, Standing.GOOD):
        return ""
    if release.failure is not None:
        text = f"{release.failure.phase}: {release.failure.reason}"
        return escaped(text, limit=_REASON_CHARACTERS)
    return escaped(release.reason or "", limit=_REASON_CHARACTERS)


def slack_message(
    release: Release, standing: Standing, good: str | None, links: tuple[Link, ...]
) -> SlackMessage:
    """Return one message of a release's thread, with the time at which it happened."""
    at = _time_of(release, standing)
    happened = what_happened(release, standing, good)
    return SlackMessage(
        key=f"{release.release_id} {standing}",
        text=f"{_SYMBOLS[standing]} {happened} ({at:%H:%M:%S} UTC)",
        links=links,
        is_broadcast=standing in _DISTURBING,
    )


def _time_of(release: Release, standing: Standing) -> datetime:
    if standing is Standing.STARTED:
        return release.transitions[0].at
    if standing is Standing.WAITING and release.review is not None:
        return release.review.asked_at
    wanted = ReleaseState.GOOD if standing is Standing.REPLACED else ReleaseState(standing.value)
    return next(step.at for step in release.transitions if step.state is wanted)


def release_marker(service: str, environment: str) -> str:
    """Return the marker by which a pull request's comment on releases is found again."""
    return f"release-{service}-{environment}"


def release_comment(
    release: Release, standing: Standing, good: str | None, links: tuple[Link, ...]
) -> str:
    """Return the comment: what happened, when, where to look, and the next command."""
    happened = inert(what_happened(release, standing, good), limit=_REASON_CHARACTERS + 200)
    place = f"{code(release.service)} in {code(release.environment)}"
    rows = [
        (code(str(step.state)), f"{step.at:%Y-%m-%d %H:%M:%S} UTC") for step in release.transitions
    ]
    parts = [
        f"### {_SYMBOLS[standing]} {place}",
        f"{happened}.",
        table(("commit", code(release.commit)), rows),
        " · ".join(f"[{link.label}](<{link.url}>)" for link in links),
        f"Next: {code(next_command(release))}",
    ]
    return "\n\n".join(part for part in parts if part)
