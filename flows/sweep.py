"""sweep: delete the task definition revisions that nobody can want back any more."""

from prefect import flow

from delightful.errors import Refused
from delightful.retention import Retention, Revision, retentions
from flows.effects import effect
from flows.environment import delivery_environment
from flows.persistence import RESULT_SERIALIZER
from flows.telling import tell


@flow(
    name="sweep",
    flow_run_name="sweep {service} → {environment}",
    persist_result=False,
    result_serializer=RESULT_SERIALIZER,
)
def sweep(service: str, environment: str, dry_run: bool = False) -> list[Retention]:
    """Delete the task definition revisions that nobody can want back, and say why the rest stays.

    Args:
        service: Name of the service, as in its manifest.
        environment: Name of the environment's block.
        dry_run: Say what would go, and delete nothing.

    Raises:
        Refused: E_IN_PROGRESS, an attempt is in progress.
    """
    refuse_open_attempt(service, environment)
    decided = decide(service, environment)
    for one in decided:
        tell(f"{one.revision.arn} {'stays' if one.stays else 'goes'}: {one.reason}")
    going = [one.revision for one in decided if not one.stays]
    if going and not dry_run:
        # Looked at again: an apply in the meantime could need what was to go.
        refuse_open_attempt(service, environment)
        delete_revisions(service, environment, going)
    return decided


@effect("refuse open attempt")
def refuse_open_attempt(service: str, environment: str) -> None:
    """Refuse while an attempt is in progress: nobody knows yet what it leaves."""
    head = delivery_environment(environment).ledger(service).head(service, environment)
    if head.in_progress is not None:
        raise Refused(
            "E_IN_PROGRESS",
            f"{service} in {environment} is being changed by {head.in_progress}",
            hint=f"wait for it, or end it: look with `delightful show {head.in_progress}`",
        )


@effect("decide on revisions")
def decide(service: str, environment: str) -> list[Retention]:
    """Return what becomes of each revision; nothing is changed."""
    delivery = delivery_environment(environment)
    definitions, ledger = delivery.task_definitions(service), delivery.ledger(service)
    attempts = ledger.head(service, environment).sequence
    releases = ledger.history(service, environment, limit=attempts)
    return list(retentions(definitions.revisions(), definitions.use(), releases))


@effect("delete revisions")
def delete_revisions(service: str, environment: str, revisions: list[Revision]) -> None:
    """Deregister and delete."""
    delivery_environment(environment).task_definitions(service).remove(revisions)
    tell(f"deleted {len(revisions)} task definition revisions of {service} in {environment}")
