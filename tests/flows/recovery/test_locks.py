"""A lock is broken by its exact id, and only where its holder is proven gone."""

from datetime import timedelta
from typing import cast

import pytest

from blocks.delivery_environment import DeliveryEnvironment
from delightful.errors import Refused
from delightful.locks import StateLock
from flows.recovery.locks import break_lock, judged_locks
from tests.delightful.samples import START
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import OWNER, request_for


@pytest.fixture
def delivery(cloud: FakeCloud) -> DeliveryEnvironment:
    """Return an environment in which a run on another machine deploys, and holds the lock."""
    cloud.serve(1)
    cloud.ledger("api").open_attempt(request_for(2), OWNER, START)
    cloud.state_lock = StateLock(
        lock_id="1234",
        state="s3://states/services/sandbox/api/terraform.tfstate",
        operation="OperationTypeApply",
        who=f"root@{OWNER.host}",
        created=START + timedelta(minutes=1),
    )
    return cast(DeliveryEnvironment, cloud)


def dies(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody who holds an attempt be proven gone."""
    monkeypatch.setattr(type(cloud.ledger("api")), "is_dead", lambda self, owner: True)


def test_lock_of_somebody_who_may_live_stays(
    delivery: DeliveryEnvironment, cloud: FakeCloud
) -> None:
    """Who cannot be looked at counts as alive, and is named."""
    with pytest.raises(Refused, match=r"E_LOCKED lock 1234 of root@another: .* may live"):
        break_lock(delivery, "api", "1234")
    assert cloud.effects == []


def test_lock_of_the_dead_is_broken(
    delivery: DeliveryEnvironment, cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once its holder is gone the lock is broken, and its attempt is left for the next run."""
    dies(cloud, monkeypatch)
    judged = break_lock(delivery, "api", "1234")
    assert judged.release_id == "api-sandbox-000002"
    assert cloud.effects == ["break lock 1234"]
    assert judged_locks(delivery, "api") == ()
    assert cloud.ledger("api").head("api", "sandbox").in_progress == "api-sandbox-000002"


def test_another_lock_is_not_broken(
    delivery: DeliveryEnvironment, cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An id that is not the held one breaks nothing, and the held one is named."""
    dies(cloud, monkeypatch)
    with pytest.raises(Refused, match=r"E_NO_LOCK .*the one that is held is 1234"):
        break_lock(delivery, "api", "9999")
    assert cloud.effects == []


def test_lock_stays_while_terraform_works_on(
    delivery: DeliveryEnvironment, cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Terraform that outlived its run is still saving its state."""
    dies(cloud, monkeypatch)
    cloud.terraform_runs = True
    with pytest.raises(Refused, match="Terraform still runs"):
        break_lock(delivery, "api", "1234")
