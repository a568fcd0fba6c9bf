"""Which release a rollback goes back to, and whether it still can."""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterId

from blocks.images.registry import ImageRegistry
from delightful.difference import release_difference
from delightful.errors import ConfigError, Refused
from delightful.release import Image, Release
from delightful.render.difference import difference_lines
from delightful.rollback import rollback_target
from delightful.schema_safety import nearest_safe, refuse_one_way
from delightful.showing import differs
from flows.effects import effect
from flows.environment import delivery_environment
from flows.publishing import publish, shown_release
from flows.runs.telling import tell, warn

_HISTORY_LIMIT = 200
_NONE = "no other good release works: "


class Choice(NamedTuple):
    """The release to take back, and the one that is known good now."""

    target: Release
    good: Release | None


def find_target(
    service: str, environment: str, wanted: str, across_migrations: str | None = None
) -> Choice:
    """Return the release to take back, by artifact id, release id or "previous", and what is good.

    `across_migrations` is why it may be one whose code knew another schema.

    Raises:
        ConfigError: E_TARGET, it was never good or is good now; E_ARTIFACT, no such artifact.
        Refused: E_IMAGE_MISSING, its image is gone, so that nothing could run; E_MIGRATION, the
            data was migrated since in a way that cannot be taken back.
    """
    artifact_id = as_artifact_id(wanted)
    release_id = release_of_artifact(service, environment, artifact_id) if artifact_id else wanted
    return choose_target(service, environment, release_id, across_migrations)


def tell_difference(good: Release | None, target: Release) -> None:
    """Say in what the target differs from what is good now."""
    if good is not None and good.release_id != target.release_id:
        for line in difference_lines(release_difference(good, target)):
            tell(f"back: {line}")


def as_artifact_id(text: str) -> UUID | None:
    """Return a Prefect artifact's id where the text is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


@effect("read artifact")
def release_of_artifact(service: str, environment: str, artifact_id: UUID) -> str:
    """Return the release that an artifact shows, checked against the ledger, which wins."""
    with get_client(sync_client=True) as client:
        by_id = ArtifactFilter(id=ArtifactFilterId(any_=[artifact_id]))
        found = client.read_artifacts(artifact_filter=by_id)
    shown = shown_release(found[0]) if found else None
    if shown is None or (shown.service, shown.environment) != (service, environment):
        raise ConfigError(
            "E_ARTIFACT",
            f"artifact {artifact_id} shows no release of {service} in {environment}",
            hint=f"name a release: `delightful releases --service {service}` lists them",
        )
    stored = delivery_environment(environment).ledger(service).get(shown.release_id)
    if differs(shown, stored):
        warn(f"artifact {artifact_id} is not what the ledger has of {stored.release_id}: ignored")
        publish(stored)
    return stored.release_id


@effect("choose target")
def choose_target(
    service: str, environment: str, wanted: str, across_migrations: str | None
) -> Choice:
    """Choose among the releases that were good, as ledger and registry have them at one moment.

    While an attempt is open, the good release itself is what there is to go back to. One look and
    not several: each would keep a rollback waiting before it acts.
    """
    delivery = delivery_environment(environment)
    ledger, is_kept = delivery.ledger(service), kept_by(delivery.registry(service))
    head = ledger.head(service, environment)
    history = ledger.history(service, environment, _HISTORY_LIMIT)
    serving = None if head.in_progress else head.good
    target = rollback_target(history, serving, wanted)
    refuse_missing_image(history, target, serving, is_kept)
    refuse_migrated(history, target, serving, is_kept, across_migrations)
    return Choice(target, ledger.get(head.good) if head.good else None)


def refuse_migrated(
    history: Sequence[Release],
    target: Release,
    serving: str | None,
    is_kept: Callable[[Release], bool],
    across_migrations: str | None,
) -> None:
    """Refuse a target whose code knew a schema that is gone, but where somebody says why not."""
    try:
        unjudged = refuse_one_way(history, target, serving, is_kept)
    except Refused as refusal:
        if across_migrations is None:
            raise
        warn(f"{refusal.message}: allowed, since {across_migrations}")
        return
    for one in unjudged:
        warn(f"{one.release_id} has migrations that nobody could judge: {', '.join(one.paths)}")


def refuse_missing_image(
    history: Sequence[Release],
    target: Release,
    serving: str | None,
    is_kept: Callable[[Release], bool],
) -> None:
    """Refuse a target that could not run, before anything moves; names the newest that could."""
    if is_kept(target):
        return
    working = nearest_safe(history, serving, is_kept)
    back = f"go back to {working.release_id}, the newest that works, or " if working else _NONE
    raise Refused(
        "E_IMAGE_MISSING",
        f"release {target.release_id}: the registry does not have its image "
        f"{target.image.digest if target.image else 'unknown'} under {target.commit[:12]}",
        hint=f"{back}deploy commit {target.commit[:12]} again",
    )


def kept_by(registry: ImageRegistry) -> Callable[[Release], bool]:
    """Return what says of a release whether it could run: applied once, its image still there."""

    def is_kept(release: Release) -> bool:
        found = registry.find(release.commit)
        return release.stack is not None and is_same_image(release.image, found)

    return is_kept


def is_same_image(wanted: Image | None, found: Image | None) -> bool:
    """Say whether what lies under the tag is the image that ran."""
    return wanted is not None and found is not None and wanted.digest == found.digest
