"""A lock is broken when its owner is proven gone, and for no other reason."""

from datetime import timedelta

import pytest

from delightful.locks import StateLock, judge_lock, made_since
from delightful.release import Owner, Release, ReleaseState, Takeover
from tests.delightful.samples import START, release

MINE = Owner(host="worker-1 pid:[1]", boot_id="boot", pid=7, process_started_ticks=9)


def lock(who: str = "root@worker-1", minutes: int = 5) -> StateLock:
    """Return a lock, made some minutes after the attempts began."""
    return StateLock(
        lock_id="id",
        state="bucket/key",
        operation="OperationTypeApply",
        who=who,
        created=START + timedelta(minutes=minutes),
    )


def attempt(state: ReleaseState = ReleaseState.BUILT, **parts: object) -> Release:
    """Return an attempt that began before the lock was made."""
    return release(1, state=state).with_parts(owner=MINE, **parts)


def test_lock_of_a_dead_owner_is_stale() -> None:
    """Who is proven gone holds nothing any more."""
    judged = judge_lock(lock(), [attempt()], lambda owner: True, runs_here=False)
    assert (judged.is_stale, judged.release_id) == (True, attempt().release_id)


def test_lock_of_a_live_owner_stays() -> None:
    """Who lives, or cannot be looked at, keeps the lock however old it is."""
    old = lock(minutes=60 * 24 * 30)
    assert not judge_lock(old, [attempt()], lambda owner: False, runs_here=False).is_stale


def test_lock_stays_while_terraform_still_runs() -> None:
    """A dead run may have left a Terraform that is still saving its state."""
    assert not judge_lock(lock(), [attempt()], lambda owner: True, runs_here=True).is_stale


@pytest.mark.parametrize("who", ["ann@laptop", "worker-1", "root@worker-10", ""])
def test_lock_of_somebody_else_is_never_stale(who: str) -> None:
    """What no attempt can have made may be a person's, who is not asked by us."""
    judged = judge_lock(lock(who), [attempt()], lambda owner: True, runs_here=False)
    assert (judged.is_stale, judged.release_id) == (False, None)


def test_lock_made_before_another_run_took_over_is_stale() -> None:
    """The run that goes on with an attempt lives; the one before it, which made the lock, not."""
    takeover = Takeover(owner=MINE, at=START + timedelta(minutes=10))
    resumed = attempt(taken_over=(takeover,))
    assert judge_lock(lock(), [resumed], lambda owner: False, runs_here=False).is_stale
    later = lock(minutes=11)
    assert not judge_lock(later, [resumed], lambda owner: False, runs_here=False).is_stale


def test_lock_of_a_child_that_was_killed_is_told_from_others() -> None:
    """Made since the child began, on this machine: nobody else's, and no earlier one."""
    began = START + timedelta(minutes=5)
    others = (lock(minutes=4), lock("root@worker-2"), lock("worker-1"))
    assert made_since((*others, lock()), "worker-1", began) == (lock(),)
