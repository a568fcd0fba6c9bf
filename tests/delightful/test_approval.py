"""Whose word counts for a plan, for how long, and for which plan."""

from datetime import UTC, datetime, timedelta

import pytest

from delightful.announcing import Standing, milestones, standing_of
from delightful.approval import (
    Approvers,
    PlanAnswer,
    PlanReview,
    Statement,
    approver_fault,
    is_answer_to,
    is_in_force,
    machinery_roles,
)
from delightful.errors import ConfigError
from delightful.planned import PlanSummary
from delightful.release import ReleaseState
from delightful.render import release_card, release_text
from delightful.render.announcement import slack_message
from delightful.render.approval import check_plan_name, review_words
from tests.delightful.samples import START, release

ACCOUNT = "arn:aws:sts::123456789012"
WORKER = f"{ACCOUNT}:assumed-role/delightful-production-worker/task"
ANN = f"{ACCOUNT}:assumed-role/AWSReservedSSO_Admin/ann@example.com"
PLAN = "ab" * 32
REVIEW = PlanReview(
    plan_sha256=PLAN,
    summary=PlanSummary(),
    asked_at=START,
    expires_at=START + timedelta(hours=1),
    asked_by=(WORKER,),
)
MACHINERY = machinery_roles("arn:aws:iam::123456789012:role/delightful", "api")


def statement(**changes: object) -> Statement:
    """Return an approval of the plan."""
    fields = {
        "release_id": "api-production-000002",
        "plan_sha256": PLAN,
        "decision": "approved",
        "given_at": START,
        "expires_at": START + timedelta(hours=1),
    }
    return Statement.model_validate({**fields, **changes})


def test_a_person_of_the_account_may_approve() -> None:
    """Somebody else than who runs it, and no machine."""
    assert approver_fault(ANN, REVIEW, Approvers(machinery=MACHINERY)) is None
    assert approver_fault("arn:aws:iam::123456789012:user/ann", REVIEW, Approvers()) is None


@pytest.mark.parametrize(
    ("arn", "says"),
    [
        (WORKER, "runs himself"),
        (f"{ACCOUNT}:assumed-role/Admin/task", "runs himself"),
        (f"{ACCOUNT}:assumed-role/delightful-plan/ci", "not a person"),
        (f"{ACCOUNT}:assumed-role/delightful-staging-apply/ci", "not a person"),
        (f"{ACCOUNT}:assumed-role/delightful-staging-worker/other", "not a person"),
        (f"{ACCOUNT}:assumed-role/api-production-deploy/GitHubActions", "not a person"),
        (f"{ACCOUNT}:assumed-role/api-build/GitHubActions", "not a person"),
        ("arn:aws:iam::123456789012:root", "not a person"),
        ("arn:aws:iam::999999999999:user/ann", "not of this account"),
        ("nonsense", "not of this account"),
    ],
)
def test_who_may_not_approve_is_told_why(arn: str, says: str) -> None:
    """Oneself, machines, an account's root and strangers."""
    assert says in str(approver_fault(arn, REVIEW, Approvers(machinery=MACHINERY)))


def test_an_environment_may_name_its_approvers() -> None:
    """Where patterns are given, one of them must fit."""
    admins = Approvers(allowed=(f"{ACCOUNT}:assumed-role/AWSReservedSSO_Admin/*",))
    assert approver_fault(ANN, REVIEW, admins) is None
    other = f"{ACCOUNT}:assumed-role/Developer/bob@example.com"
    assert "not among" in str(approver_fault(other, REVIEW, admins))


def test_an_answer_is_to_one_plan_of_one_attempt() -> None:
    """Neither another attempt nor another plan is meant by it."""
    assert is_answer_to(statement(), "api-production-000002", REVIEW)
    assert not is_answer_to(statement(), "api-production-000003", REVIEW)
    assert not is_answer_to(statement(plan_sha256="cd" * 32), "api-production-000002", REVIEW)


def test_everything_that_is_said_is_signed() -> None:
    """Nothing of a statement can be changed under its signature."""
    later = START + timedelta(hours=2)
    others = [
        statement(decision="rejected"),
        statement(reason="x"),
        statement(expires_at=later),
        statement(release_id="api-production-000003"),
        statement(plan_sha256="cd" * 32),
    ]
    assert len({one.sha256 for one in [statement(), *others]}) == 6


def test_an_approval_expires() -> None:
    """Yesterday's yes is none."""
    answer = PlanAnswer(
        decision="approved", by=ANN, given_at=START, expires_at=START + timedelta(hours=1)
    )
    assert is_in_force(answer, START)
    assert not is_in_force(answer, START + timedelta(hours=1))
    assert not is_in_force(answer.model_copy(update={"decision": "rejected"}), START)


@pytest.mark.parametrize("named", ["", "ab", "abababababab0", "ABABABABABAB", PLAN + "a"])
def test_who_names_another_plan_answers_nothing(named: str) -> None:
    """Twelve digits at least, and of the plan that waits now."""
    check_plan_name(PLAN[:12], REVIEW)
    check_plan_name(PLAN, REVIEW)
    with pytest.raises(ConfigError, match="E_PLAN_NAME"):
        check_plan_name(named, REVIEW)


def test_a_release_says_what_it_waits_for_and_who_answered() -> None:
    """The card and the text have the command to type; afterwards the name."""
    waiting = release(2, state=ReleaseState.BUILT).with_parts(review=REVIEW, stack=None)
    for shown in (release_card(waiting), release_text(waiting)):
        assert "delightful approve api-sandbox-000002 --plan abababababab" in shown
    answer = PlanAnswer(
        decision="approved",
        by=ANN,
        reason="we have\na backup",
        given_at=datetime(2026, 11, 23, 12, 5, tzinfo=UTC),
        expires_at=START + timedelta(hours=1),
    )
    answered = REVIEW.model_copy(update={"answer": answer})
    assert review_words(answered) == (
        f"plan abababababab approved by {ANN} at 2026-11-23 12:05:00Z: we have\\u000aa backup"
    )
    assert ANN in release_text(release(2).with_parts(review=answered))


def test_those_who_are_told_hear_that_somebody_is_asked() -> None:
    """Slack's thread and the pull request say what waits, then who answered; it goes on after."""
    waiting = release(2, state=ReleaseState.BUILT).with_parts(review=REVIEW, rollout=None)
    assert standing_of(waiting, None) is Standing.WAITING
    assert milestones(waiting) == (Standing.STARTED, Standing.WAITING)
    message = slack_message(waiting, Standing.WAITING, None, ())
    assert message.is_broadcast
    assert "waits for an approval until 2026-11-23 13:00:00Z" in message.text
    assert "delightful approve api-sandbox-000002 --plan abababababab" in message.text

    answer = PlanAnswer(decision="approved", by=ANN, given_at=START, expires_at=START)
    approved = waiting.with_parts(review=REVIEW.model_copy(update={"answer": answer}))
    assert standing_of(approved, None) is Standing.STARTED
    text = slack_message(approved, Standing.WAITING, None, ()).text
    assert ANN in text
    assert "delightful approve" not in text
