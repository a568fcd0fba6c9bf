"""What Prefect shows of a service's releases, shown again where it lost them."""

from prefect.settings import PREFECT_API_URL

from delightful.recovery import Remedy, Step
from delightful.release import Release
from delightful.showing import unshown
from flows.effects import effect
from flows.environment import delivery_environment
from flows.publishing import artifacts_of, prefect_is_optional, publish, shown_release

_SHOWN_AT_LEAST = 50


def republish(service: str, environment: str, *, dry_run: bool) -> list[Step]:
    """Show the releases again that no artifact shows as the ledger has them, oldest first.

    The newest comes last, so that the key's latest artifact is the latest release.
    """
    lost = lost_releases(service, environment)
    for release in () if dry_run else lost:
        publish(release)
    return [
        Step(
            remedy=Remedy.SHOW_RELEASE,
            subject=one.release_id,
            detail=f"no artifact of Prefect's shows it {one.state}",
        )
        for one in lost
    ]


@effect("find lost artifacts")
def lost_releases(service: str, environment: str) -> list[Release]:
    """Return the releases to show again; none where Prefect cannot be asked."""
    if not PREFECT_API_URL.value():
        return []
    ledger = delivery_environment(environment).ledger(service)
    history = ledger.history(service, environment, _SHOWN_AT_LEAST)
    with prefect_is_optional("release artifacts"):
        shown = [shown_release(one) for one in artifacts_of(service, environment)]
        return unshown(history, [one for one in shown if one is not None])
    return []
