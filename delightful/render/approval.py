"""A plan's review in words: what is waited for, until when, and who answered what."""

from delightful.approval import PlanReview
from delightful.errors import ConfigError
from delightful.text import escaped

_SHOWN_DIGITS = 12
_TIME = "%Y-%m-%d %H:%M:%SZ"


def plan_name(plan_sha256: str) -> str:
    """Return the digits by which people name a plan."""
    return plan_sha256[:_SHOWN_DIGITS]


def approval_command(release_id: str, review: PlanReview) -> str:
    """Return the command that answers, bound to exactly this plan."""
    return f"delightful approve {release_id} --plan {plan_name(review.plan_sha256)}"


def review_words(review: PlanReview) -> str:
    """Return where a review stands."""
    plan = f"plan {plan_name(review.plan_sha256)}"
    answer = review.answer
    if answer is None:
        return f"{plan} waits for an approval until {review.expires_at.strftime(_TIME)}"
    why = f": {escaped(answer.reason, limit=300)}" if answer.reason else ""
    by = escaped(answer.by, limit=300)
    return f"{plan} {answer.decision} by {by} at {answer.given_at.strftime(_TIME)}{why}"


def check_plan_name(named: str, review: PlanReview) -> None:
    """Hold an approver to the plan that was read.

    Raises:
        ConfigError: E_PLAN_NAME, too few digits, or another plan waits now.
    """
    if len(named) >= _SHOWN_DIGITS and review.plan_sha256.startswith(named):
        return
    raise ConfigError(
        "E_PLAN_NAME",
        f"plan: {escaped(named)!r} is not the plan that waits, "
        f"which is {plan_name(review.plan_sha256)}",
        hint="read the plan that waits now with `delightful show`, then answer to that",
    )
