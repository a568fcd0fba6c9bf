"""recover: adopt, finish or end what a dead run left, until everything agrees with the ledger."""

from datetime import UTC, datetime

from prefect import flow

from delightful.recovery import NotRecovered, Recovery, Remedy, Step, remedy_for, unsettled
from delightful.release import Release, ReleaseState
from flows.attempts.attempt import good_release
from flows.effects import effect
from flows.environment import delivery_environment
from flows.recovery.agreement import look_at_agreement
from flows.recovery.dead_runs import end_dead_runs
from flows.recovery.ending import ended, is_live, restored
from flows.recovery.locks import break_stale_locks
from flows.recovery.rebuilding import rebuild_ledger
from flows.recovery.republishing import republish
from flows.recovery.state_health import mend_state
from flows.runs.outcome import leaving_outcome
from flows.runs.persistence import RESULT_SERIALIZER
from flows.runs.telling import tell, warn

_ATTEMPTS = 50


@flow(
    name="recover",
    flow_run_name="recover {service} → {environment}",
    persist_result=False,
    result_serializer=RESULT_SERIALIZER,
)
@leaving_outcome
def recover(service: str, environment: str, dry_run: bool = False) -> Recovery:
    """Adopt, finish or end what a dead run left, then look whether everything agrees.

    What somebody still works on is left alone, and so is whatever cannot be proven dead.

    Args:
        service: Name of the service, as in its manifest.
        environment: Name of the environment's block.
        dry_run: Say what would be done, and do nothing.

    Raises:
        NotRecovered: E_NOT_RECOVERED, something is left that does not agree.
        RollbackFailed: What was good does not serve, and could not be brought back.
    """
    steps = [
        *rebuild_ledger(service, environment, dry_run=dry_run),
        *break_stale_locks(service, environment, dry_run=dry_run),
        *mend_state(service, environment, dry_run=dry_run),
        *end_what_was_left(service, environment, dry_run=dry_run),
        *end_dead_runs(service, environment, dry_run=dry_run),
        *republish(service, environment, dry_run=dry_run),
    ]
    for step in steps:
        tell(f"{'would ' if dry_run else ''}{step.remedy}: {step.subject}: {step.detail}")
    recovery = Recovery(
        service=service,
        environment=environment,
        dry_run=dry_run,
        steps=tuple(steps),
        findings=look_at_agreement(service, environment),
    )
    if not dry_run and recovery.left:
        raise NotRecovered(recovery)
    tell("nothing to recover" if not steps else f"{len(steps)} steps of recovery")
    return recovery


def end_what_was_left(service: str, environment: str, *, dry_run: bool) -> list[Step]:
    """Finish or end an attempt that nobody holds, or bring back what one before it left."""
    left = left_attempt(service, environment)
    if left is not None:
        return _ended(left, dry_run=dry_run)
    good, cut = good_release(service, environment), unsettled_by(service, environment)
    if good is None or cut is None:
        return []
    reason = f"{cut.release_id} ended {cut.state}, and may have left inputs of its own"
    end = ReleaseState.GOOD if dry_run else restored(good, reason).state
    detail = f"{reason}: {end}"
    return [Step(remedy=Remedy.RESTORE_GOOD, subject=good.release_id, detail=detail)]


def _ended(left: Release, *, dry_run: bool) -> list[Step]:
    good = good_release(left.service, left.environment)
    live = left.state in (ReleaseState.APPLIED, ReleaseState.LIVE) and is_live(left)
    remedy = remedy_for(left, is_live=live, has_good=good is not None, now=datetime.now(UTC))
    if remedy is None:
        tell(f"{left.release_id} waits for an answer to its plan: left alone")
        return []
    detail = f"nobody works on it any more at {left.state}"
    if not dry_run:
        detail = f"{detail}: {ended(left, remedy).state}"
    return [Step(remedy=remedy, subject=left.release_id, detail=detail)]


@effect("look for left attempt")
def left_attempt(service: str, environment: str) -> Release | None:
    """Return the open attempt, where its owner is proven dead or let it go."""
    ledger = delivery_environment(environment).ledger(service)
    in_progress = ledger.head(service, environment).in_progress
    if in_progress is None:
        return None
    attempt = ledger.get(in_progress)
    if attempt.owner is None or ledger.is_dead(attempt.owner):
        return attempt
    warn(f"{attempt.release_id} is in progress, and its run lives or may live: left alone")
    return None


@effect("look at newest attempts")
def unsettled_by(service: str, environment: str) -> Release | None:
    """Return the ended attempt since which the good release's inputs may not be in place."""
    ledger = delivery_environment(environment).ledger(service)
    good = ledger.head(service, environment).good
    history = ledger.history(service, environment, _ATTEMPTS)
    return unsettled(history, ledger.get(good) if good else None)
