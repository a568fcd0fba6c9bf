"""How a service is delivered, by DORA's four measures, counted from the ledger alone.

The ledger knows when a deploy was asked for and not when its commit was written, so lead time
begins there. A drill is no delivery and no failure.
"""

import statistics
from collections.abc import Iterator, Sequence
from datetime import timedelta

from pydantic import AwareDatetime

from delightful.drill import BACK, FORWARD
from delightful.frozen import Frozen
from delightful.release import AttemptKind, Release, ReleaseState
from delightful.rollback import origin_of

_FAILED = frozenset({ReleaseState.FAILED, ReleaseState.ROLLED_BACK, ReleaseState.ROLLBACK_FAILED})
_MOVED = frozenset({ReleaseState.APPLIED, ReleaseState.LIVE})


class Metrics(Frozen):
    """The four measures over some days; seconds are medians, None where there is nothing to count.

    `deploys` became good, `failures` of `changes` did not or were taken back later; `restores` of
    those that had moved anything are over, each counted from when it moved to when good served.
    """

    days: int
    deploys: int
    deploys_per_day: float
    lead_seconds: float | None
    changes: int
    failures: int
    change_failure_rate: float | None
    restores: int
    restore_seconds: float | None


def metrics_of(releases: Sequence[Release], now: AwareDatetime, days: int) -> Metrics:
    """Count what was asked for in the last days; `releases` are newest first, all there are."""
    real = [one for one in releases if one.reason not in (BACK, FORWARD)]
    recent = [one for one in real if one.transitions[0].at > now - timedelta(days=days)]
    deploys = [one for one in recent if one.kind is AttemptKind.DEPLOY]
    good = [one for one in deploys if one.state is ReleaseState.GOOD]
    changes = [one for one in deploys if one.state in {*_FAILED, ReleaseState.GOOD}]
    taken_back = {one.release_id for one in _taken_back(real)}
    failed = [one for one in changes if one.state in _FAILED or one.release_id in taken_back]
    restores = [*_restores(recent)]
    return Metrics(
        days=days,
        deploys=len(good),
        deploys_per_day=len(good) / days,
        lead_seconds=_median([_seconds(one) for one in good]),
        changes=len(changes),
        failures=len(failed),
        change_failure_rate=len(failed) / len(changes) if changes else None,
        restores=len(restores),
        restore_seconds=_median(restores),
    )


def _taken_back(releases: Sequence[Release]) -> Iterator[Release]:
    """Yield the deploys that were good when somebody rolled back to an earlier one."""
    serving: Release | None = None
    by_id = {one.release_id: one for one in releases}
    for one in reversed(releases):
        if one.state is not ReleaseState.GOOD:
            continue
        now = origin_of(by_id, one.release_id) or one
        if serving is not None and now.sequence < serving.sequence:
            yield serving
        serving = now


def _restores(releases: Sequence[Release]) -> Iterator[float]:
    for one in releases:
        if one.kind is AttemptKind.ROLLBACK and one.state is ReleaseState.GOOD:
            yield _seconds(one)
        elif one.state is ReleaseState.ROLLED_BACK:
            moved = [step.at for step in one.transitions if step.state in _MOVED]
            if moved:
                yield (one.transitions[-1].at - moved[0]).total_seconds()


def _seconds(release: Release) -> float:
    return (release.transitions[-1].at - release.transitions[0].at).total_seconds()


def _median(seconds: Sequence[float]) -> float | None:
    return statistics.median(seconds) if seconds else None
