"""Whose turn it is: a deploy waits for the mutex, and the newest of those who wait gets it."""

from datetime import UTC, datetime

from blocks.ledger.attempt_request import AttemptRequest
from blocks.ledger.release_ledger import ReleaseLedger
from delightful.errors import Refused, Superseded
from delightful.ordering import Order, newest_containing, order_of
from delightful.release import AttemptKind, Owner, Release
from flows.runs.telling import tell
from flows.runs.waiting import Pace


def take_turn(
    ledger: ReleaseLedger, request: AttemptRequest, owner: Owner, pace: Pace, wait_seconds: float
) -> Release:
    """Open the attempt once nobody else holds the mutex; a rollback waits for no deploy.

    Raises:
        Superseded: a newer commit holds the mutex, or waits for it.
        Refused: E_LOCKED, its holder was still at work when time was up; E_FROZEN.
    """
    deadline = pace.clock() + wait_seconds
    line = ledger.line(request.service, request.environment)
    waits = False
    try:
        while True:
            refuse_superseded(ledger, request, owner)
            try:
                return ledger.open_attempt(request, owner, datetime.now(UTC))
            except Refused as refusal:
                if refusal.code != "E_LOCKED" or pace.clock() >= deadline:
                    raise
                if not waits:
                    tell(f"waiting for up to {wait_seconds:g} s: {refusal.message}")
            if not waits and request.kind is AttemptKind.DEPLOY:
                line.join(owner, request.history, datetime.now(UTC))
            waits = True
            pace.sleep(pace.poll_seconds)
    finally:
        if waits:
            line.leave(owner)


def refuse_superseded(ledger: ReleaseLedger, request: AttemptRequest, owner: Owner) -> None:
    """Refuse a commit that a newer one contains which is being deployed, or waits to be."""
    if request.kind is not AttemptKind.DEPLOY:
        return
    holder = _holder(ledger, request)
    if holder is not None and order_of(request.history, holder.history) is Order.OLDER:
        raise superseded_by(request, holder.commit, f"which {holder.release_id} is deploying")
    line = ledger.line(request.service, request.environment)
    waiting = [one.history for one in line.others(owner)]
    newest = newest_containing(request.history, waiting)
    if newest is not None:
        raise superseded_by(request, newest, "which waits to be deployed")


def superseded_by(request: AttemptRequest, newer: str, where: str) -> Superseded:
    """Return the error that names the newer commit."""
    return Superseded(
        "E_SUPERSEDED",
        f"commit {request.commit[:12]} is older than {newer[:12]}, {where}",
        hint="nothing to do; the newer commit contains it",
    )


def _holder(ledger: ReleaseLedger, request: AttemptRequest) -> Release | None:
    in_progress = ledger.head(request.service, request.environment).in_progress
    return ledger.get(in_progress) if in_progress else None
