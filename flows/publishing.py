"""Every transition of a release: the ledger first, then what people look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.assets import add_asset_metadata, materialize
from prefect.cache_policies import NO_CACHE
from prefect.settings import PREFECT_API_REQUEST_TIMEOUT, PREFECT_CLIENT_MAX_RETRIES
from prefect.settings import temporary_settings

from delightful.names import artifact_key
from delightful.release import Release, ReleaseState
from delightful.render import release_line, release_markdown
from flows.environment import delivery_environment
from flows.telling import tell, warn

_PLACEHOLDER_ASSET = "delightful://release"


def transition(release: Release, state: ReleaseState, **parts: Any) -> Release:
    """Take a release to its next state: in the ledger, then as artifact and asset.

    Once the ledger has it, nothing that Prefect does or fails to do changes the outcome.
    """
    moved = release.moved_to(state, datetime.now(UTC), **parts)
    record_release(moved)
    publish(moved)
    return moved


def amend(release: Release, **parts: Any) -> Release:
    """Add to a release what was learned without a change of state, in the ledger too."""
    amended = release.with_parts(**parts)
    record_release(amended)
    return amended


@task(name="record release", cache_policy=NO_CACHE, persist_result=False)
def record_release(release: Release) -> None:
    """Write the release to the ledger; the ledger refuses it where another attempt went on."""
    delivery_environment(release.environment).ledger().record(release)
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
    _PLACEHOLDER_ASSET, name="publish release", cache_policy=NO_CACHE, persist_result=False
)
def _publish(release: Release, asset: str) -> None:
    with prefect_is_optional("release artifact"):
        create_markdown_artifact(
            release_markdown(release),
            key=artifact_key(release.service, release.environment),
            description=release_line(release),
        )
        add_asset_metadata(asset, asset_metadata(release))


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
    bounds = {PREFECT_API_REQUEST_TIMEOUT: 5.0, PREFECT_CLIENT_MAX_RETRIES: 1}
    try:
        with temporary_settings(bounds):
            yield
    except Exception as error:
        # Whatever the client raises, the ledger already has the truth.
        warn(f"{what} not published, the ledger has it: {type(error).__name__}: {error}")
