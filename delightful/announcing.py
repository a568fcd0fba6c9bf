"""What GitHub and Slack are owed of a service's releases: from the records and what was said.

Nothing here is sent. A release is told in four parts that do not wait for one another: its Slack
thread, its GitHub deployment, the pull request that its commit came from, and the comment there.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from delightful.frozen import Frozen
from delightful.release import Release, ReleaseState

Channel = Literal["slack", "github"]
Part = Literal["slack", "deployment", "pull request", "comment"]

# Refused that often, a part of a release is given up; later releases ask anew.
MOST_REFUSALS: Final = 3
NO_PULL_REQUEST: Final = 0


class Standing(StrEnum):
    """Where a release stands in the eyes of those who are told."""

    STARTED = "STARTED"
    WAITING = "WAITING"
    LIVE = "LIVE"
    GOOD = "GOOD"
    REPLACED = "REPLACED"
    FAILED = "FAILED"
    ROLLED_BACK = "ROLLED_BACK"
    ROLLBACK_FAILED = "ROLLBACK_FAILED"
    SUPERSEDED = "SUPERSEDED"
    ABORTED = "ABORTED"


class Told(Frozen):
    """What was said of one release, and what may have been.

    `slack` lists what stands in the thread, `unclear` what was sent without an answer, `refused`
    how often a part was refused. `revision` counts the writes of this record; 0 was never written.
    """

    release_id: str
    revision: int = 0
    slack_thread: str | None = None
    slack: tuple[Standing, ...] = ()
    deployment: int | None = None
    deployment_status: Standing | None = None
    pull_request: int | None = None
    comment: Standing | None = None
    unclear: tuple[str, ...] = ()
    refused: dict[Part, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Say whether it shows somewhere as the good release."""
        return Standing.GOOD in (self.deployment_status, self.comment)


class Due(Frozen):
    """One message that is due: a part of a release, and what it is to say.

    A `deployment` of STARTED that has no id yet is made first (`is_new`).
    """

    release_id: str
    part: Part
    standing: Standing
    is_new: bool = False

    @property
    def key(self) -> str:
        """Return what tells this message from every other one of its release."""
        return f"{self.part} {'new' if self.is_new else self.standing}"

    @property
    def channel(self) -> Channel:
        """Return who is told."""
        return "slack" if self.part == "slack" else "github"


class Book(Frozen):
    """All that is looked at to decide: releases oldest first, what was said of them, what is good.

    `since` is the first sequence that each channel is told of; a channel without one is told
    nothing.
    """

    releases: tuple[Release, ...]
    told: Mapping[str, Told]
    good: str | None
    since: Mapping[Channel, int]

    def told_of(self, release_id: str) -> Told:
        """Return what was said of a release; nothing was of one that is new."""
        return self.told.get(release_id) or Told(release_id=release_id)

    def release(self, release_id: str) -> Release:
        """Return one of the releases."""
        return next(one for one in self.releases if one.release_id == release_id)

    def with_told(self, told: Told) -> "Book":
        """Return the book after something more was said."""
        return self.model_copy(update={"told": {**self.told, told.release_id: told}})


def standing_of(release: Release, good: str | None) -> Standing:
    """Return where a release stands; GOOD is only the one that the head names."""
    if release.is_waiting:
        return Standing.WAITING
    if not release.is_terminal and release.state is not ReleaseState.LIVE:
        return Standing.STARTED
    if release.state is ReleaseState.GOOD and good != release.release_id:
        return Standing.REPLACED
    return Standing(release.state.value)


def milestones(release: Release) -> tuple[Standing, ...]:
    """Return what its thread says of a release, in order: started, waiting, live, the end."""
    states = [step.state for step in release.transitions]
    waited = (Standing.WAITING,) if release.review is not None else ()
    live = (Standing.LIVE,) if ReleaseState.LIVE in states else ()
    end = (Standing(release.state.value),) if release.is_terminal else ()
    return (Standing.STARTED, *waited, *live, *end)


def due(book: Book) -> Iterator[Due]:
    """Give the messages that are due, those of older releases first.

    Of each part the next one only: what follows it is due once it was said.
    """
    for release in book.releases:
        for one in _due_of(book, release):
            is_told = release.sequence >= book.since.get(one.channel, release.sequence + 1)
            refusals = book.told_of(release.release_id).refused.get(one.part, 0)
            if is_told and refusals < MOST_REFUSALS:
                yield one


def _due_of(book: Book, release: Release) -> Iterator[Due]:
    told, standing = book.told_of(release.release_id), standing_of(release, book.good)
    later = [
        book.told_of(one.release_id) for one in book.releases if one.sequence > release.sequence
    ]
    yield from _slack(release, told)
    yield from _deployment(told, standing, later)
    yield from _comment(told, standing, later)


def _slack(release: Release, told: Told) -> Iterator[Due]:
    for standing in milestones(release):
        if standing not in told.slack:
            yield Due(release_id=release.release_id, part="slack", standing=standing)
            return


def _deployment(told: Told, standing: Standing, later: list[Told]) -> Iterator[Due]:
    if told.deployment is None:
        # Made after a later one it would show as the environment's newest.
        if not any(one.deployment for one in later):
            yield Due(release_id=told.release_id, part="deployment", standing=standing, is_new=True)
    elif told.deployment_status is not standing:
        yield Due(release_id=told.release_id, part="deployment", standing=standing)


def _comment(told: Told, standing: Standing, later: list[Told]) -> Iterator[Due]:
    if told.pull_request is None:
        yield Due(release_id=told.release_id, part="pull request", standing=standing)
        return
    is_anothers = any(one.pull_request == told.pull_request for one in later)
    if told.pull_request == NO_PULL_REQUEST or is_anothers or told.comment is standing:
        return
    yield Due(release_id=told.release_id, part="comment", standing=standing)


def saying(told: Told, one: Due) -> Told:
    """Return the record before something is sent: from now on it may have been said."""
    return told.model_copy(update={"unclear": tuple(dict.fromkeys((*told.unclear, one.key)))})


def said(told: Told, one: Due, result: str | int | None) -> Told:
    """Return the record after something was said.

    `result` is what came back: the message's `ts`, the deployment's id, or the number of the pull
    request; a status and a comment give nothing.
    """
    return _clear(told, one).model_copy(update=_learned(told, one, result))


def not_said(told: Told, one: Due) -> Told:
    """Return the record after something was surely not said."""
    return _clear(told, one)


def refused(told: Told, one: Due) -> Told:
    """Return the record after something was refused for good."""
    count = told.refused.get(one.part, 0) + 1
    return _clear(told, one).model_copy(update={"refused": {**told.refused, one.part: count}})


def _clear(told: Told, one: Due) -> Told:
    left = tuple(key for key in told.unclear if key != one.key)
    return told.model_copy(update={"unclear": left})


def _learned(told: Told, one: Due, result: str | int | None) -> dict[str, object]:
    if one.part == "slack":
        return {"slack_thread": told.slack_thread or result, "slack": (*told.slack, one.standing)}
    if one.part == "pull request":
        return {"pull_request": result or NO_PULL_REQUEST}
    if one.part == "comment":
        return {"comment": one.standing}
    return {"deployment": result} if one.is_new else {"deployment_status": one.standing}
