"""A ledger that lost items: what can be rebuilt of it, from what is shown and what is there."""

from collections.abc import Mapping, Sequence

from delightful.release import AttemptKind, Head, Image, Release, ReleaseState
from delightful.showing import with_values

_FROZEN_BY = "recover"
_FROZEN_REASON = "its head was lost, and whether the freeze of a rollback was ended is not known"


def lost_sequences(
    head: Head, kept: Sequence[Release], shown: Sequence[Release], first: int = 1
) -> tuple[int, ...]:
    """Return the numbers of the attempts that the ledger lacks, from `first` on.

    `kept` are those that it has, `shown` those that an artifact shows.
    """
    known = {one.sequence for one in kept}
    last = max([head.sequence, *known, *(one.sequence for one in shown)], default=0)
    return tuple(number for number in range(first, last + 1) if number not in known)


def rebuilt_release(
    shown: Release, found: Image | None, environment: Mapping[str, str]
) -> Release | None:
    """Return the record of a lost attempt from what Prefect shows of it, marked as adopted.

    `environment` are the variables of its task definition, whose values are not shown. None where
    nobody can vouch for it: it had not ended, what the registry has under its commit is another
    image, or it was good and its inputs are not known, so that nothing could go back to it.
    Whatever a cause was given, the record says where it comes from.
    """
    if not shown.is_terminal:
        return None
    if shown.image is not None and (found is None or found.digest != shown.image.digest):
        return None
    known = with_values(shown, environment)
    if known is None and shown.state is ReleaseState.GOOD:
        return None
    reason = f"rebuilt from Prefect's artifact of this {shown.kind}"
    told = f"{reason}: {shown.reason}" if shown.reason else reason
    return (known or shown).with_parts(kind=AttemptKind.ADOPTION, owner=None, reason=told)


def mended_head(head: Head, history: Sequence[Release]) -> Head:
    """Return the head as the attempts say it must be; `history` is newest first.

    What it says itself stays, where it names what is there. Where it was lost as a whole, and the
    last thing that became good was a rollback, deploys are frozen: a person ends that.
    """
    by_id = {one.release_id: one for one in history}
    good = next((one for one in history if one.state is ReleaseState.GOOD), None)
    is_open = next((one for one in history if not one.is_terminal), None)
    mended = head.model_copy(
        update={
            "sequence": max([head.sequence, *(one.sequence for one in history)], default=0),
            "good": head.good if head.good in by_id else good and good.release_id,
            "in_progress": is_open and is_open.release_id,
        }
    )
    was_lost = not head.sequence and bool(history)
    if was_lost and head.frozen_reason is None and good is not None and _was_rollback(good):
        freeze = {"frozen_reason": _FROZEN_REASON, "frozen_by": _FROZEN_BY}
        return mended.model_copy(update=freeze)
    return mended


def _was_rollback(good: Release) -> bool:
    return good.kind is AttemptKind.ROLLBACK or good.restores is not None
