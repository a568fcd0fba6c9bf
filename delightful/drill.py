"""A rollback rehearsed where it hurts nobody: which way it goes, and how long each half took."""

from collections.abc import Sequence

from pydantic import AwareDatetime

from delightful.errors import ConfigError, DelightfulError, Refused
from delightful.frozen import Frozen
from delightful.release import Head, Release, ReleaseState
from delightful.rollback import PREVIOUS, origin_of, rollback_target

BACK = "drill: back, to see that it works"
FORWARD = "drill: forward again"


class DrillPlan(Frozen):
    """Which releases are taken back, in order; `back` is None where a drill has done that half."""

    back: Release | None
    forward: Release


class Half(Frozen):
    """One of the two rollbacks of a drill; seconds count from when it was asked for."""

    release_id: str
    restores: str
    live_seconds: float
    good_seconds: float


class Drill(Frozen):
    """What a drill has done and measured; `back` is None where an earlier run of it did that."""

    service: str
    environment: str
    started_at: AwareDatetime
    back: Half | None
    forward: Half


def refuse_production(environment: str, *, asks_for_approval: bool, asked: bool) -> None:
    """Refuse to rehearse where people are served, unless somebody asks for just that.

    Raises:
        Refused: E_PRODUCTION, by its name or by what it asks of plans.
    """
    if asked or not (environment == "production" or asks_for_approval):
        return
    raise Refused(
        "E_PRODUCTION",
        f"{environment} is production, or as careful: a drill would move its traffic twice",
        hint="drill in staging, or repeat with `--in-production`",
    )


def drill_plan(history: Sequence[Release], head: Head) -> DrillPlan:
    """Return which way a drill goes; one that was cut off goes on where it stopped.

    `history` is newest first.

    Raises:
        Refused: E_IN_PROGRESS, somebody else is at work.
        ConfigError: E_TARGET, there is no earlier release, so nothing to rehearse.
    """
    known = {one.release_id: one for one in history}
    attempt = known.get(head.in_progress or "")
    if head.in_progress and (attempt is None or attempt.reason not in (BACK, FORWARD)):
        raise _in_progress(head)
    if attempt is not None and attempt.reason == FORWARD:
        return DrillPlan(back=None, forward=_named(known, attempt.restores))
    good = _named(known, head.good)
    if attempt is not None:
        return DrillPlan(back=_named(known, attempt.restores), forward=good)
    if good.reason == BACK:
        return DrillPlan(back=None, forward=_good_before(history, good))
    target = rollback_target(history, head.good, PREVIOUS)
    # To the deploy itself: no drill rests on the one before it.
    return DrillPlan(back=target, forward=origin_of(known, good.release_id) or good)


def half(release: Release, asked_at: AwareDatetime) -> Half:
    """Return what one rollback took, by the ledger's own times."""
    times = {step.state: step.at for step in release.transitions}
    return Half(
        release_id=release.release_id,
        restores=str(release.restores),
        live_seconds=(times[ReleaseState.LIVE] - asked_at).total_seconds(),
        good_seconds=(times[ReleaseState.GOOD] - asked_at).total_seconds(),
    )


def is_frozen_by(head: Head, attempts: Sequence[Release]) -> bool:
    """Say whether it is a drill that has frozen the service, and nobody before or since."""
    own = {one.release_id for one in attempts if one.reason in (BACK, FORWARD)}
    return head.frozen_reason is not None and head.frozen_by in own


def refuse_otherwise(head: Head, good: Release | None, forward: Release) -> None:
    """Refuse to call a drill done that left something else than it found.

    Raises:
        DelightfulError: E_DRILL, naming what is not as it was.
    """
    wrong = []
    if good is None or good.commit != forward.commit:
        wrong.append(f"{good.release_id if good else 'nothing'} is good")
    if head.in_progress is not None:
        wrong.append(f"{head.in_progress} is in progress")
    if wrong:
        raise DelightfulError(
            "E_DRILL",
            f"{head.service} in {head.environment} is not as the drill found it: "
            f"{' and '.join(wrong)}, wanted {forward.release_id} and nothing else",
            hint=f"`delightful rollback {forward.release_id} --reason WHY` brings it back",
        )


def _good_before(history: Sequence[Release], release: Release) -> Release:
    found = (one for one in history if one.sequence < release.sequence)
    return next(one for one in found if one.state is ReleaseState.GOOD)


def _named(known: dict[str, Release], release_id: str | None) -> Release:
    if release_id not in known:
        raise ConfigError(
            "E_TARGET",
            f"release: there is none to come back to (got {release_id or 'none'})",
            hint="deploy twice before there is a way back to rehearse",
        )
    return known[release_id]


def _in_progress(head: Head) -> Refused:
    return Refused(
        "E_IN_PROGRESS",
        f"{head.service} in {head.environment} is being changed by {head.in_progress}",
        hint=f"wait for it: look with `delightful show {head.in_progress}`",
    )
