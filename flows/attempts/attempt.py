"""Opening an attempt: the guard before every change, asked again on every run and retry."""

from datetime import UTC, datetime

from blocks.ledger.attempt_request import AttemptRequest
from blocks.ledger.ownership import described, this_owner
from blocks.ledger.rules import refuse_closed
from delightful.errors import Refused, Superseded
from delightful.names import commit_sha, environment_name, service_name
from delightful.ordering import Order, order_of, refuse_out_of_order
from delightful.release import AttemptKind, Owner, Release, ReleaseState
from flows.attempts.turns import take_turn
from flows.effects import effect
from flows.environment import delivery_environment
from flows.messages.announcing import announce
from flows.publishing import publish, transition
from flows.runs.run_identity import root_run_id
from flows.runs.telling import tell
from flows.runs.waiting import Pace


def deploy_request(
    service: str, environment: str, commit: str, history: list[str]
) -> AttemptRequest:
    """Return the wish to deploy a commit, with every name in it checked.

    A history that does not begin with the commit itself gets it put in front.
    """
    commit_sha(commit)
    shas = [commit_sha(sha) for sha in history]
    return AttemptRequest(
        service=service_name(service),
        environment=environment_name(environment),
        commit=commit,
        kind=AttemptKind.DEPLOY,
        history=tuple(shas if shas[:1] == [commit] else [commit, *shas]),
    )


def rollback_request(
    target: Release, reason: str, across_migrations: str | None = None
) -> AttemptRequest:
    """Return the wish to take back an earlier release."""
    return AttemptRequest(
        service=target.service,
        environment=target.environment,
        commit=target.commit,
        kind=AttemptKind.ROLLBACK,
        history=target.history,
        reason=reason,
        restores=target.release_id,
        across_migrations=across_migrations,
    )


@effect("read good release")
def good_release(service: str, environment: str) -> Release | None:
    """Return the release that is known good now, or None before the first one."""
    ledger = delivery_environment(environment).ledger(service)
    good = ledger.head(service, environment).good
    return ledger.get(good) if good else None


@effect("read release")
def read_release(service: str, environment: str, release: str) -> Release:
    """Return a release by its id, or by the word "good" or "in progress"."""
    ledger = delivery_environment(environment).ledger(service)
    head = ledger.head(service, environment)
    named = {"good": head.good, "in progress": head.in_progress}
    found = named.get(release, release)
    if found is None:
        raise Refused(
            "E_RELEASE",
            f"release: {service} in {environment} has none that is {release}",
            hint=f"list them with `delightful releases --service {service}`",
        )
    return ledger.get(found)


@effect("check attempt")
def held_release(service: str, environment: str, release: str) -> Release:
    """Return an open attempt that this process may work on.

    Raises:
        Refused: E_CLOSED, the attempt has ended; E_LOCKED, another process holds it.
    """
    found = read_release.fn(service, environment, release)
    here = this_owner(None)
    refuse_closed(found)
    if found.owner is not None and not _is_same_process(found.owner, here):
        raise Refused(
            "E_LOCKED",
            f"release {found.release_id} is held by {described(found.owner)}",
            hint="wait for it, or run the same deploy again once it is gone",
        )
    return found


def _is_same_process(one: Owner, other: Owner) -> bool:
    return one.model_copy(update={"flow_run_id": other.flow_run_id}) == other


def refuse_stale(request: AttemptRequest, good: Release | None) -> Order:
    """Return how the wanted commit stands to the good one; changes nothing.

    Raises:
        Superseded: the good release contains it already.
        Refused: it does not descend from the good one.
    """
    if good is None:
        return Order.NEWER
    order = order_of(request.history, good.history)
    refuse_out_of_order(order, commit=request.commit, good=good.commit)
    return order


def judge_order(request: AttemptRequest, good: Release | None) -> Order:
    """Return how the wanted commit stands to the good one; a superseded one is kept as such."""
    try:
        return refuse_stale(request, good)
    except Superseded as superseded:
        record_superseded(request, superseded.message)
        raise


def take_up(request: AttemptRequest) -> Release:
    """Hold the mutex for a request: a new attempt, or the open one of the same request.

    A deploy is judged again now that nobody else can move: what was newer when asked may be
    older by the time the mutex is free, and then ends SUPERSEDED.
    """
    release = open_attempt(request)
    publish_abandoned(release)
    publish(release)
    announce(release)
    if request.kind is AttemptKind.DEPLOY and release.state is ReleaseState.PENDING:
        _end_if_stale(request, release)
    return release


@effect("open attempt")
def open_attempt(request: AttemptRequest) -> Release:
    """Take the mutex in the ledger, in turn; never served from a persisted result."""
    delivery = delivery_environment(request.environment)
    ledger = delivery.ledger(request.service)
    owner = this_owner(root_run_id())
    pace = Pace(delivery.poll_seconds)
    try:
        release = take_turn(ledger, request, owner, pace, delivery.lock_wait_seconds)
    except Superseded as superseded:
        record_superseded.fn(request, superseded.message)
        raise
    resumed = len(release.transitions) > 1 or release.state is not ReleaseState.PENDING
    tell(f"attempt {release.release_id} {'resumed at ' + release.state if resumed else 'opened'}")
    return release


@effect("record superseded")
def record_superseded(request: AttemptRequest, reason: str) -> None:
    """Keep a deploy that a newer commit made needless as an attempt of its own, and show it."""
    ledger = delivery_environment(request.environment).ledger(request.service)
    owner = this_owner(root_run_id())
    wanted = request.model_copy(update={"reason": reason})
    publish(ledger.supersede(wanted, owner, datetime.now(UTC)))


def publish_abandoned(release: Release) -> None:
    """Show the attempt that the ledger closed in the same stroke as it opened this one."""
    ledger = delivery_environment(release.environment).ledger(release.service)
    for earlier in ledger.history(release.service, release.environment, limit=2):
        if earlier.sequence < release.sequence and earlier.state is ReleaseState.ABORTED:
            why = earlier.failure.reason if earlier.failure else "abandoned"
            tell(f"attempt {earlier.release_id} is ABORTED: {why}")
            publish(earlier)


def _end_if_stale(request: AttemptRequest, release: Release) -> None:
    try:
        good = good_release(request.service, request.environment)
        refuse_stale(request, good)
    except Superseded as superseded:
        by = f" ({good.release_id})" if good else ""
        transition(release, ReleaseState.SUPERSEDED, reason=f"{superseded.message}{by}")
        raise
    except Refused as refusal:
        transition(release, ReleaseState.FAILED, reason=refusal.message)
        raise
