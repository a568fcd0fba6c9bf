"""Every transition of a release: the ledger first, then what people look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from prefect.artifacts import create_markdown_artifact
from prefect.assets import add_asset_metadata, materialize
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import Artifact
from prefect.client.schemas.sorting import ArtifactSort
from prefect.settings import PREFECT_API_REQUEST_TIMEOUT, PREFECT_CLIENT_MAX_RETRIES

from delightful.errors import ConfigError, DelightfulError
from delightful.names import artifact_key
from delightful.release import Image, Release, ReleaseState
from delightful.render import (
    image_markdown,
    read_release_artifact,
    release_line,
    release_markdown,
)
from flows.effects import effect, killable
from flows.environment import delivery_environment
from flows.messages.announcing import announce
from flows.runs.prefect_settings import SettingsFor
from flows.runs.telling import tell, warn

_bounded = SettingsFor({PREFECT_API_REQUEST_TIMEOUT: 15.0, PREFECT_CLIENT_MAX_RETRIES: 1})
_PLACEHOLDER_ASSET = "delightful://release"


def transition(release: Release, state: ReleaseState, **parts: Any) -> Release:
    """Take a release to its next state: in the ledger, then as artifact and asset, then aloud.

    Once the ledger has it, nothing that Prefect, GitHub or Slack does or fails to do changes the
    outcome.
    """
    moved = release.moved_to(state, datetime.now(UTC), **parts)
    record_release(moved)
    publish(moved)
    announce(moved)
    return moved


def amend(release: Release, **parts: Any) -> Release:
    """Add to a release what was learned without a change of state, in the ledger too."""
    amended = release.with_parts(**parts)
    record_release(amended)
    return amended


@effect("record release", run_name="record {release.state}")
def record_release(release: Release) -> None:
    """Write the release to the ledger; the ledger refuses it where another attempt went on."""
    delivery_environment(release.environment).ledger(release.service).record(release)
    tell(release_line(release))


def publish(release: Release) -> None:
    """Show the release as it stands in the Prefect UI: artifact for people, asset for lineage."""
    asset = release_asset(release)
    published = _publish.with_options(
        assets=[asset], asset_deps=[image_asset(release.service)] if release.image else None
    )
    with prefect_is_optional("release artifact"):
        published(release, asset)


@materialize(
    _PLACEHOLDER_ASSET,
    name="publish release",
    task_run_name="publish {release.state}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
@killable("publish release")
def _publish(release: Release, asset: str) -> None:
    with prefect_is_optional("release artifact"):
        create_markdown_artifact(
            release_markdown(release),
            key=artifact_key(release.service, release.environment),
            description=release_line(release),
        )
        add_asset_metadata(asset, asset_metadata(release))


@effect("publish image")
def publish_image(service: str, image: Image) -> None:
    """Show an image that was pushed."""
    with prefect_is_optional("image artifact"):
        create_markdown_artifact(
            image_markdown(service, image),
            key=f"image-{service}",
            description=f"{service} @ {image.tag[:12]} is {image.digest[:19]}",
        )


def find_artifact(release: Release) -> str:
    """Return the id of the newest artifact that shows a release in the state it is in.

    Raises:
        ConfigError: E_ARTIFACT, Prefect has none; the release's own id works as well.
    """
    for artifact in artifacts_of(release.service, release.environment):
        shown = shown_release(artifact)
        if shown and (shown.release_id, shown.state) == (release.release_id, release.state):
            return str(artifact.id)
    raise ConfigError(
        "E_ARTIFACT",
        f"no artifact shows {release.release_id}",
        hint=f"name the release itself: {release.release_id}",
    )


def artifacts_of(service: str, environment: str) -> list[Artifact]:
    """Return the release artifacts of a service and environment, newest first."""
    with get_client(sync_client=True) as client:
        return client.read_artifacts(
            artifact_filter=ArtifactFilter(
                key=ArtifactFilterKey(any_=[artifact_key(service, environment)])
            ),
            sort=ArtifactSort.CREATED_DESC,
            limit=200,
        )


def shown_release(artifact: Artifact) -> Release | None:
    """Return the release in an artifact, or None where somebody changed it beyond reading."""
    try:
        return read_release_artifact(str(artifact.data))
    except DelightfulError:
        return None


def asset_metadata(release: Release) -> dict[str, Any]:
    """Return what the materialization event says of a release: enough to find the record."""
    return {
        "release_id": release.release_id,
        "state": release.state.value,
        "kind": release.kind.value,
        "commit": release.commit,
        "image_digest": release.image.digest if release.image else None,
        "state_serial": release.stack.state_serial if release.stack else None,
    }


def release_asset(release: Release) -> str:
    """Return the asset key of what serves in one environment."""
    return f"delightful://{release.environment}/{release.service}/release"


def image_asset(service: str) -> str:
    """Return the asset key of a service's image, the same for all environments."""
    return f"delightful://{service}/image"


@contextmanager
def prefect_is_optional(what: str) -> Iterator[None]:
    """Let a view of the ledger fail without failing the release; bounded, and said aloud."""
    try:
        with _bounded():
            yield
    except Exception as error:
        # Whatever the client raises, the ledger already has the truth.
        warn(f"{what} not published, the ledger has it: {type(error).__name__}: {error}")
