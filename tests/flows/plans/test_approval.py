"""A dangerous plan waits for a person; the way back waits for nobody."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from blocks.ledger.plan_approvals import SignedAnswer
from delightful.approval import Decision, PlanReview, Statement
from delightful.errors import DeployFailed, Refused, TransientError
from delightful.planned import Danger
from delightful.release import Release, ReleaseState
from flows.rollback import rollback
from tests.delightful.samples import commit
from tests.flows.fakes.cloud import ANN, RUNNER, FakeCloud
from tests.flows.test_deploy import deployed

pytestmark = pytest.mark.usefixtures("told_plainly")
BOB = "arn:aws:iam::123456789012:user/bob"
LOST = Danger(kind="data", address="aws_db_instance.this", what="deletes what holds data")
OPENED = Danger(kind="network", address="aws_rule.this", what="opens to every address")


@pytest.fixture
def guarded(cloud: FakeCloud) -> FakeCloud:
    """Return a cloud that asks for approvals, with a release that serves and a dangerous plan."""
    cloud.serve(1)
    cloud.asks_for_approval = True
    cloud.dangers = (LOST,)
    return cloud


def review_of(cloud: FakeCloud) -> PlanReview:
    """Return the newest attempt's review."""
    review = newest(cloud).review
    assert review is not None
    return review


def newest(cloud: FakeCloud) -> Release:
    """Return the newest attempt."""
    return cloud.ledger("api").history("api", "sandbox")[0]


def answering(
    cloud: FakeCloud, decision: Decision = "approved", by: str = ANN, plan: str = ""
) -> Callable[[str], None]:
    """Return somebody who answers while the attempt waits, once to each plan."""
    answered = set()

    def answer(release_id: str) -> None:
        wanted = plan or review_of(cloud).plan_sha256
        if wanted in answered:
            return
        answered.add(wanted)
        now = datetime.now(UTC)
        statement = Statement(
            release_id=release_id,
            plan_sha256=wanted,
            decision=decision,
            reason="because",
            given_at=now,
            expires_at=now + timedelta(minutes=1),
        )
        headers = {"by": by} if by else {}
        cloud.while_waiting, watching = str, cloud.while_waiting
        cloud.approvals("api").give(SignedAnswer(statement=statement, headers=headers))
        cloud.while_waiting = watching

    return answer


def test_no_answer_is_a_no(guarded: FakeCloud, source: str) -> None:
    """At the deadline the attempt ends FAILED, refused, with nothing applied."""
    guarded.approval_seconds = 0
    with pytest.raises(Refused, match=r"no answer is a no; nothing was applied") as refused:
        deployed(source, 2)
    assert (refused.value.code, refused.value.exit_code) == ("E_APPROVAL", 4)
    assert guarded.effects == ["build", "push"]
    record = newest(guarded)
    assert (record.state, review_of(guarded).answer) == (ReleaseState.FAILED, None)
    assert guarded.ledger("api").head("api", "sandbox").in_progress is None
    assert guarded.serving_commit() == commit(1)


def test_an_approved_plan_is_applied_once(guarded: FakeCloud, source: str) -> None:
    """The record keeps who approved which plan, and that very plan is what was applied."""
    guarded.while_waiting = answering(guarded)
    release = deployed(source, 2)
    assert release.state is ReleaseState.GOOD
    assert guarded.effects.count("apply") == 1
    assert release.review is not None
    assert release.review.answer is not None
    assert (release.review.answer.by, release.review.asked_by) == (ANN, (RUNNER,))
    assert release.stack is not None
    assert release.stack.plan.sha256 == release.review.plan_sha256
    assert newest(guarded) == release


def test_a_no_ends_the_attempt_at_once(guarded: FakeCloud, source: str) -> None:
    """Who says no is named, and nothing is applied."""
    guarded.while_waiting = answering(guarded, "rejected")
    with pytest.raises(Refused, match=r"rejected by .*ann@example.com .*: because"):
        deployed(source, 2)
    assert "apply" not in guarded.effects
    assert newest(guarded).state is ReleaseState.FAILED


@pytest.mark.parametrize(
    ("by", "plan"),
    [
        (RUNNER, ""),
        ("", ""),
        (ANN, "0" * 64),
        ("arn:aws:sts::123456789012:assumed-role/delightful-staging-worker/other", ""),
        ("arn:aws:iam::999999999999:user/ann", ""),
        ("arn:aws:sts::123456789012:assumed-role/Admin/task", ""),
    ],
)
def test_what_is_no_approval_does_not_count(
    guarded: FakeCloud, source: str, by: str, plan: str
) -> None:
    """P10: the runner's own word, a claim, another plan, a machine, a stranger: none counts."""
    guarded.approval_seconds = 0
    guarded.while_waiting = answering(guarded, by=by, plan=plan)
    with pytest.raises(Refused, match="nobody approved"):
        deployed(source, 2)
    assert "apply" not in guarded.effects


