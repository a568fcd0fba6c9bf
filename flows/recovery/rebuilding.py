"""A ledger that lost its head or attempts: rebuilt from what Prefect shows and the registry has."""

from collections.abc import Mapping

from prefect.settings import PREFECT_API_URL

from delightful.names import release_id
from delightful.rebuilding import lost_sequences, mended_head, rebuilt_release
from delightful.recovery import Remedy, Step
from delightful.release import Release
from flows.effects import effect
from flows.environment import delivery_environment
from flows.publishing import artifacts_of, prefect_is_optional, shown_release
from flows.runs.telling import warn

_ATTEMPTS = 200


@effect("rebuild ledger")
def rebuild_ledger(service: str, environment: str, *, dry_run: bool = False) -> list[Step]:
    """Rebuild the attempts that the ledger lacks, then its head; nothing that is there is changed.

    An attempt is rebuilt from the artifact that shows how it ended, where the registry still has
    its image, and ECS its task definition: its variables' values are not shown. The artifact itself
    proves nothing: what was rebuilt is marked as adopted.
    """
    ledger = delivery_environment(environment).ledger(service)
    head = ledger.head(service, environment)
    kept = list(ledger.history(service, environment, _ATTEMPTS))
    rebuilt = _rebuilt(service, environment, kept)
    history = sorted([*kept, *rebuilt], key=lambda one: one.sequence, reverse=True)
    after = mended_head(head, history)
    if not dry_run:
        for release in rebuilt:
            ledger.rebuild(release)
        if after != head:
            ledger.mend_head(head, after)
    steps = [
        Step(remedy=Remedy.REBUILD_RELEASE, subject=one.release_id, detail=str(one.reason))
        for one in rebuilt
    ]
    if after != head:
        named = f"good {after.good}, in progress {after.in_progress}, attempt {after.sequence}"
        subject = f"{service} in {environment}"
        steps.append(Step(remedy=Remedy.REBUILD_HEAD, subject=subject, detail=named))
    return steps


def _rebuilt(service: str, environment: str, kept: list[Release]) -> list[Release]:
    delivery = delivery_environment(environment)
    head = delivery.ledger(service).head(service, environment)
    first = kept[-1].sequence if len(kept) == _ATTEMPTS else 1
    if kept and not lost_sequences(head, kept, (), first):
        return []
    shown = _shown(service, environment)
    found = []
    for sequence in lost_sequences(head, kept, shown, first):
        name = release_id(service, environment, sequence)
        record = next((one for one in shown if one.release_id == name), None)
        image = delivery.registry(service).find(record.commit) if record else None
        release = rebuilt_release(record, image, _environment_of(record)) if record else None
        if release is None:
            warn(
                f"{name} is lost: no artifact shows how it ended, with an image and a task"
                " definition that are there"
            )
        else:
            found.append(release)
    return found


def _environment_of(shown: Release) -> Mapping[str, str]:
    """Return the variables of the release's tasks; none where its task definition is gone."""
    if shown.stack is None:
        return {}
    ecs = delivery_environment(shown.environment).ecs_service(shown.service)
    outputs = shown.stack.outputs
    return ecs.environment_of(outputs.task_definition_arn, outputs.container_name)


def _shown(service: str, environment: str) -> list[Release]:
    if not PREFECT_API_URL.value():
        return []
    with prefect_is_optional("release artifacts"):
        found = [shown_release(one) for one in artifacts_of(service, environment)]
        return [one for one in found if one is not None and one.is_terminal]
    return []
