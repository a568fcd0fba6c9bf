"""Whether a lock on a Terraform state still has an owner: proven, never guessed from its age."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from pydantic import AwareDatetime

from delightful.frozen import Frozen
from delightful.release import Owner, Release

LockPlace = Literal["table", "file"]


class StateLock(Frozen):
    """A lock as Terraform writes it; `who` is `user@host`.

    `places` says where its entry lies: in the table, in the file beside the state, or in both. One
    of them is left alone where its release was cut short.
    """

    lock_id: str
    state: str
    operation: str
    who: str
    created: AwareDatetime
    places: tuple[LockPlace, ...] = ()

    @property
    def holder(self) -> str:
        """Return who holds it and what for."""
        since = f"{self.created:%Y-%m-%d %H:%M:%SZ}"
        return f"{self.who} for {self.operation} since {since} ({self.lock_id})"

    @property
    def host(self) -> str:
        """Return the name of the machine that made it, empty where it does not say."""
        _, at, host = self.who.rpartition("@")
        return host if at else ""


class LockJudgement(Frozen):
    """What is known of a lock: whose it is, and whether that one is proven gone."""

    lock: StateLock
    release_id: str | None
    is_stale: bool
    reason: str


def made_since(
    locks: Sequence[StateLock], host: str, began: AwareDatetime
) -> tuple[StateLock, ...]:
    """Return those of the locks that were made on a machine since a moment of its own clock."""
    return tuple(lock for lock in locks if lock.host == host and lock.created >= began)


def judge_lock(
    lock: StateLock,
    attempts: Sequence[Release],
    is_dead: Callable[[Owner], bool],
    *,
    runs_here: bool,
) -> LockJudgement:
    """Return whose lock it is, by the attempts that were at work where and when it was made.

    `runs_here` says that a Terraform process still works in this state's directory on this
    machine. A lock that none of the attempts can have made, such as a person's, is never stale.
    """
    for release, owner, was_replaced in _owners(lock, attempts):
        if runs_here:
            return _judgement(lock, release, False, "Terraform still runs for it on this machine")
        if was_replaced or is_dead(owner):
            return _judgement(lock, release, True, "the run that made it is gone")
        return _judgement(lock, release, False, "the run that made it lives, or may live")
    return LockJudgement(
        lock=lock, release_id=None, is_stale=False, reason="no attempt of the ledger made it"
    )


def _owners(lock: StateLock, attempts: Sequence[Release]) -> Iterator[tuple[Release, Owner, bool]]:
    """Yield who was at work on the lock's host when it was made, the newest first."""
    for release in attempts if lock.host else ():
        began = release.transitions[0].at
        spans: list[tuple[Owner, AwareDatetime, AwareDatetime | None, bool]] = [
            (one.owner, began, one.at, True) for one in release.taken_over
        ]
        since = release.taken_over[-1].at if release.taken_over else began
        until = release.transitions[-1].at if release.is_terminal else None
        if release.owner is not None:
            spans.append((release.owner, since, until, False))
        for owner, start, end, was_replaced in reversed(spans):
            if _host_name(owner) == lock.host and start <= lock.created and _not_after(lock, end):
                yield release, owner, was_replaced


def _host_name(owner: Owner) -> str:
    return owner.host.partition(" ")[0]


def _not_after(lock: StateLock, end: AwareDatetime | None) -> bool:
    return end is None or lock.created <= end


def _judgement(lock: StateLock, release: Release, is_stale: bool, reason: str) -> LockJudgement:
    return LockJudgement(lock=lock, release_id=release.release_id, is_stale=is_stale, reason=reason)