def test_a_wait_that_dies_goes_on_with_the_next_run(guarded: FakeCloud, source: str) -> None:
    """The same deploy again waits for the same answer, until the same time."""

    def die(_: str) -> None:
        raise KeyboardInterrupt

    guarded.while_waiting = die
    with pytest.raises(KeyboardInterrupt):
        deployed(source, 2)
    first = review_of(guarded)
    guarded.runner = BOB
    guarded.while_waiting = answering(guarded)
    release = deployed(source, 2)
    assert release.review is not None
    assert release.review.asked_by == (RUNNER, BOB)
    kept = release.review.model_copy(update={"answer": None, "asked_by": first.asked_by})
    assert kept == first
    assert [one.commit for one in guarded.ledger("api").history("api", "sandbox")] == [
        commit(2),
        commit(1),
    ]


def test_who_goes_on_with_an_attempt_does_not_approve_it(guarded: FakeCloud, source: str) -> None:
    """Neither the one who began it nor the one who resumed it."""

    def die(_: str) -> None:
        raise KeyboardInterrupt

    guarded.while_waiting, guarded.approval_seconds = die, 0
    with pytest.raises(KeyboardInterrupt):
        deployed(source, 2)
    guarded.runner, guarded.while_waiting = BOB, answering(guarded, by=BOB)
    with pytest.raises(Refused, match="nobody approved"):
        deployed(source, 2)


def test_a_wait_that_was_dead_at_its_deadline_is_a_no(guarded: FakeCloud, source: str) -> None:
    """Nobody gets a longer time by dying."""

    def die(_: str) -> None:
        raise KeyboardInterrupt

    guarded.while_waiting, guarded.approval_seconds = die, 0
    with pytest.raises(KeyboardInterrupt):
        deployed(source, 2)
    guarded.while_waiting, guarded.approval_seconds = str, 600
    with pytest.raises(Refused, match="nobody approved"):
        deployed(source, 2)


def test_a_stale_plan_is_judged_again(guarded: FakeCloud, source: str) -> None:
    """F25: what is planned anew is asked about anew where it differs, and only there."""
    stale = TransientError("E_PLAN_STALE", "the state moved", hint="plan again")
    guarded.failures["apply"] = [stale]
    guarded.while_waiting = answering(guarded)
    assert deployed(source, 2).state is ReleaseState.GOOD

    asked: list[str] = []
    answer = answering(guarded)

    def change_mind(release_id: str) -> None:
        asked.append(review_of(guarded).plan_sha256)
        answer(release_id)
        guarded.dangers = (OPENED,)

    guarded.failures["apply"] = [stale]
    guarded.while_waiting = change_mind
    release = deployed(source, 3)
    assert release.state is ReleaseState.GOOD
    assert len(set(asked)) == 2
    assert release.stack is not None
    assert release.stack.plan.dangers == (OPENED,)


def test_elsewhere_it_goes_on_with_the_warning_in_the_record(
    guarded: FakeCloud, source: str
) -> None:
    """An environment that asks nobody still says what was dangerous."""
    guarded.asks_for_approval = False
    release = deployed(source, 2)
    assert (release.state, release.review) == (ReleaseState.GOOD, None)
    assert release.stack is not None
    assert release.stack.plan.dangers == (LOST,)


def test_the_way_back_waits_for_nobody(guarded: FakeCloud, source: str) -> None:
    """An approved release that fails is taken back at once, whatever that plan looks like."""
    guarded.wrong.add(commit(2))
    guarded.while_waiting = answering(guarded)
    with pytest.raises(DeployFailed) as failed:
        deployed(source, 2)
    assert failed.value.rolled_back
    assert guarded.applied["image_tag"] == commit(1)


def test_a_rollback_waits_for_nobody(guarded: FakeCloud, source: str) -> None:
    """What opens or changes permissions does not hold up a rollback."""
    guarded.dangers = ()
    deployed(source, 2)
    guarded.dangers = (OPENED,)
    release = rollback(service="api", environment="sandbox", reason="too slow")
    assert (release.state, release.review) == (ReleaseState.GOOD, None)


@pytest.mark.parametrize("asks", [True, False])
def test_a_rollback_destroys_no_data(guarded: FakeCloud, source: str, asks: bool) -> None:
    """Whatever the environment asks, a way back that loses data is refused."""
    guarded.dangers = ()
    deployed(source, 2)
    guarded.asks_for_approval, guarded.dangers = asks, (LOST,)
    applies = guarded.effects.count("apply")
    with pytest.raises(Refused, match=r"would destroy data: aws_db_instance\.this") as refused:
        rollback(service="api", environment="sandbox", reason="too slow")
    assert refused.value.code == "E_PLAN_DESTRUCTIVE"
    assert guarded.effects.count("apply") == applies
    assert newest(guarded).state is ReleaseState.FAILED


def test_a_dry_run_tells_the_whole_plan(
    guarded: FakeCloud, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever looks first reads each change, and nobody is asked for it."""
    caplog.set_level("INFO", logger="delightful")
    deployed(source, 2, dry_run=True)
    told = [record.getMessage() for record in caplog.records]
    assert "plan: 1 to replace" in told
    assert "  ! module.ecs.aws_ecs_task_definition.this" in told
    assert "  DANGER data: aws_db_instance.this: deletes what holds data" in told
    assert newest(guarded).commit == commit(1)
