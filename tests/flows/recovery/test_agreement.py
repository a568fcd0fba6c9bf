"""What was read of a service, held beside the ledger: nothing is changed by looking."""

from collections.abc import Callable

import pytest

from delightful.agreement import Standing, disagreements, is_in_order
from delightful.errors import ConfigError
from delightful.locks import StateLock
from flows.deploy import deploy
from flows.recovery.agreement import look_at_agreement
from tests.delightful.samples import START, commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.rollout import FakeRollout
from tests.flows.fakes.samples import BLUE, GREEN, OWNER, broken, request_for

pytestmark = pytest.mark.usefixtures("told_plainly")


def told() -> dict[str, Standing]:
    """Return what does not agree, by its subject."""
    found = look_at_agreement(service="api", environment="sandbox")
    return {one.subject: one.standing for one in disagreements(found)}


def test_a_service_that_was_deployed_agrees_in_every_subject(cloud: FakeCloud) -> None:
    """Every subject was looked at, and looking changes nothing."""
    cloud.serve(1)
    found = look_at_agreement(service="api", environment="sandbox")
    assert is_in_order(found)
    assert [one.subject for one in found] == [
        *("attempt", "ledger", "image", "task definition", "traffic", "rollout"),
        *("registry", "state", "lock", "unsaved state"),
    ]
    assert cloud.effects == []


def test_nothing_agrees_with_nothing(cloud: FakeCloud) -> None:
    """Before the first deploy there is nothing that could have drifted."""
    assert told() == {}


def test_what_was_put_back_after_a_failure_agrees(cloud: FakeCloud, source: str) -> None:
    """The good inputs are another revision then, and another serial; neither is drift."""
    cloud.serve(1)
    cloud.wrong.add(commit(2))
    with pytest.raises(Exception, match="E_DEPLOY"):
        deploy(
            service="api",
            environment="sandbox",
            commit=commit(2),
            source=source,
            history=[commit(2), commit(1)],
        )
    assert told() == {}


def _serves_another(cloud: FakeCloud) -> None:
    cloud.definitions["arn:task/api:9"] = {
        "image_tag": commit(9),
        "image_digest": f"sha256:{commit(9):0>64}",
    }
    cloud.primary = "arn:task/api:9"


def _moves_for_nobody(cloud: FakeCloud) -> None:
    cloud.rollouts["d-9"] = FakeRollout("api-sandbox-000001", None, "arn:task/api:1")


def _is_locked(cloud: FakeCloud) -> None:
    cloud.state_lock = StateLock(
        lock_id="1", state="s", operation="apply", who="ann@laptop", created=START
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_serves_another, {"image": "drifted", "task definition": "drifted"}),
        (lambda cloud: cloud.weights.update({BLUE: 0, GREEN: 100}), {"traffic": "drifted"}),
        (_moves_for_nobody, {"rollout": "drifted"}),
        (lambda cloud: cloud.images.clear(), {"registry": "drifted"}),
        (lambda cloud: setattr(cloud, "serial", 0), {"state": "drifted"}),
        (lambda cloud: setattr(cloud, "lineage", "another"), {"state": "drifted"}),
        (_is_locked, {"lock": "unknown"}),
        (lambda cloud: setattr(cloud, "has_unsaved_state", True), {"unsaved state": "drifted"}),
    ],
)
def test_names_what_somebody_changed(
    cloud: FakeCloud, change: Callable[[FakeCloud], object], expected: dict[str, str]
) -> None:
    """Each change is named by its own subject, and by no other."""
    cloud.serve(1)
    change(cloud)
    assert told() == expected


def test_names_an_attempt_whose_run_is_gone(cloud: FakeCloud) -> None:
    """An open attempt without an owner is what a dead run left."""
    cloud.serve(1)
    ledger = cloud.ledger("api")
    opened = ledger.open_attempt(request_for(2), OWNER, START)
    assert told() == {}
    ledger.let_go(opened)
    assert told() == {"attempt": Standing.DRIFTED}


def test_what_cannot_be_seen_is_unknown_and_hides_nothing_else(cloud: FakeCloud) -> None:
    """One look that fails is one finding; the others are still made."""
    cloud.serve(1)
    cloud.images.clear()
    cloud.failures["look at tasks"] = [broken("denied")]
    cloud.failures["read state"] = [ConfigError("E_AWS", "denied", hint="allow it")]
    assert told() == {"service": "unknown", "registry": "drifted", "state": "unknown"}


def test_names_a_good_release_that_the_ledger_lost(cloud: FakeCloud) -> None:
    """A head that names a release which is not there is said aloud."""
    good = cloud.serve(1)
    table = cloud.ledger("api")._memory
    for stream, item in list(table.items):
        if item.endswith("000001"):
            del table.items[stream, item]
    found = look_at_agreement(service="api", environment="sandbox")
    lost = [one for one in found if one.standing is Standing.DRIFTED]
    assert [one.subject for one in lost] == ["ledger"]
    assert good.release_id in lost[0].detail
