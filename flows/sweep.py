"""sweep: delete the task definition revisions and images that nobody can want back any more."""

from datetime import UTC, datetime

from prefect import flow

from delightful.errors import Refused
from delightful.frozen import Frozen
from delightful.image_retention import (
    ImageRetention,
    Ledger,
    StoredImage,
    image_retentions,
    refuse_gaps,
)
from delightful.retention import Retention, Revision, retentions
from flows.effects import effect
from flows.environment import delivery_environment
from flows.runs.persistence import RESULT_SERIALIZER
from flows.runs.telling import tell

_ALL_ATTEMPTS = 1_000_000


class Swept(Frozen):
    """What became of every revision, and of every image where those were asked for."""

    revisions: tuple[Retention, ...]
    images: tuple[ImageRetention, ...] = ()


@flow(
    name="sweep",
    flow_run_name="sweep {service} → {environment}",
    persist_result=False,
    result_serializer=RESULT_SERIALIZER,
)
def sweep(service: str, environment: str, dry_run: bool = False, images: bool = False) -> Swept:
    """Delete what nobody can want back, and say why the rest stays.

    Args:
        service: Name of the service, as in its manifest.
        environment: Name of the environment's block.
        dry_run: Say what would go, and delete nothing.
        images: Look through the service's images too, which all environments share; whoever runs it
            must be allowed to read the whole ledger and to delete in the repository.

    Raises:
        Refused: E_IN_PROGRESS, an attempt is in progress; E_LEDGER_GAP, an attempt is missing from
            the ledger, so that nobody knows what it needs.
    """
    refuse_open_attempt(service, environment)
    revisions = decide(service, environment)
    for one in revisions:
        tell(f"{one.revision.arn} {'stays' if one.stays else 'goes'}: {one.reason}")
    stored = decide_on_images(service, environment) if images else []
    for image in stored:
        tell(f"{image.image.digest} {'stays' if image.stays else 'goes'}: {image.reason}")
    if not dry_run:
        delete_decided(service, environment, revisions, stored)
    return Swept(revisions=tuple(revisions), images=tuple(stored))


def delete_decided(
    service: str, environment: str, revisions: list[Retention], images: list[ImageRetention]
) -> None:
    """Delete what goes; before, look again at what could need it by now."""
    going = [one.revision for one in revisions if not one.stays]
    if going:
        # Looked at again: an apply in the meantime could need what was to go.
        refuse_open_attempt(service, environment)
        delete_revisions(service, environment, going)
    gone = {one.image.digest for one in images if not one.stays}
    if gone:
        again = decide_on_images(service, environment)
        agreed = [one.image for one in again if not one.stays and one.image.digest in gone]
        delete_images(service, environment, agreed)


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


@effect("decide on images")
def decide_on_images(service: str, environment: str) -> list[ImageRetention]:
    """Return what becomes of each image, by what all environments hold; nothing is changed."""
    delivery = delivery_environment(environment)
    # First the images: one that is pushed from here on is none that could go.
    images = delivery.registry(service).images()
    ledger = delivery.ledger(service)
    ledgers = [
        Ledger(
            head=ledger.head(service, name),
            releases=ledger.history(service, name, limit=_ALL_ATTEMPTS),
        )
        for name in ledger.environments(service)
    ]
    refuse_gaps(ledgers)
    return list(image_retentions(images, ledgers, datetime.now(UTC)))


@effect("delete revisions")
def delete_revisions(service: str, environment: str, revisions: list[Revision]) -> None:
    """Deregister and delete."""
    delivery_environment(environment).task_definitions(service).remove(revisions)
    tell(f"deleted {len(revisions)} task definition revisions of {service} in {environment}")


@effect("delete images")
def delete_images(service: str, environment: str, images: list[StoredImage]) -> None:
    """Delete from the registry, under all tags."""
    delivery_environment(environment).registry(service).remove(images)
    tell(f"deleted {len(images)} images of {service}")
