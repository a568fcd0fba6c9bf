"""The story of a pre-flight: every point looked at, nothing moved, nothing made up."""

import pytest

from delightful.release import Check
from flows.build import build
from flows.verify import ALWAYS, ONCE_IT_SERVES, verify
from tests.delightful.samples import START, commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import OWNER, broken, request_for

pytestmark = pytest.mark.usefixtures("told_plainly")


def verified(source: str, number: int) -> dict[str, Check]:
    """Verify the commit of a number; return the points by name."""
    found = verify(service="api", environment="sandbox", commit=commit(number), source=source)
    return {check.name: check for check in found}


def test_looks_at_every_point_of_a_service_that_serves(cloud: FakeCloud, source: str) -> None:
    """Where all is well each point says so, and only what cannot be known yet stays open."""
    cloud.serve(1)
    found = verified(source, 2)
    assert list(found) == [*ALWAYS, *ONCE_IT_SERVES]
    open_points = {name for name, check in found.items() if check.ok is not True}
    assert open_points == {"image", "attestation"}
    assert cloud.effects == []


def test_leaves_out_what_the_first_deploy_makes(cloud: FakeCloud, source: str) -> None:
    """A service that never served has no stack to look at, and is not failed for it."""
    assert list(verified(source, 1)) == list(ALWAYS)


def test_names_what_stands_in_the_way(cloud: FakeCloud, source: str) -> None:
    """A firing alarm, an open attempt and a lost image are three broken points, each its own."""
    cloud.serve(1)
    cloud.alarms = ("api-errors",)
    cloud.ledger("api").open_attempt(request_for(2), OWNER, START)
    del cloud.images[commit(1)]
    found = verified(source, 2)
    assert {name for name, check in found.items() if check.ok is False} == {
        "alarms",
        "locks",
        "way back",
    }


def test_what_cannot_be_reached_is_neither_held_nor_broken(cloud: FakeCloud, source: str) -> None:
    """A call that is refused leaves its point open and says why; the others are looked at."""
    cloud.serve(1)
    cloud.failures["look at roles"] = [broken("not authorized")]
    found = verified(source, 2)
    assert found["roles"].ok is None
    assert "not authorized" in found["roles"].detail
    assert found["log group"].ok is True


def test_an_image_that_nothing_vouches_for_is_told_before_the_deploy(
    cloud: FakeCloud, source: str
) -> None:
    """Where a scan is asked for it is a broken point; with its documents it holds."""
    cloud.serve(1)
    assert verified(source, 1)["attestation"].ok is None
    cloud.asks_for_scan = True
    assert verified(source, 1)["attestation"].ok is False
    cloud.images.clear()
    build.fn(service="api", environment="sandbox", commit=commit(1), source=source)
    assert verified(source, 1)["attestation"].ok is True
    cloud.role = "web-build"
    assert verified(source, 1)["attestation"].ok is False
