"""A person's answer to a plan that waits: signed by who gives it, kept for who waits."""

from datetime import UTC, datetime, timedelta

from blocks.delivery_environment import DeliveryEnvironment
from blocks.ledger.plan_approvals import SignedAnswer
from blocks.signed_identity import signed_statement
from delightful.approval import Decision, PlanAnswer, PlanReview, Statement, approver_fault
from delightful.errors import Refused
from delightful.names import service_of
from delightful.release import Release
from delightful.render.approval import check_plan_name


def waiting_review(release: Release) -> PlanReview:
    """Return the review that waits for an answer.

    Raises:
        Refused: E_APPROVAL, nothing waits, or no longer.
    """
    review = release.review
    if release.is_terminal or review is None or review.answer is not None:
        raise _refused(f"{release.release_id} is {release.state} and waits for no approval")
    if datetime.now(UTC) >= review.expires_at:
        raise _refused(f"{release.release_id} waited until {review.expires_at:%Y-%m-%d %H:%M:%SZ}")
    return review


def answer_plan(
    delivery: DeliveryEnvironment,
    release_id: str,
    decision: Decision,
    *,
    plan: str,
    reason: str | None = None,
    profile: str | None = None,
) -> PlanAnswer:
    """Answer to the plan that was read, under the identity of whoever runs this.

    `plan` is the first twelve digits, at least, of the plan's digest. STS is asked here too, so
    that who may not approve learns it at once.

    Raises:
        Refused: E_APPROVAL, nothing waits, or this identity may not approve it.
        ConfigError: E_PLAN_NAME, another plan waits; E_CREDENTIALS, there is no identity.
    """
    service = service_of(release_id)
    # The roles that an environment names are for flows; a person comes as who he is.
    here = delivery.model_copy(update={"roles_arn": None})
    review = waiting_review(here.ledger(service).get(release_id))
    check_plan_name(plan, review)
    statement = _statement(delivery, release_id, review, decision, reason)
    headers = signed_statement(statement.sha256, delivery.credentials, profile)
    answer = SignedAnswer(statement=statement, headers=headers)
    approvals = here.approvals(service)
    by = approvals.proven(answer)
    fault = approver_fault(by, review, delivery.who_approves(service))
    if decision == "approved" and fault is not None:
        raise _refused(fault)
    approvals.give(answer)
    return PlanAnswer(by=by, **statement.model_dump(exclude={"release_id", "plan_sha256"}))


def _statement(
    delivery: DeliveryEnvironment,
    release_id: str,
    review: PlanReview,
    decision: Decision,
    reason: str | None,
) -> Statement:
    now = datetime.now(UTC)
    return Statement(
        release_id=release_id,
        plan_sha256=review.plan_sha256,
        decision=decision,
        reason=reason,
        given_at=now,
        expires_at=now + timedelta(seconds=delivery.approval_seconds),
    )


def _refused(cause: str) -> Refused:
    return Refused(
        "E_APPROVAL", f"not answered: {cause}", hint="look with `delightful show` at what waits"
    )
