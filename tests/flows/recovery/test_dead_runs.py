"""What Prefect shows as alive and is not: shown as crashed, on a real server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect import flow, task
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Completed, Pending, Running

from blocks.ledger.ownership import this_owner
from delightful.recovery import Step
from delightful.release import ReleaseState
from flows.recovery import dead_runs
from flows.recovery.dead_runs import end_dead_runs
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import request_for

pytestmark = pytest.mark.usefixtures("prefect_server")

OURS = {"service": "api", "environment": "sandbox"}


@flow(name="dead-runs")
def anything(service: str, environment: str) -> None:
    """Do nothing: its runs are made by hand."""


@task
def subflow() -> None:
    """Stand for a subflow run in its parent."""


@pytest.fixture
def client() -> Iterator[SyncPrefectClient]:
    """Return a client of the session's server."""
    with get_client(sync_client=True) as client:
        yield client


def run_of(client: SyncPrefectClient, state: State, **more: Any) -> FlowRun:
    """Make a flow run of the service that is in a state."""
    return client.create_flow_run(anything, parameters=OURS, state=state, **more)


def below(client: SyncPrefectClient, parent: FlowRun, state: State) -> FlowRun:
    """Make a subflow run."""
    stands_for_it = client.create_task_run(subflow, parent.id, dynamic_key=str(state.type))
    return run_of(client, state, parent_task_run_id=stands_for_it.id)


def held_by(cloud: FakeCloud, run: FlowRun) -> None:
    """Open an attempt in the name of a flow run."""
    owner = this_owner(str(run.id))
    cloud.ledger("api").open_attempt(request_for(1), owner, datetime.now(UTC))


def ended(*, dry_run: bool = False) -> list[Step]:
    """End what is dead."""
    return end_dead_runs("api", "sandbox", dry_run=dry_run)


def state_of(client: SyncPrefectClient, run: FlowRun) -> str:
    """Return the type of the state that Prefect shows."""
    state = client.read_flow_run(run.id).state
    assert state is not None
    return str(state.type.value)


def test_run_whose_process_is_gone_has_crashed(
    cloud: FakeCloud, client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its subflow runs, once; what had ended stays, and a dry run only says so."""
    run = run_of(client, Running())
    steps = [below(client, run, Running()), below(client, run, Completed())]
    monkeypatch.setattr(type(cloud.ledger("api")), "is_dead", lambda self, owner: True)
    held_by(cloud, run)
    assert [one.subject for one in ended(dry_run=True)] == [run.name, steps[0].name]
    assert state_of(client, run) == "RUNNING"
    told = ended()
    assert "its process is gone: process " in told[0].detail
    assert [state_of(client, one) for one in (run, *steps)] == ["CRASHED", "CRASHED", "COMPLETED"]
    assert ended() == []


def test_run_that_died_after_its_release_was_good_has_completed(
    cloud: FakeCloud, client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What serves is what it released; where another run brought that about, it has crashed."""
    done, helped = run_of(client, Running()), run_of(client, Running())
    ledger, now = cloud.ledger("api"), datetime.now(UTC)
    monkeypatch.setattr(type(ledger), "is_dead", lambda self, owner: True)
    first = ledger.open_attempt(request_for(1), this_owner(str(helped.id)), now)
    release = ledger.take_over(first.release_id, this_owner(str(done.id)), now)
    for state in ("BUILT", "APPLIED", "LIVE", "GOOD"):
        release = release.moved_to(ReleaseState(state), now)
    ledger.record(release)
    assert [one.detail.split(":")[0] for one in ended()] == ["Crashed", "Completed"]
    assert [state_of(client, one) for one in (helped, done)] == ["CRASHED", "COMPLETED"]


def test_run_that_may_live_is_left_alone(cloud: FakeCloud, client: SyncPrefectClient) -> None:
    """Whatever Prefect shows of it, and however long."""
    run = run_of(client, Running())
    held_by(cloud, run)
    assert ended() == []
    assert state_of(client, run) == "RUNNING"


def test_run_that_never_began_has_crashed_after_a_while(
    cloud: FakeCloud, client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that died between taking it and starting it tells nobody; another may be slow."""
    run = run_of(client, Pending())
    assert ended() == []
    monkeypatch.setattr(dead_runs, "_PENDING", timedelta())
    (step,) = ended()
    assert (step.subject, "never began" in step.detail) == (run.name, True)
    assert state_of(client, run) == "CRASHED"
