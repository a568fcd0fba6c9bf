"""Whether ledger, ECS, CodeDeploy, ECR, Terraform's state and Prefect agree; everything is read."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from prefect.settings import PREFECT_API_URL

from blocks.delivery_environment import DeliveryEnvironment
from blocks.ledger.release_ledger import ReleaseLedger
from delightful import agreement as judge
from delightful.agreement import Finding
from delightful.errors import ConfigError, DelightfulError
from delightful.live import LiveService
from delightful.release import Head, Release, StackOutputs
from flows.effects import effect
from flows.environment import delivery_environment
from flows.publishing import artifacts_of, shown_release
from flows.recovery.locks import judged_locks
from flows.runs.prefect_answers import answered

_ATTEMPTS = 50


class SeenService(NamedTuple):
    """What the ledger says of a service, what runs, and what was found of each subject."""

    head: Head
    good: Release | None
    live: LiveService | None
    findings: tuple[Finding, ...]


class _Known(NamedTuple):
    """What everything else is held beside."""

    delivery: DeliveryEnvironment
    service: str
    head: Head
    good: Release | None
    attempt: Release | None


@effect("look at agreement")
def look_at_agreement(service: str, environment: str) -> tuple[Finding, ...]:
    """Return what was found of each subject; no lock is held and nothing is changed."""
    return look_at(delivery_environment(environment), service).findings


def look_at(delivery: DeliveryEnvironment, service: str) -> SeenService:
    """Look at a service, outside of a flow run as well; a look that fails is a finding."""
    ledger = delivery.ledger(service)
    head = ledger.head(service, delivery.environment)
    good, attempt = kept_release(ledger, head.good), kept_release(ledger, head.in_progress)
    known = _Known(delivery, service, head, good, attempt)
    live, running = _running(known)
    findings = (_attempt(known), *running, *_stored(known), *_shown(known))
    return SeenService(head, good, live, findings)


def kept_release(ledger: ReleaseLedger, release_id: str | None) -> Release | None:
    """Return a release that the head names, or None where it names none or the ledger lost it."""
    try:
        return ledger.get(release_id) if release_id else None
    except ConfigError as error:
        if error.code != "E_RELEASE":
            raise
        return None


def _attempt(known: _Known) -> Finding:
    return _looked("attempt", lambda: judge.attempt_finding(known.attempt, is_gone=_is_gone(known)))


def _running(known: _Known) -> tuple[LiveService | None, Sequence[Finding]]:
    good, stack = known.good, known.good.stack if known.good else None
    if good is None or stack is None:
        return None, [_looked("ledger", lambda: _ledger(known, is_there=_is_there(known)))]
    try:
        live = known.delivery.ecs_service(known.service).observe(stack.outputs)
    except DelightfulError as error:
        if error.code == "E_SERVICE_MISSING":
            return None, [_ledger(known, is_there=False)]
        return None, [_ledger(known, is_there=True), judge.unseen("service", error)]
    seen = _live(known, good, stack.outputs, live)
    return live, [_ledger(known, is_there=True), *seen]


def _ledger(known: _Known, *, is_there: bool) -> Finding:
    return judge.ledger_finding(known.head, known.good, known.attempt, is_there=is_there)


def _live(
    known: _Known, good: Release, outputs: StackOutputs, live: LiveService
) -> Iterator[Finding]:
    attempt = known.attempt
    yield judge.image_finding(good, attempt, live)
    yield _looked(
        "task definition",
        lambda: judge.task_definition_finding(
            good, attempt, live, has_good_content=_has_content(known, live, outputs)
        ),
    )
    yield judge.traffic_finding(attempt, live)
    yield _looked(
        "rollout",
        lambda: judge.rollout_finding(good, attempt, live, _made_for(known, live, outputs)),
    )


def _stored(known: _Known) -> Iterator[Finding]:
    good = known.good
    if good is not None:
        registry = known.delivery.registry(known.service)
        yield _looked("registry", lambda: judge.registry_finding(good, registry.find(good.commit)))
    yield _looked("state", lambda: _state(known))
    stack = known.delivery.stack("service", known.service, read_only=True)
    yield _looked("lock", lambda: judge.lock_finding(judged_locks(known.delivery, known.service)))
    yield judge.unsaved_state_finding(is_there=stack.has_unsaved_state())


def _shown(known: _Known) -> Iterator[Finding]:
    """Judge Prefect's view, where a server is named: without one nothing was shown anywhere."""
    good = known.good
    if good is not None and PREFECT_API_URL.value():
        yield _looked("artifact", lambda: judge.artifact_finding(good, _artifact(good)))


def _looked(subject: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except DelightfulError as error:
        return judge.unseen(subject, error)


def _is_gone(known: _Known) -> bool:
    attempt = known.attempt
    if attempt is None:
        return False
    ledger = known.delivery.ledger(known.service)
    return attempt.owner is None or ledger.is_dead(attempt.owner)


def _is_there(known: _Known) -> bool:
    return known.delivery.task_definitions(known.service).use().is_there


def _has_content(known: _Known, live: LiveService, outputs: StackOutputs) -> bool:
    seen, wanted = live.primary_task_definition_arn, outputs.task_definition_arn
    if seen is None or seen == wanted:
        return seen == wanted
    ecs = known.delivery.ecs_service(known.service)
    return ecs.content_sha256(seen) == ecs.content_sha256(wanted)


def _made_for(known: _Known, live: LiveService, outputs: StackOutputs) -> str | None:
    active = live.active_deployment_id
    if active is None:
        return None
    return known.delivery.rollout_engine(known.service, outputs).made_for(active)


def _state(known: _Known) -> Finding:
    ledger = known.delivery.ledger(known.service)
    history = ledger.history(known.service, known.delivery.environment, _ATTEMPTS)
    newest = next((one.stack for one in history if one.stack is not None), None)
    try:
        state = known.delivery.stack("service", known.service, read_only=True).outputs()
    except DelightfulError as error:
        return judge.refused_state_finding(newest, error)
    return judge.state_finding(newest, state.lineage, state.serial)


def _artifact(good: Release) -> Release | None:
    with answered("read release artifacts"):
        shown = [shown_release(one) for one in artifacts_of(good.service, good.environment)]
    named = (one for one in shown if one is not None and one.release_id == good.release_id)
    return next((one for one in named if one.state is good.state), None)
