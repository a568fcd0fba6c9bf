"""The smoke test: what a release is asked, and one bounded way of asking."""

from blocks.delivery_environment import DeliveryEnvironment
from delightful.live import SmokeResponse
from delightful.manifest import SmokeTest
from delightful.release import Release
from delightful.verdict import smoke_verdict
from flows.runs.waiting import Pace, wait_until

_ASKED_AT_MOST = 3


def expected_smoke(release: Release) -> SmokeTest:
    """Return what the manifest of the release's own commit asks, else its health check's path."""
    if release.manifest is not None and release.manifest.smoke_test is not None:
        return release.manifest.smoke_test
    health_check = release.stack.variables.get("health_check") if release.stack else None
    path = health_check.get("path") if isinstance(health_check, dict) else None
    return SmokeTest(path=path) if isinstance(path, str) else SmokeTest()


def smoke(
    delivery: DeliveryEnvironment, url: str, release: Release, expected: SmokeTest
) -> SmokeResponse:
    """Ask until the answer is right, a few times at most; returns the last answer."""
    probe = delivery.probe()
    response, _ = wait_until(
        lambda: probe.request(url, expected),
        lambda answer: smoke_verdict(release, answer, expected).is_good,
        pace=Pace(delivery.poll_seconds),
        timeout_seconds=(_ASKED_AT_MOST - 1) * delivery.poll_seconds,
    )
    return response
