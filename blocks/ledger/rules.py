"""What the release ledger may write: decisions over records, without a store or a clock."""

from datetime import datetime

from pydantic import ValidationError

from blocks.ledger.attempt_request import AttemptRequest
from blocks.ledger.ownership import described
from blocks.ledger.table import Attributes, Write
from delightful.errors import ConfigError, ExternalError, Refused
from delightful.frozen import Frozen
from delightful.names import release_id
from delightful.ordering import Order, order_of, refuse_out_of_order
from delightful.recovery import ABANDONED, STOPPED
from delightful.release import (
    AttemptKind,
    Failure,
    Head,
    Owner,
    Release,
    ReleaseState,
    Takeover,
    Transition,
)

HEAD_ITEM = "head"
ATTEMPT_PREFIX = "release#"


class StoredAttempt(Frozen):
    """An attempt as it lies in the table; `revision` counts its writes."""

    release: Release
    revision: int


def stream_of(service: str, environment: str) -> str:
    """Return the hash key of everything about a service and environment."""
    return f"{service}/{environment}"


def attempt_item(sequence: int) -> str:
    """Return the range key of an attempt; text order is number order."""
    return f"{ATTEMPT_PREFIX}{sequence:012d}"


def place_of(identifier: str) -> tuple[str, str]:
    """Return the stream and item of a release id. Raises ConfigError E_RELEASE."""
    stem, _, digits = identifier.rpartition("-")
    service, _, environment = stem.rpartition("-")
    if service and environment and digits.isascii() and digits.isdigit():
        return stream_of(service, environment), attempt_item(int(digits))
    raise unknown_release(identifier)


def unknown_release(identifier: str) -> ConfigError:
    """Return the error for a release id that the ledger does not have."""
    return ConfigError(
        "E_RELEASE",
        f"release: no such release (got {identifier[:100]!r})",
        hint="list the releases with `delightful releases`",
    )


def head_of(service: str, environment: str, found: Attributes | None) -> Head:
    """Return the head that was stored, or the one before the first attempt."""
    known = {name: value for name, value in (found or {}).items() if name in Head.model_fields}
    fields = {name: value for name, value in known.items() if value is not None}
    return Head.model_validate({**fields, "service": service, "environment": environment})


def attempt_of(found: Attributes) -> StoredAttempt:
    """Return a stored attempt. Raises ExternalError E_RECORD where it is not one of ours."""
    try:
        return StoredAttempt.model_validate(
            {
                "release": Release.model_validate_json(str(found["record"])),
                "revision": found["revision"],
            }
        )
    except (KeyError, ValidationError) as error:
        raise ExternalError(
            "E_RECORD",
            f"the record {found.get('stream')} {found.get('item')} cannot be read",
            hint="restore the item from the table's backup; no other release is affected",
            service="release ledger",
            operation="read",
            cause=str(error).splitlines()[0],
        ) from error


def head_write(before: Head, after: Head) -> Write:
    """Return the write that moves the head, if nobody else did."""
    # Before the first attempt there is no head, or one that was frozen: it has no sequence.
    sequence = before.sequence or None
    return Write(
        stream=stream_of(after.service, after.environment),
        item=HEAD_ITEM,
        attributes={**after.model_dump(), "sequence": after.sequence or None},
        expected={
            "sequence": sequence,
            "in_progress": before.in_progress,
            "good": before.good,
            "frozen_reason": before.frozen_reason,
        },
    )


def attempt_write(release: Release, revision: int | None) -> Write:
    """Return the write of an attempt whose stored revision is this one; None where it is new."""
    return Write(
        stream=stream_of(release.service, release.environment),
        item=attempt_item(release.sequence),
        attributes={
            "record": release.model_dump_json(),
            "revision": 1 if revision is None else revision + 1,
            "release_id": release.release_id,
            "state": release.state.value,
            "commit": release.commit,
        },
        expected={"revision": revision},
    )


def new_attempt(request: AttemptRequest, owner: Owner, head: Head, now: datetime) -> Release:
    """Return the attempt that follows the head."""
    sequence = head.sequence + 1
    return Release(
        release_id=release_id(request.service, request.environment, sequence),
        sequence=sequence,
        state=ReleaseState.PENDING,
        owner=owner,
        transitions=(Transition(state=ReleaseState.PENDING, at=now),),
        **request.model_dump(),
    )


