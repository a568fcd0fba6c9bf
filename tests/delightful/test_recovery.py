"""What becomes of what a dead run left, decided from the records alone."""

from datetime import timedelta

import pytest

from delightful.approval import PlanReview
from delightful.planned import PlanSummary
from delightful.recovery import Remedy, may_have_orphans, remedy_for, unsettled
from delightful.release import AttemptKind, Failure, Owner, Release, ReleaseState, Takeover
from tests.delightful.samples import START, release

BUILT, APPLIED, LIVE = ReleaseState.BUILT, ReleaseState.APPLIED, ReleaseState.LIVE
GONE = Owner(host="gone", boot_id="boot", pid=1, process_started_ticks=1)


def attempt(number: int, *states: ReleaseState, **parts: object) -> Release:
    """Return an attempt that went through these states."""
    first = release(number, state=ReleaseState.PENDING)
    moved = first.model_copy(update={"transitions": first.transitions[:1], "stack": None})
    for state in states:
        moved = moved.moved_to(state, START)
    return moved.with_parts(**parts)


def closed(number: int, phase: str, *states: ReleaseState) -> Release:
    """Return an attempt that went through these states and was then closed by the next one."""
    failure = Failure(phase=phase, reason="gone")
    return attempt(number, *states, ReleaseState.ABORTED, failure=failure)


@pytest.mark.parametrize(
    ("kind", "state", "is_live", "has_good", "remedy"),
    [
        (AttemptKind.DEPLOY, ReleaseState.PENDING, False, True, Remedy.END_ATTEMPT),
        (AttemptKind.DEPLOY, BUILT, False, True, Remedy.END_ATTEMPT),
        (AttemptKind.DEPLOY, APPLIED, False, True, Remedy.END_ATTEMPT),
        (AttemptKind.DEPLOY, APPLIED, True, True, Remedy.FINISH_ATTEMPT),
        (AttemptKind.DEPLOY, LIVE, True, True, Remedy.FINISH_ATTEMPT),
        (AttemptKind.DEPLOY, LIVE, False, True, Remedy.END_ATTEMPT),
        (AttemptKind.DEPLOY, ReleaseState.PENDING, False, False, Remedy.END_ATTEMPT),
        (AttemptKind.DEPLOY, BUILT, False, False, Remedy.COMPLETE_APPLY),
        (AttemptKind.ROLLBACK, ReleaseState.PENDING, False, True, Remedy.FINISH_ATTEMPT),
        (AttemptKind.ROLLBACK, APPLIED, False, True, Remedy.FINISH_ATTEMPT),
        (AttemptKind.ADOPTION, BUILT, False, True, Remedy.FINISH_ATTEMPT),
    ],
)
def test_attempt_is_finished_or_taken_back(
    kind: AttemptKind, state: ReleaseState, is_live: bool, has_good: bool, remedy: Remedy
) -> None:
    """A way back is gone on with, a deploy only where it already serves."""
    left = release(2, state=state, kind=kind)
    assert remedy_for(left, is_live=is_live, has_good=has_good, now=START) is remedy


def test_plan_that_waits_for_a_person_keeps_waiting() -> None:
    """Whoever is asked has the time that he was promised, though the run that asked is gone."""
    review = PlanReview(
        plan_sha256="0" * 64,
        summary=PlanSummary(),
        asked_at=START,
        expires_at=START + timedelta(hours=1),
        asked_by=("arn",),
    )
    waiting = release(2, state=BUILT).with_parts(review=review)
    assert remedy_for(waiting, is_live=False, has_good=True, now=START) is None
    late = START + timedelta(hours=1)
    assert remedy_for(waiting, is_live=False, has_good=True, now=late) is Remedy.END_ATTEMPT


def test_inputs_of_an_attempt_that_nobody_took_back_are_noticed() -> None:
    """Closed by another in its apply, or failed on the way back: the good inputs may be gone."""
    good = release(1)
    for phase in ("abandoned", "stopped"):
        cut = closed(2, phase, BUILT)
        assert unsettled([cut, good], good) is cut
        refused = attempt(3, ReleaseState.FAILED)
        assert unsettled([refused, cut, good], good) is cut
    stuck = attempt(2, BUILT, APPLIED, ReleaseState.ROLLBACK_FAILED)
    assert unsettled([stuck, good], good) is stuck


@pytest.mark.parametrize(
    "newest",
    [
        (),
        (closed(2, "abandoned"),),
        (closed(2, "terraform_apply", BUILT),),
        (attempt(2, BUILT, APPLIED, ReleaseState.ROLLED_BACK), closed(2, "abandoned", BUILT)),
        (attempt(2, BUILT),),
        (
            attempt(3, BUILT, ReleaseState.ROLLBACK_FAILED, kind=AttemptKind.ADOPTION),
            attempt(2, BUILT, ReleaseState.ROLLBACK_FAILED),
        ),
    ],
)
def test_what_was_taken_back_or_tried_already_is_left_alone(newest: tuple[Release, ...]) -> None:
    """Nothing is brought back twice, and a recovery that failed is not repeated for ever."""
    good = release(1)
    assert unsettled([*newest, good], good) is None
    assert unsettled(newest, None) is None


def test_orphans_are_looked_for_only_after_an_apply_that_may_have_been_cut() -> None:
    """A first deploy, and whatever follows a good release, plans without asking AWS for more."""
    takeover = Takeover(owner=GONE, at=START)
    assert not may_have_orphans([attempt(1, BUILT)])
    assert not may_have_orphans([attempt(2, BUILT), release(1)])
    assert not may_have_orphans([attempt(2), closed(1, "abandoned")])
    assert not may_have_orphans([release(3), closed(2, "abandoned", BUILT), release(1)])
    assert may_have_orphans([attempt(2, BUILT), closed(1, "abandoned", BUILT)])
    assert may_have_orphans([attempt(1, BUILT, taken_over=(takeover,))])
    assert may_have_orphans([attempt(2, BUILT, ReleaseState.ROLLBACK_FAILED), release(1)])
