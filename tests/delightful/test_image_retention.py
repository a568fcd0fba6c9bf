"""No image goes that a rollback, a running service or an open attempt could want."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.errors import Refused
from delightful.image_retention import (
    KEPT_DAYS,
    Ledger,
    StoredImage,
    image_retentions,
    refuse_gaps,
)
from delightful.release import TERMINAL_STATES, Head, Release, ReleaseState
from tests.delightful.samples import START, commit, digest, image, release

NUMBERS = range(1, 6)
LONG_AFTER = START + timedelta(days=365)
NEVER_GOOD = sorted(TERMINAL_STATES - {ReleaseState.GOOD})


def stored(number: int, *tags: int, days: int = 300) -> StoredImage:
    """Return the image of a number, under its own tag or these."""
    return StoredImage(
        digest=digest(number),
        tags=tuple(commit(one) for one in tags or (number,)),
        pushed_at=LONG_AFTER - timedelta(days=days),
    )


def ledger(*releases: Release, environment: str = "sandbox") -> Ledger:
    """Return the ledger of an environment, from its releases, newest first."""
    newest = releases[0].sequence if releases else 0
    head = Head(service="api", environment=environment, sequence=newest)
    return Ledger(head=head, releases=releases)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Ledger]:
    """Return the ledgers of one to three environments, in which any commit had any fate."""
    found = []
    for environment in draw(st.sampled_from([["a1"], ["a1", "b2"], ["a1", "b2", "c3"]])):
        attempts = []
        for sequence in range(draw(st.integers(0, 6)), 0, -1):
            number = draw(st.sampled_from(NUMBERS))
            record = release(number, state=draw(st.sampled_from(ReleaseState))).model_copy(
                update={
                    "release_id": f"api-{environment}-{sequence:06d}",
                    "environment": environment,
                    "sequence": sequence,
                    "image": draw(st.none() | st.just(image(number))),
                }
            )
            attempts.append(record)
        found.append(ledger(*attempts, environment=environment))
    return found


@given(ledgers(), st.lists(st.sampled_from(NUMBERS), max_size=3), st.integers(0, 30))
def test_takes_no_image_that_anybody_could_want(
    known: list[Ledger], tags: list[int], days: int
) -> None:
    """What goes is old, and of bad ends alone, each with something good after it; everywhere."""
    images = [stored(number, *tags, days=days) for number in NUMBERS]
    found = image_retentions(images, known, LONG_AFTER)
    assert [one.image for one in found] == images
    for gone in (one.image for one in found if not one.stays):
        assert days >= KEPT_DAYS
        holders = [
            (one, environment)
            for environment in known
            for one in environment.releases
            if one.commit in gone.tags or (one.image and one.image.digest == gone.digest)
        ]
        assert holders
        for one, environment in holders:
            assert one.state in NEVER_GOOD
            assert one.state is ReleaseState.SUPERSEDED or any(
                later.state is ReleaseState.GOOD and later.sequence > one.sequence
                for later in environment.releases
            )


@given(st.sampled_from(NEVER_GOOD))
def test_takes_what_failed_long_ago(state: ReleaseState) -> None:
    """However it ended: once something good has followed, its image goes."""
    known = ledger(release(3), release(2, state=state), release(1))
    found = image_retentions([stored(1), stored(2), stored(3)], [known], LONG_AFTER)
    assert [one.stays for one in found] == [True, False, True]
    assert found[1].reason == f"api-sandbox-000002 ended {state}"


def test_each_reason_names_what_decided() -> None:
    """A person reads why an image stays, and by which release."""
    known = ledger(
        release(5, state=ReleaseState.APPLIED),
        release(4, state=ReleaseState.ROLLBACK_FAILED),
        release(3),
        release(2, state=ReleaseState.FAILED),
    )
    images = [
        *(stored(5), stored(4), stored(3), stored(2, days=1), stored(9)),
        StoredImage(digest=digest(2), tags=(), pushed_at=START),
    ]
    assert [one.reason for one in image_retentions(images, [known], LONG_AFTER)] == [
        "api-sandbox-000005 is in progress",
        "api-sandbox-000004 ended ROLLBACK_FAILED and may still serve",
        "api-sandbox-000003 was good",
        f"it is younger than {KEPT_DAYS} days",
        "no release of the ledger holds it",
        "it has no tag: the repository's own rule expires it",
    ]


@pytest.mark.parametrize("kept", [(3, 2), (3, 1), (2, 1)])
def test_refuses_a_ledger_with_a_gap(kept: tuple[int, ...]) -> None:
    """First, middle or last: a missing attempt is noticed, and the environment named."""
    head = Head(service="api", environment="sandbox", sequence=3)
    short = Ledger(head=head, releases=tuple(release(number) for number in kept))
    whole = ledger(release(2), release(1), environment="production")
    refuse_gaps([whole])
    with pytest.raises(Refused, match=r"E_LEDGER_GAP .*api in sandbox lacks 1 of 3"):
        refuse_gaps([whole, short])