def aborted(release: Release, successor: str, now: datetime, *, alive: bool) -> Release:
    """Return an attempt closed by the one that follows it: abandoned, or stopped by a rollback."""
    if alive and release.owner:
        failure = Failure(phase=STOPPED, reason=f"stopped by the rollback {successor}")
    else:
        holder = (
            f"its owner, {described(release.owner)}, is gone" if release.owner else "nobody held it"
        )
        failure = Failure(phase=ABANDONED, reason=f"{holder}; closed by {successor}")
    return release.moved_to(ReleaseState.ABORTED, now, failure=release.failure or failure)


def taken_over(release: Release, owner: Owner, now: datetime) -> Release:
    """Return an attempt in the hands of another owner, which remembers the one before."""
    before = () if release.owner is None else (Takeover(owner=release.owner, at=now),)
    return release.with_parts(owner=owner, taken_over=(*release.taken_over, *before))


def may_stop(held: Release, request: AttemptRequest) -> bool:
    """Say whether a request may take the mutex from an owner that lives: a rollback, a deploy's."""
    return request.kind is AttemptKind.ROLLBACK and held.kind is AttemptKind.DEPLOY


def head_after_opening(head: Head, opened: Release) -> Head:
    """Return the head with the mutex taken; a rollback freezes what it takes back."""
    after = head.model_copy(update={"sequence": opened.sequence, "in_progress": opened.release_id})
    if opened.kind is not AttemptKind.ROLLBACK or head.frozen_reason is not None:
        return after
    reason = f"rolled back to {opened.restores}: {opened.reason}"
    return after.model_copy(update={"frozen_reason": reason, "frozen_by": opened.release_id})


def superseded(request: AttemptRequest, owner: Owner, head: Head, at: datetime) -> Release:
    """Return the attempt that ended before it began, under the next number; `reason` says why."""
    opened = new_attempt(request, owner, head, at)
    return opened.moved_to(ReleaseState.SUPERSEDED, at)


def asks_for(release: Release, request: AttemptRequest) -> bool:
    """Say whether an attempt is what the request wants."""
    return (release.kind, release.commit, release.restores) == (
        request.kind,
        request.commit,
        request.restores,
    )


def refuse_frozen(head: Head, kind: AttemptKind) -> None:
    """Refuse to bring something new to what is frozen; the way back stays open."""
    if head.frozen_reason is not None and kind is AttemptKind.DEPLOY:
        raise Refused(
            "E_FROZEN",
            f"{head.service} in {head.environment} is frozen by {head.frozen_by}: "
            f"{head.frozen_reason}",
            hint=f"`delightful thaw --service {head.service} --environment {head.environment} "
            "--reason WHY` lets deploys through again; a rollback is allowed",
        )


def locked_by(release: Release) -> Refused:
    """Return the refusal that names who holds the mutex."""
    holder = described(release.owner) if release.owner else "nobody"
    return Refused(
        "E_LOCKED",
        f"{release.service} in {release.environment} is being changed by {release.release_id}, "
        f"held by {holder}",
        hint=f"wait for it, or look with `delightful show {release.release_id}`",
    )


def refuse_closed(release: Release) -> None:
    """Refuse to work on an attempt that has ended. Raises Refused E_CLOSED."""
    if release.is_terminal:
        raise Refused(
            "E_CLOSED",
            f"release {release.release_id} has ended: {release.state}",
            hint="open a new attempt with `delightful deploy` or `delightful rollback`",
        )


def refuse_fenced(stored: Release, release: Release) -> None:
    """Refuse a record that does not grow out of the stored one.

    Raises:
        Refused: E_FENCED, another owner took the attempt, or it went another way.
    """
    if stored.is_terminal:
        reason = f"it has ended {stored.state}"
    elif stored.owner != release.owner:
        reason = f"it is held by {described(stored.owner) if stored.owner else 'nobody'}"
    elif release.transitions[: len(stored.transitions)] != stored.transitions:
        reason = f"it went on to {stored.state}"
    else:
        return
    raise Refused(
        "E_FENCED",
        f"release {release.release_id} cannot be recorded {release.state}: {reason}",
        hint=f"look with `delightful show {release.release_id}`; this run changes nothing more",
    )


def refuse_older_good(release: Release, good: Release) -> None:
    """Refuse to call an older commit good, except by a rollback. Raises Superseded."""
    if release.kind is AttemptKind.ROLLBACK:
        return
    if order_of(release.history, good.history) is Order.OLDER:
        refuse_out_of_order(Order.OLDER, commit=release.commit, good=good.commit)
