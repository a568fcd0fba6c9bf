"""Which of two commits is newer: by ancestry, never by a clock."""

from collections.abc import Sequence
from enum import StrEnum

from delightful.errors import Refused, Superseded


class Order(StrEnum):
    """How a commit stands to the known-good one."""

    NEWER = "newer"
    SAME = "same"
    OLDER = "older"
    UNKNOWN = "unknown"


def order_of(history: Sequence[str], good_history: Sequence[str]) -> Order:
    """Return how the first commit of `history` stands to the first of `good_history`.

    Both are first-parent histories, newest first, the commit itself first. UNKNOWN where neither
    names the other, or where each names the other, which no true history does.
    """
    if not history or not good_history:
        return Order.UNKNOWN
    commit, good = history[0], good_history[0]
    if commit == good:
        return Order.SAME
    is_newer, is_older = good in history, commit in good_history
    if is_newer == is_older:
        return Order.UNKNOWN
    return Order.NEWER if is_newer else Order.OLDER


def refuse_out_of_order(order: Order, *, commit: str, good: str) -> None:
    """Let a commit pass that is newer than the good one, or the same.

    Raises:
        Superseded: E_SUPERSEDED, the good release already contains the commit.
        Refused: E_SHA_ANCESTRY, neither history names the other.
    """
    if order is Order.OLDER:
        raise Superseded(
            "E_SUPERSEDED",
            f"commit {commit[:12]} is older than {good[:12]}, which is good already",
            hint="nothing to do; to go back on purpose run `delightful rollback`",
        )
    if order is Order.UNKNOWN:
        raise Refused(
            "E_SHA_ANCESTRY",
            f"commit {commit[:12]} does not descend from the good commit {good[:12]}",
            hint="deploy a commit of the branch that is live, with its history fetched",
        )


def newest_containing(history: Sequence[str], others: Sequence[Sequence[str]]) -> str | None:
    """Return the newest of the other commits that contains the first one of `history`, or None.

    Each of `others` is a first-parent history, as `history` is.
    """
    containing = [other for other in others if order_of(history, other) is Order.OLDER]
    newest = next(
        (
            one
            for one in containing
            if all(order_of(one, other) is not Order.OLDER for other in containing)
        ),
        None,
    )
    return newest[0] if newest else None
