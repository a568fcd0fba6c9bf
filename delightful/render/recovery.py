"""A recovery, as a person reads it."""

from delightful.agreement import disagreements
from delightful.recovery import Recovery
from delightful.text import printable

_SHOWN_CHARACTERS = 1000


def recovery_text(recovery: Recovery) -> str:
    """Return what was done and what does not agree, one line each."""
    would = "would " if recovery.dry_run else ""
    steps = [
        f"  {would}{one.remedy}: {one.subject}: {printable(one.detail, limit=_SHOWN_CHARACTERS)}"
        for one in recovery.steps
    ]
    left = [
        f"  {one.subject} {one.standing.upper()}: {printable(one.detail, limit=_SHOWN_CHARACTERS)}"
        for one in disagreements(recovery.findings)
    ]
    summary = "everything agrees" if not recovery.left else "not everything agrees"
    named = f"{recovery.service} in {recovery.environment}"
    return "\n".join([named, *(steps or ["  nothing to recover"]), *left, f"  {summary}"])
