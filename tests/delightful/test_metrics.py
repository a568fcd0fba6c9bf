"""What a service's delivery comes to is counted from its attempts, and from nothing else."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from delightful.drill import BACK, FORWARD
from delightful.metrics import metrics_of
from delightful.release import AttemptKind, Release, ReleaseState, Transition
from tests.delightful.samples import START, release

NOW = START + timedelta(days=10)


def attempt(
    number: int,
    state: ReleaseState = ReleaseState.GOOD,
    *,
    minutes: int = 1,
    restores: int | None = None,
    reason: str | None = None,
    moved: int | None = None,
) -> Release:
    """Return an attempt of so many minutes, one a day, that moved something after `moved`."""
    began = START + timedelta(days=number)
    steps = [(ReleaseState.PENDING, 0), *([(ReleaseState.LIVE, moved)] if moved else [])]
    times = [*steps, (state, minutes)]
    kind = AttemptKind.ROLLBACK if restores else AttemptKind.DEPLOY
    restored = f"api-sandbox-{restores:06d}" if restores else None
    return release(number, state=state, kind=kind, restores=restored).with_parts(
        reason=reason,
        transitions=tuple(
            Transition(state=one, at=began + timedelta(minutes=after)) for one, after in times
        ),
    )


def test_counts_the_four_measures() -> None:
    """Of four changes one failed on its way and one was taken back after it was good."""
    history = [
        attempt(6, ReleaseState.SUPERSEDED),
        attempt(5, restores=3, minutes=2),
        attempt(4, minutes=5),
        attempt(3, minutes=3),
        attempt(2, ReleaseState.ROLLED_BACK, minutes=9, moved=5),
        attempt(1, minutes=1),
    ]
    found = metrics_of(history, NOW, 10)
    assert (found.deploys, found.deploys_per_day, found.lead_seconds) == (3, 0.3, 180)
    assert (found.changes, found.failures, found.change_failure_rate) == (4, 2, 0.5)
    assert (found.restores, found.restore_seconds) == (2, (2 + 4) * 60 / 2)


def test_leaves_drills_out() -> None:
    """A rehearsed rollback is no failure of the release that it left for a minute."""
    drilled = [
        attempt(4, restores=2, reason=FORWARD),
        attempt(3, restores=1, reason=BACK),
        attempt(2),
        attempt(1),
    ]
    assert metrics_of(drilled, NOW, 10) == metrics_of(drilled[2:], NOW, 10)


def test_counts_nothing_where_there_is_nothing() -> None:
    """No change is no rate of zero."""
    found = metrics_of([], NOW, 10)
    assert (found.change_failure_rate, found.lead_seconds, found.restore_seconds) == (
        None,
        None,
        None,
    )
    assert metrics_of([attempt(1)], NOW, 5) == metrics_of([], NOW, 5)


@given(st.lists(st.tuples(st.sampled_from(ReleaseState), st.none() | st.integers(1, 8))))
def test_never_counts_more_failures_than_changes(
    fates: list[tuple[ReleaseState, int | None]],
) -> None:
    """Whatever the history, each change fails at most once."""
    history = [
        attempt(number, state, restores=back if back and back < number else None)
        for number, (state, back) in enumerate(fates, start=1)
    ][::-1]
    found = metrics_of(history, NOW + timedelta(days=100), 200)
    assert 0 <= found.failures <= found.changes
    assert found.deploys <= found.changes
