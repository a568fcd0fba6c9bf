"""What Prefect shows of the releases, beside what the ledger has."""

from delightful.release import ReleaseState
from delightful.showing import unshown
from tests.delightful.samples import commit, image, release

FIRST, SECOND, THIRD = release(1), release(2), release(3)
HISTORY = [THIRD, SECOND, FIRST]


def test_lost_releases_are_shown_oldest_first() -> None:
    """All that was lost comes back in its order."""
    assert unshown(HISTORY, []) == [FIRST, SECOND, THIRD]
    assert unshown(HISTORY, HISTORY) == []
    assert unshown([], HISTORY) == []


def test_newest_stays_the_latest_that_is_shown() -> None:
    """An older one that comes back does not pass for what serves."""
    assert unshown(HISTORY, [THIRD, FIRST]) == [SECOND, THIRD]


def test_what_somebody_changed_is_shown_again() -> None:
    """The newest that shows a release counts: an honest one behind it does not help."""
    changed = SECOND.with_parts(image=image(7))
    assert unshown(HISTORY, [changed, *HISTORY]) == [SECOND, THIRD]
    assert unshown(HISTORY, [SECOND, changed, THIRD, FIRST]) == []


def test_open_attempt_may_know_more_than_is_shown() -> None:
    """A record grows between two of its states; what is shown of it must only be true."""
    open_attempt = release(3, state=ReleaseState.APPLIED)
    earlier = open_attempt.with_parts(rollout=None)
    assert unshown([open_attempt], [earlier]) == []
    lie = open_attempt.with_parts(commit=commit(9))
    assert unshown([open_attempt], [lie]) == [open_attempt]
