"""The story of a drill: back, forward again, and everything as it was."""

import pytest

from delightful.drill import BACK, FORWARD, Drill
from delightful.errors import ConfigError, Refused, RollbackFailed
from delightful.release import AttemptKind, Head, ReleaseState, SchemaChange
from flows import drill as drills
from flows.attempts.attempt import rollback_request
from flows.drill import drill
from tests.delightful.samples import START, commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import OWNER, request_for
from tests.flows.test_deploy import deployed

pytestmark = pytest.mark.usefixtures("told_plainly")


@pytest.fixture(autouse=True)
def artifacts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the drill's artifacts as they are written."""
    written: list[str] = []
    monkeypatch.setattr(
        drills, "create_markdown_artifact", lambda text, **named: written.append(text)
    )
    return written


def drilled() -> Drill:
    """Drill the service of these tests."""
    return drill(service="api", environment="sandbox")


def head_of(cloud: FakeCloud) -> Head:
    """Return what the ledger says of the service."""
    return cloud.ledger("api").head("api", "sandbox")


def test_goes_back_and_forward_and_leaves_all_as_it_was(
    cloud: FakeCloud, source: str, artifacts: list[str]
) -> None:
    """Both ways are real rollbacks; what was good is good again, and a deploy is let through."""
    first, second = cloud.serve(1), cloud.serve(2)
    found = drilled()
    assert found.back is not None
    assert (found.back.restores, found.forward.restores) == (first.release_id, second.release_id)
    assert 0 <= found.back.live_seconds <= found.back.good_seconds
    head = head_of(cloud)
    good = cloud.ledger("api").get(str(head.good))
    assert (good.commit, head.in_progress, head.frozen_reason) == (second.commit, None, None)
    assert cloud.serving_commit() == commit(2)
    assert second.stack is not None
    assert cloud.applied == second.stack.variables
    (card,) = artifacts
    assert f"{found.back.live_seconds:.1f} s" in card
    assert found.forward.release_id in card.replace("\\", "")
    assert deployed(source, 3).state is ReleaseState.GOOD


def test_drills_again_and_again_between_the_same_two(cloud: FakeCloud) -> None:
    """No drill takes a drill's own release for the way back or for what to return to."""
    cloud.serve(1)
    cloud.serve(2)
    for _ in range(3):
        found = drilled()
        assert found.back is not None
        assert found.back.restores == "api-sandbox-000001"
        assert found.forward.restores == "api-sandbox-000002"


def test_leaves_a_freeze_that_was_there(cloud: FakeCloud) -> None:
    """What a person froze stays frozen by that person, and for that reason."""
    cloud.serve(1)
    cloud.serve(2)
    cloud.ledger("api").freeze("api", "sandbox", "audit", "ann")
    before = head_of(cloud)
    drilled()
    after = head_of(cloud)
    assert (after.frozen_by, after.frozen_reason) == (before.frozen_by, before.frozen_reason)


@pytest.mark.parametrize("environment", ["production", "careful"])
def test_refuses_production_unless_asked(cloud: FakeCloud, environment: str) -> None:
    """By its name, or since its plans wait for a person."""
    cloud.serve(1)
    cloud.serve(2)
    cloud.asks_for_approval = environment == "careful"
    name = "production" if environment == "production" else "sandbox"
    with pytest.raises(Refused) as refused:
        drill(service="api", environment=name)
    assert refused.value.code == "E_PRODUCTION"
    assert cloud.effects == []


def test_does_it_in_production_where_somebody_asks(cloud: FakeCloud) -> None:
    """Whoever wants to know there can."""
    cloud.serve(1)
    cloud.serve(2)
    cloud.asks_for_approval = True
    assert drill(service="api", environment="sandbox", in_production=True).back is not None


def test_refuses_while_somebody_is_at_work(cloud: FakeCloud) -> None:
    """A rollback would stop a deploy; a drill never does."""
    cloud.serve(1)
    cloud.serve(2)
    cloud.ledger("api").open_attempt(request_for(3), OWNER, START)
    with pytest.raises(Refused, match="E_IN_PROGRESS"):
        drilled()
    assert cloud.effects == []
    assert head_of(cloud).in_progress == "api-sandbox-000003"


def test_refuses_where_there_is_no_way_back(cloud: FakeCloud) -> None:
    """Neither the first release nor a schema that is gone can be rehearsed with; nothing moves."""
    with pytest.raises(ConfigError, match="E_TARGET"):
        drilled()
    cloud.serve(1)
    with pytest.raises(ConfigError, match="E_TARGET"):
        drilled()
    cloud.serve(2, SchemaChange(tool="alembic", judgement="irreversible"))
    with pytest.raises(Refused, match="E_MIGRATION"):
        drilled()
    assert cloud.effects == []
    assert head_of(cloud).frozen_reason is None


def test_way_back_that_fails_is_the_finding(cloud: FakeCloud, artifacts: list[str]) -> None:
    """It is told as loudly as any rollback that fails, and what was good serves."""
    cloud.serve(1)
    second = cloud.serve(2)
    cloud.wrong.add(commit(1))
    with pytest.raises(RollbackFailed):
        drilled()
    head = head_of(cloud)
    assert (head.good, head.in_progress, head.frozen_reason) == (second.release_id, None, None)
    assert cloud.serving_commit() == commit(2)
    assert artifacts == []


def test_way_forward_that_fails_leaves_deploys_frozen(cloud: FakeCloud) -> None:
    """Nothing but a person goes on from there; the next drill tries to come forward first."""
    cloud.serve(1)
    cloud.serve(2)
    cloud.between["create rollout"] = lambda: cloud.wrong.add(commit(2))
    with pytest.raises(RollbackFailed):
        drilled()
    assert cloud.serving_commit() == commit(1)
    assert head_of(cloud).frozen_reason is not None
    cloud.wrong.clear()
    found = drilled()
    assert found.back is None
    assert cloud.serving_commit() == commit(2)
    assert head_of(cloud).frozen_reason is None


@pytest.mark.parametrize("reason", [BACK, FORWARD])
def test_goes_on_with_a_drill_whose_run_died(cloud: FakeCloud, reason: str) -> None:
    """In either half: what it left open is resumed, and everything is as it was in the end."""
    first, second = cloud.serve(1), cloud.serve(2)
    ledger = cloud.ledger("api")
    if reason == FORWARD:
        cloud.between["create rollout"] = lambda: cloud.wrong.add(commit(2))
        with pytest.raises(RollbackFailed):
            drilled()
        cloud.wrong.clear()
    left = ledger.open_attempt(
        rollback_request(first if reason == BACK else second, reason), OWNER, START
    )
    ledger.let_go(left)
    found = drilled()
    halves = {one.release_id for one in (found.back, found.forward) if one}
    assert left.release_id in halves
    assert (found.back is None) == (reason == FORWARD)
    head = head_of(cloud)
    assert (head.in_progress, head.frozen_reason) == (None, None)
    assert cloud.serving_commit() == commit(2)
    kinds = {one.kind for one in ledger.history("api", "sandbox") if one.release_id in halves}
    assert kinds == {AttemptKind.ROLLBACK}
