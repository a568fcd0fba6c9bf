"""A dangerous plan waits for a person before it is applied, where the environment says so.

While it waits the attempt is open, no Terraform lock is held, and whoever runs the same deploy
again waits for the same answer.
"""

from datetime import UTC, datetime, timedelta

from blocks.delivery_environment import DeliveryEnvironment
from blocks.ledger.plan_approvals import SignedAnswer
from delightful.approval import (
    PlanAnswer,
    PlanReview,
    approver_fault,
    is_answer_to,
    is_in_force,
)
from delightful.errors import Refused
from delightful.plan_policy import destroyed_data
from delightful.planned import PlanSummary
from delightful.release import AttemptKind, Release
from delightful.render.approval import approval_command, review_words
from flows.effects import effect
from flows.environment import delivery_environment
from flows.publishing import amend, publish
from flows.runs.progress import progress
from flows.runs.telling import tell, warn
from flows.runs.waiting import Pace, wait_until


def pass_gate(attempt: Release, summary: PlanSummary) -> Release:
    """Return the attempt once this plan may be applied, waiting for an approval where it takes one.

    A way back waits for nobody, and destroys no data.

    Raises:
        Refused: E_APPROVAL, the answer was no, or none; E_PLAN_DESTRUCTIVE, a way back would
            destroy data. Nothing was applied.
    """
    if attempt.kind is not AttemptKind.DEPLOY:
        refuse_loss(attempt, summary)
        return attempt
    delivery = delivery_environment(attempt.environment)
    if not summary.dangers or not delivery.asks_for_approval:
        return attempt
    attempt = asked(attempt, summary)
    review = attempt.review
    if review is not None and review.answer is None:
        attempt = answered(attempt, review)
    return attempt


def refuse_loss(attempt: Release, summary: PlanSummary) -> None:
    """Refuse a way back that would destroy data."""
    lost = destroyed_data(summary)
    if lost:
        raise Refused(
            "E_PLAN_DESTRUCTIVE",
            f"{attempt.release_id} would destroy data: {lost[0].address}: {lost[0].what}"
            + (f", and {len(lost) - 1} more" if len(lost) > 1 else ""),
            hint="go back to a release whose inputs leave it be, or deploy a commit that does",
        )


def asked(attempt: Release, summary: PlanSummary) -> Release:
    """Return the attempt with the review of exactly this plan, the one of before where it holds."""
    now, review = datetime.now(UTC), attempt.review
    runner = who_runs(attempt.service, attempt.environment)
    if review is not None and _holds(review, summary, now):
        return _run_by(attempt, review, runner)
    attempt = amend(attempt, review=_new_review(attempt, summary, now, runner))
    publish(attempt)
    return attempt


def _run_by(attempt: Release, review: PlanReview, runner: str) -> Release:
    """Return the attempt with whoever goes on with it among those who may not approve it."""
    if runner in review.asked_by:
        return attempt
    asked_by = (*review.asked_by, runner)
    return amend(attempt, review=review.model_copy(update={"asked_by": asked_by}))


def _holds(review: PlanReview, summary: PlanSummary, now: datetime) -> bool:
    is_open = review.answer is None or is_in_force(review.answer, now)
    return is_open and review.plan_sha256 == summary.sha256


def _new_review(attempt: Release, summary: PlanSummary, now: datetime, runner: str) -> PlanReview:
    delivery = delivery_environment(attempt.environment)
    return PlanReview(
        plan_sha256=summary.sha256,
        summary=summary,
        asked_at=now,
        expires_at=now + timedelta(seconds=delivery.approval_seconds),
        asked_by=(runner,),
    )


@effect("say who runs")
def who_runs(service: str, environment: str) -> str:
    """Return the AWS identity that runs this attempt, which may not approve it."""
    return delivery_environment(environment).approvals(service).caller()


def answered(attempt: Release, review: PlanReview) -> Release:
    """Wait for the answer, keep it, and return the attempt where it is yes.

    Raises:
        Refused: E_APPROVAL, it is no, or there is none.
    """
    warn(f"{attempt.release_id}: {review_words(review)}")
    warn(f"approve with: {approval_command(attempt.release_id, review)}")
    answer = wait_for_answer(attempt, review)
    if answer is None:
        raise _not_approved(f"nobody approved {attempt.release_id} in time, and no answer is a no")
    review = review.model_copy(update={"answer": answer})
    attempt = amend(attempt, review=review)
    tell(f"{attempt.release_id}: {review_words(review)}")
    if answer.decision == "rejected":
        raise _not_approved(f"{attempt.release_id}: {review_words(review)}")
    publish(attempt)
    return attempt


@effect("wait for approval")
def wait_for_answer(attempt: Release, review: PlanReview) -> PlanAnswer | None:
    """Look for an answer to exactly this plan until its time is up; None where there is none."""
    desk = _Desk(delivery_environment(attempt.environment), attempt, review)
    left = (review.expires_at - datetime.now(UTC)).total_seconds()
    with progress(f"approval of {attempt.release_id}") as bar:
        bar.show(0.0, review_words(review))
        answer, _ = wait_until(
            desk.look,
            lambda seen: seen is not None,
            pace=Pace(desk.poll_seconds),
            timeout_seconds=max(0.0, left),
        )
    return answer


class _Desk:
    """Looks for an answer, and says once of each that does not count why it does not."""

    def __init__(self, delivery: DeliveryEnvironment, attempt: Release, review: PlanReview) -> None:
        self._approvals = delivery.approvals(attempt.service)
        self._approvers = delivery.who_approves(attempt.service)
        self._longest = timedelta(seconds=delivery.approval_seconds)
        self._attempt, self._review = attempt, review
        self._said: set[str] = set()
        self.poll_seconds = delivery.poll_seconds

    def look(self) -> PlanAnswer | None:
        """Return the answer that counts, or None."""
        found = self._approvals.find(self._attempt.release_id)
        is_ours = found and is_answer_to(found.statement, self._attempt.release_id, self._review)
        if found is None or not is_ours or found.statement.sha256 in self._said:
            return None
        answer = self._judged(found)
        if isinstance(answer, PlanAnswer):
            return answer
        self._said.add(found.statement.sha256)
        warn(f"an answer does not count: {answer}")
        return None

    def _judged(self, found: SignedAnswer) -> PlanAnswer | str:
        try:
            arn = self._approvals.proven(found)
        except Refused as refusal:
            return refusal.message
        statement, now = found.statement, datetime.now(UTC)
        answer = PlanAnswer(
            decision=statement.decision,
            by=arn,
            reason=statement.reason,
            given_at=statement.given_at,
            expires_at=min(statement.expires_at, now + self._longest),
        )
        if answer.decision == "rejected":
            return answer
        if not is_in_force(answer, now):
            return f"the approval of {arn} has expired"
        return approver_fault(arn, self._review, self._approvers) or answer


def _not_approved(reason: str) -> Refused:
    return Refused(
        "E_APPROVAL",
        f"{reason}; nothing was applied",
        hint="deploy again to be asked anew, or change what makes the plan dangerous",
    )
