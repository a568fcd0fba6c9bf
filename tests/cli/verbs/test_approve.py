"""Whoever answers has read the plan, and answers to that one."""

from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from cli.verbs import approve
from cli.verbs.approve import command
from delightful.approval import PlanAnswer, PlanReview
from delightful.errors import ConfigError, Refused
from delightful.planned import Danger, PlanSummary, ResourceChange
from delightful.release import Release, ReleaseState
from tests.delightful.samples import START, release
from tests.flows.fakes.cloud import ANN, RUNNER

PLAN = PlanSummary(
    changes=(ResourceChange(address="aws_db_instance.this", type="aws_x", action="delete"),),
    dangers=(Danger(kind="data", address="aws_db_instance.this", what="deletes what holds data"),),
)
REVIEW = PlanReview(
    plan_sha256=PLAN.sha256,
    summary=PLAN,
    asked_at=START,
    expires_at=START + timedelta(days=9999),
    asked_by=(RUNNER,),
)
NAME = PLAN.sha256[:12]


class Environment:
    """An environment in which one attempt waits."""

    def __init__(self, waiting: Release) -> None:
        self._waiting = waiting

    def model_copy(self, **_: Any) -> "Environment":
        return self

    def ledger(self, _: str) -> "Environment":
        return self

    def get(self, _: str) -> Release:
        return self._waiting


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return the answers that were given; somebody waits for one."""
    from flows import environment
    from flows.plans import answering

    given: list[dict[str, Any]] = []

    def answer(_: Environment, release_id: str, decision: Any, **how: Any) -> PlanAnswer:
        given.append({"release_id": release_id, "decision": decision, **how})
        reason = how["reason"]
        return PlanAnswer(
            decision=decision, by=ANN, reason=reason, given_at=START, expires_at=START
        )

    waiting = release(2, state=ReleaseState.BUILT).with_parts(review=REVIEW)
    monkeypatch.setattr("cli.connection.connect", lambda *_: None)
    monkeypatch.setattr(environment, "delivery_environment", lambda _: Environment(waiting))
    monkeypatch.setattr(answering, "answer_plan", answer)
    return given


def test_the_plan_that_was_read_is_answered(answers: list[dict[str, Any]]) -> None:
    """Named by its digits, nothing is asked, and the identity is said."""
    arguments = ["api-sandbox-000002", "--plan", NAME, "--reason", "backed up", "--profile", "ann"]
    done = CliRunner().invoke(command, arguments, standalone_mode=False)
    assert done.exception is None
    assert f"plan approved as {ANN}" in done.output
    assert answers == [
        {
            "release_id": "api-sandbox-000002",
            "decision": "approved",
            "plan": NAME,
            "reason": "backed up",
            "profile": "ann",
        }
    ]


def test_a_no_is_told_as_such(answers: list[dict[str, Any]]) -> None:
    """`--reject` says no."""
    CliRunner().invoke(command, ["api-sandbox-000002", "--plan", NAME, "--reject", "--json"])
    assert [one["decision"] for one in answers] == ["rejected"]


def test_without_its_name_the_plan_is_shown_and_a_person_asked(
    answers: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal yes is yes; elsewhere nobody is there to say it."""
    done = CliRunner().invoke(command, ["api-sandbox-000002"], standalone_mode=False)
    assert isinstance(done.exception, Refused)
    assert (done.exception.code, answers) == ("E_CONFIRM", [])
    assert "DANGER data: aws_db_instance.this" in done.output

    monkeypatch.setattr(approve, "_is_at_terminal", lambda: True)
    for said, plans in (("n\n", []), ("y\n", [PLAN.sha256])):
        CliRunner().invoke(command, ["api-sandbox-000002"], input=said, standalone_mode=False)
        assert [one["plan"] for one in answers] == plans


def test_what_is_no_release_is_bad_input(answers: list[dict[str, Any]]) -> None:
    """The environment is read from the release's id."""
    done = CliRunner().invoke(command, ["nonsense", "--plan", NAME], standalone_mode=False)
    assert isinstance(done.exception, ConfigError)
    assert (done.exception.code, answers) == ("E_RELEASE", [])
