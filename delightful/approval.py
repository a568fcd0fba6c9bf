"""A plan that waits for a person: what is asked, what may be answered, and whose word counts."""

import hashlib
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import AwareDatetime

from delightful.frozen import Frozen
from delightful.planned import PlanSummary

Decision = Literal["approved", "rejected"]


class Statement(Frozen):
    """What a person says of one plan; the signature is over all of it."""

    release_id: str
    plan_sha256: str
    decision: Decision
    reason: str | None = None
    given_at: AwareDatetime
    expires_at: AwareDatetime

    @property
    def sha256(self) -> str:
        """Return what is signed."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class PlanAnswer(Frozen):
    """What was answered, by whom: `by` is the ARN that STS named for the signature."""

    decision: Decision
    by: str
    reason: str | None = None
    given_at: AwareDatetime
    expires_at: AwareDatetime


class PlanReview(Frozen):
    """A plan that is not applied before somebody has approved it.

    `asked_by` are the ARNs of who ran the attempt, each that went on with it. Without an answer by
    `expires_at` it is refused.
    """

    plan_sha256: str
    summary: PlanSummary
    asked_at: AwareDatetime
    expires_at: AwareDatetime
    asked_by: tuple[str, ...]
    answer: PlanAnswer | None = None


class Approvers(Frozen):
    """Who may approve, by patterns with `*`: ARNs, and names of roles that never do.

    Where no ARN is named, it is whoever may write to the ledger.
    """

    allowed: tuple[str, ...] = ()
    machinery: tuple[str, ...] = ()


def is_answer_to(statement: Statement, release_id: str, review: PlanReview) -> bool:
    """Say whether a statement speaks of exactly this plan of this attempt."""
    named = (statement.release_id, statement.plan_sha256)
    return named == (release_id, review.plan_sha256)


def is_in_force(answer: PlanAnswer, now: AwareDatetime) -> bool:
    """Say whether an approval still counts."""
    return answer.decision == "approved" and now < answer.expires_at


def approver_fault(arn: str, review: PlanReview, approvers: Approvers) -> str | None:
    """Return why an identity may not approve a plan, or None where it may.

    Whoever runs the attempt does not approve it. One person may hold several roles: the same name
    of user or session is the same person.
    """
    if _account(arn) not in {_account(one) for one in review.asked_by}:
        return f"{arn} is not of this account"
    if _person(arn) in {_person(one) for one in review.asked_by}:
        return f"{arn} runs this attempt, and nobody approves what he runs himself"
    if any(fnmatchcase(_role(arn), one) for one in approvers.machinery):
        return f"{arn} is a role that flows and CI take on, not a person"
    if arn.split(":")[-1] == "root":
        return f"{arn} names an account, not a person"
    if approvers.allowed and not any(fnmatchcase(arn, one) for one in approvers.allowed):
        return f"{arn} is not among the environment's approvers"
    return None


def machinery_roles(roles_arn: str | None, service: str) -> tuple[str, ...]:
    """Return the roles that Terraform makes for steps, workers and CI; STS tells no path."""
    if roles_arn is None:
        return ()
    name = roles_arn.rpartition("/")[2]
    return (
        *(f"{name}-plan", f"{name}-*-apply", f"{name}-*-worker"),
        *(f"{service}-build", f"{service}-*-deploy"),
    )


def _account(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 else ""


def _role(arn: str) -> str:
    kind, *names = arn.split(":")[-1].split("/")
    return names[0] if kind == "assumed-role" and names else ""


def _person(arn: str) -> str:
    return arn.rpartition("/")[2]
