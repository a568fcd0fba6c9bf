"""Which revisions of a service's task definition stay, and which go."""

from collections.abc import Mapping, Sequence
from typing import Literal

from delightful.frozen import Frozen
from delightful.release import Release, ReleaseState


class Revision(Frozen):
    """One registered revision; an INACTIVE one is deregistered and can still be described."""

    arn: str
    status: Literal["ACTIVE", "INACTIVE"]


class ServiceUse(Frozen):
    """Whether the service is there, and the task definitions that its sets of tasks run."""

    is_there: bool
    task_definition_arns: tuple[str, ...] = ()


class Retention(Frozen):
    """What becomes of one revision, and why."""

    revision: Revision
    stays: bool
    reason: str


def retentions(
    revisions: Sequence[Revision], use: ServiceUse, releases: Sequence[Release]
) -> tuple[Retention, ...]:
    """Return what becomes of each revision, in the order given.

    `releases` are all that the ledger has of the service. All revisions go where the service is
    gone and no attempt is open. Where it is there, those go that only attempts hold which have
    ended and were never good: what serves, what a rollback could take back and what the ledger
    does not know stays.
    """
    held = _held(releases)
    is_gone = not use.is_there and all(release.is_terminal for release in releases)
    return tuple(
        Retention(revision=one, stays=False, reason="the service is gone")
        if is_gone
        else _while_it_is_there(one, use, held.get(one.arn, ()))
        for one in revisions
    )


def was_good(release: Release) -> bool:
    """Say whether a release was good at any time, so that it can be rolled back to."""
    return any(step.state is ReleaseState.GOOD for step in release.transitions)


def _held(releases: Sequence[Release]) -> Mapping[str, Sequence[Release]]:
    held: dict[str, list[Release]] = {}
    for release in releases:
        for arn in _task_definitions(release):
            held.setdefault(arn, []).append(release)
    return held


def _task_definitions(release: Release) -> set[str]:
    named = {release.stack.outputs.task_definition_arn} if release.stack else set()
    return named | ({release.rollout.task_definition_arn} if release.rollout else set())


def _while_it_is_there(
    revision: Revision, use: ServiceUse, holders: Sequence[Release]
) -> Retention:
    needed = next((one for one in holders if was_good(one) or not one.is_terminal), None)
    if revision.arn in use.task_definition_arns:
        stays, reason = True, "the service runs it"
    elif needed is not None:
        what = "was good" if needed.is_terminal else "is in progress"
        stays, reason = True, f"{needed.release_id} {what}"
    elif holders:
        stays, reason = False, f"{holders[0].release_id} ended {holders[0].state}"
    else:
        stays, reason = True, "no release of the ledger holds it"
    return Retention(revision=revision, stays=stays, reason=reason)
