"""Whether what runs, what is stored and what the ledger says are one; each subject by itself."""

from collections.abc import Sequence
from enum import StrEnum

from delightful.frozen import Frozen


class Standing(StrEnum):
    """How a subject stands to the ledger.

    `adopted` is in order, and known from what was found there instead of from an attempt.
    """

    AGREES = "agrees"
    DRIFTED = "drifted"
    UNKNOWN = "unknown"
    ADOPTED = "adopted"


IN_ORDER = frozenset({Standing.AGREES, Standing.ADOPTED})


class Finding(Frozen):
    """One subject that was looked at, what was seen of it, and what to do next."""

    subject: str
    standing: Standing
    detail: str
    next_step: str | None = None


def disagreements(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what is to be shown: whatever does not simply agree, in the order given."""
    return tuple(one for one in findings if one.standing is not Standing.AGREES)


def is_in_order(findings: Sequence[Finding]) -> bool:
    """Say whether something was looked at and nothing of it is drifted or unknown."""
    return bool(findings) and all(one.standing in IN_ORDER for one in findings)
