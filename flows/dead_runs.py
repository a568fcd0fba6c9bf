"""Flow runs that Prefect shows as alive and that are not: shown as crashed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.settings import PREFECT_API_URL
from prefect.states import Crashed

from blocks.ownership import described
from delightful.recovery import Remedy, Step
from delightful.release import Owner
from flows.effects import effect
from flows.environment import delivery_environment
from flows.publishing import prefect_is_optional

# As many attempts are looked at, newest first, and as long a run may wait for its process.
_ATTEMPTS = 20
_PENDING = timedelta(minutes=15)
_ALIVE = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)


@effect("end dead flow runs")
def end_dead_runs(service: str, environment: str, *, dry_run: bool = False) -> list[Step]:
    """Have Prefect show as crashed what cannot run any more, and give its slots back.

    A run that holds or held an attempt is dead where its owner is proven dead, and its subflow
    runs with it; one that never began, a quarter of an hour after it was submitted. All else is
    left alone: what Prefect shows of a run proves nothing.
    """
    if not PREFECT_API_URL.value():
        return []
    with prefect_is_optional("dead flow runs"), get_client(sync_client=True) as client:
        dead = [*_killed(client, service, environment), *_never_begun(client, service, environment)]
        for run, why in () if dry_run else dead:
            client.set_flow_run_state(run.id, Crashed(message=why), force=True)
        return [Step(remedy=Remedy.END_RUN, subject=run.name, detail=why) for run, why in dead]
    return []


def _killed(
    client: SyncPrefectClient, service: str, environment: str
) -> Iterator[tuple[FlowRun, str]]:
    ledger = delivery_environment(environment).ledger(service)
    history = ledger.history(service, environment, _ATTEMPTS)
    held = [one.owner for one in history] + [by.owner for one in history for by in one.taken_over]
    dead = {owner.flow_run_id: owner for owner in held if owner and ledger.is_dead(owner)}
    for run_id, owner in dead.items():
        if run_id is not None:
            told = f"its process is gone: {_place(owner)}"
            yield from ((run, told) for run in _alive_in_family(client, UUID(run_id)))


def _place(owner: Owner) -> str:
    return described(owner.model_copy(update={"flow_run_id": None}))


def _alive_in_family(client: SyncPrefectClient, run_id: UUID) -> Iterator[FlowRun]:
    found = client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])))
    while found:
        yield from (run for run in found if run.state_type in _ALIVE)
        below = FlowRunFilterParentFlowRunId(any_=[run.id for run in found])
        found = client.read_flow_runs(flow_run_filter=FlowRunFilter(parent_flow_run_id=below))


def _never_begun(
    client: SyncPrefectClient, service: str, environment: str
) -> Iterator[tuple[FlowRun, str]]:
    pending = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PENDING]))
    ours = {"service": service, "environment": environment}
    for run in client.read_flow_runs(flow_run_filter=FlowRunFilter(state=pending)):
        since = run.state.timestamp if run.state else datetime.now(UTC)
        if ours.items() <= run.parameters.items() and datetime.now(UTC) - since > _PENDING:
            yield run, f"it was submitted at {since:%Y-%m-%d %H:%M:%SZ}, and never began"
