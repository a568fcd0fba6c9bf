"""A plan for a terminal: how much of what, then each change on a line."""

from collections import Counter

from delightful.release import PlanSummary
from delightful.text import escaped

_MARKS = {"create": "+", "update": "~", "delete": "-", "replace": "!"}


def plan_text(summary: PlanSummary) -> str:
    """Return the changes of a plan, one a line, under a line that counts them."""
    counts = Counter(str(change.action) for change in summary.changes)
    told = ", ".join(f"{counts[action]} to {action}" for action in _MARKS if counts[action])
    lines = [f"  {_MARKS[one.action]} {escaped(one.address)}" for one in summary.changes]
    return "\n".join([f"plan: {told or 'outputs only'}", *lines])
