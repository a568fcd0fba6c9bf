"""A ledger that lost items, and what of it can be rebuilt."""

from delightful.rebuilding import lost_sequences, mended_head, rebuilt_release
from delightful.release import AttemptKind, Head, ReleaseState
from delightful.showing import shown_record
from tests.delightful.samples import image, release

EMPTY = Head(service="api", environment="sandbox")
FIRST, SECOND, THIRD = release(1), release(2), release(3)
VALUES = {"GREETING": "hello"}


def head(sequence: int, **parts: str) -> Head:
    """Return a head."""
    return EMPTY.model_copy(update={"sequence": sequence, **parts})


def test_gaps_are_found_by_their_numbers() -> None:
    """Attempts are numbered without a gap: what is missing was lost."""
    assert lost_sequences(head(3), [THIRD, SECOND, FIRST], []) == ()
    assert lost_sequences(head(4), [THIRD, FIRST], []) == (2, 4)
    assert lost_sequences(EMPTY, [], [SECOND]) == (1, 2)
    assert lost_sequences(head(3), [THIRD], [], first=3) == ()


def test_lost_attempt_is_rebuilt_from_what_shows_its_end() -> None:
    """Marked as adopted, with its image vouched for by the registry alone."""
    rebuilt = rebuilt_release(shown_record(SECOND), image(2), VALUES)
    assert rebuilt is not None
    assert (rebuilt.kind, rebuilt.state) == (AttemptKind.ADOPTION, ReleaseState.GOOD)
    assert rebuilt.reason == "rebuilt from Prefect's artifact of this deploy"
    assert rebuilt_release(SECOND, image(1), VALUES) is None
    assert rebuilt_release(SECOND, None, VALUES) is None
    assert rebuilt_release(release(2, state=ReleaseState.LIVE), image(2), VALUES) is None


def test_values_that_are_not_shown_come_from_the_task_definition() -> None:
    """None to go back to is rebuilt with inputs that were never applied; how it ended still is."""
    rebuilt = rebuilt_release(shown_record(SECOND), image(2), VALUES | {"PORT": "8000"})
    assert rebuilt is not None
    assert rebuilt.stack == SECOND.stack
    assert rebuilt_release(shown_record(SECOND), image(2), {}) is None
    assert rebuilt_release(shown_record(SECOND), image(2), {"GREETING": "another"}) is None
    failed = release(2, state=ReleaseState.FAILED)
    assert rebuilt_release(shown_record(failed), image(2), {}) is not None


def test_lost_head_says_what_its_attempts_say() -> None:
    """The number goes on, the newest good one counts, and an open attempt keeps the mutex."""
    open_attempt = release(4, state=ReleaseState.APPLIED)
    failed = release(3, state=ReleaseState.FAILED)
    mended = mended_head(EMPTY, [open_attempt, failed, SECOND, FIRST])
    assert (mended.sequence, mended.good) == (4, SECOND.release_id)
    assert mended.in_progress == open_attempt.release_id
    assert mended.frozen_reason is None


def test_head_that_is_right_stays() -> None:
    """What the head says itself counts, where it names what is there."""
    right = head(3, good=SECOND.release_id, frozen_reason="r", frozen_by="ann")
    assert mended_head(right, [THIRD, SECOND, FIRST]) == right
    assert mended_head(EMPTY, []) == EMPTY


def test_head_that_names_what_is_lost_falls_back() -> None:
    """A good release that nobody can rebuild is not named any more."""
    lost = head(3, good=THIRD.release_id, in_progress="api-sandbox-000009")
    mended = mended_head(lost, [SECOND, FIRST])
    assert (mended.good, mended.in_progress, mended.sequence) == (SECOND.release_id, None, 3)


def test_freeze_of_a_rollback_is_not_forgotten() -> None:
    """Whether it was thawed is not known: a person says so again."""
    back = release(3, kind=AttemptKind.ROLLBACK, restores=FIRST.release_id)
    mended = mended_head(EMPTY, [back, SECOND, FIRST])
    assert mended.frozen_by == "recover"
