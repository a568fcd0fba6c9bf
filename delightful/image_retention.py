"""Which images of a service stay in the registry, and which go; the ledger decides."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from delightful.errors import Refused
from delightful.frozen import Frozen
from delightful.release import Head, Release, ReleaseState
from delightful.retention import was_good

# As long as the registry keeps what has no tag (infrastructure/registry).
KEPT_DAYS = 14


class StoredImage(Frozen):
    """One image of the repository, under all its tags."""

    digest: str
    tags: tuple[str, ...]
    pushed_at: AwareDatetime


class ImageRetention(Frozen):
    """What becomes of one image, and why."""

    image: StoredImage
    stays: bool
    reason: str


class Ledger(Frozen):
    """All that the ledger has of a service in one environment; `releases` are newest first."""

    head: Head
    releases: tuple[Release, ...]


def refuse_gaps(ledgers: Sequence[Ledger]) -> None:
    """Refuse to decide by a ledger that lacks an attempt: it may be the one that needs an image.

    Raises:
        Refused: E_LEDGER_GAP, naming the first that is missing.
    """
    for one in ledgers:
        known = {release.sequence for release in one.releases}
        newest = max([one.head.sequence, *known])
        missing = [number for number in range(1, newest + 1) if number not in known]
        if missing:
            raise Refused(
                "E_LEDGER_GAP",
                f"the ledger of {one.head.service} in {one.head.environment} lacks "
                f"{len(missing)} of {newest} attempts, number {missing[0]} first",
                hint="rebuild it with `delightful recover`, then run the same again",
            )


def image_retentions(
    images: Sequence[StoredImage], ledgers: Sequence[Ledger], now: datetime
) -> tuple[ImageRetention, ...]:
    """Return what becomes of each image, in the order given.

    One image serves all environments, so `ledgers` are those of all of them. An image goes where
    only attempts hold it, under one of its tags or by its digest, that ended badly and that a good
    release has followed in their environment, and where it is no longer new.
    """
    reasons = dict(_reasons(ledgers))
    return tuple(_retention(one, ledgers, reasons, now) for one in images)


def _reasons(ledgers: Sequence[Ledger]) -> Iterator[tuple[str, str]]:
    for ledger in ledgers:
        good = max((one.sequence for one in ledger.releases if was_good(one)), default=0)
        for one in ledger.releases:
            if not one.is_terminal:
                yield one.release_id, "is in progress"
            elif was_good(one):
                yield one.release_id, "was good"
            elif one.sequence > good and one.state is not ReleaseState.SUPERSEDED:
                # Nothing good came after it, so what it left may be what serves.
                yield one.release_id, f"ended {one.state} and may still serve"


def _retention(
    image: StoredImage, ledgers: Sequence[Ledger], reasons: Mapping[str, str], now: datetime
) -> ImageRetention:
    holders = [one for ledger in ledgers for one in ledger.releases if _holds(one, image)]
    needed = next((one for one in holders if one.release_id in reasons), None)
    if not image.tags:
        stays, reason = True, "it has no tag: the repository's own rule expires it"
    elif needed is not None:
        stays, reason = True, f"{needed.release_id} {reasons[needed.release_id]}"
    elif not holders:
        stays, reason = True, "no release of the ledger holds it"
    elif image.pushed_at > now - timedelta(days=KEPT_DAYS):
        stays, reason = True, f"it is younger than {KEPT_DAYS} days"
    else:
        stays, reason = False, f"{holders[0].release_id} ended {holders[0].state}"
    return ImageRetention(image=image, stays=stays, reason=reason)


def _holds(release: Release, image: StoredImage) -> bool:
    by_digest = release.image is not None and release.image.digest == image.digest
    return by_digest or release.commit in image.tags
