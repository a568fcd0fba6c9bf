"""Flow runs that Prefect shows as alive and that are not: shown as they ended."""

from collections.abc import Iterator, Sequence
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
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.settings import PREFECT_API_URL
from prefect.states import Completed, Crashed

from blocks.ledger.ownership import described
from delightful.recovery import Remedy, Step
from delightful.release import Owner, Release, ReleaseState
from flows.effects import effect
from flows.environment import delivery_environment
from flows.publishing import prefect_is_optional

# As many attempts are looked at, newest first, and as long a run may wait for its process.
_ATTEMPTS = 20
_PENDING = timedelta(minutes=15)
_ALIVE = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)


@effect("end dead flow runs")
def end_dead_runs(service: str, environment: str, *, dry_run: bool = False) -> list[Step]:
    """Have Prefect show how a run ended that cannot run any more, and give its slots back.

    A run that holds or held an attempt is dead where its owner is proven dead, and its subflow
    runs with it; one that never began, a quarter of an hour after it was submitted. All else is
    left alone: what Prefect shows of a run proves nothing. It has crashed, but where its attempt
    is GOOD by its own hand: then all that it had to do was done.
    """
    if not PREFECT_API_URL.value():
        return []
    with prefect_is_optional("dead flow runs"), get_client(sync_client=True) as client:
        dead = [*_killed(client, service, environment), *_never_begun(client, service, environment)]
        for run, end in () if dry_run else dead:
            client.set_flow_run_state(run.id, end, force=True)
        return [
            Step(remedy=Remedy.END_RUN, subject=run.name, detail=f"{end.name}: {end.message}")
            for run, end in dead
        ]
    return []


def _killed(
    client: SyncPrefectClient, service: str, environment: str
) -> Iterator[tuple[FlowRun, State]]:
    ledger = delivery_environment(environment).ledger(service)
    history = ledger.history(service, environment, _ATTEMPTS)
    for owner, release in _held(history):
        if owner.flow_run_id is not None and ledger.is_dead(owner):
            end = _end_of(owner, release)
            yield from ((run, end) for run in _alive_in_family(client, UUID(owner.flow_run_id)))


def _held(history: Sequence[Release]) -> Iterator[tuple[Owner, Release]]:
    for release in history:
        yield from ((by.owner, release) for by in release.taken_over)
        if release.owner is not None:
            yield release.owner, release


def _end_of(owner: Owner, release: Release) -> State:
    gone = f"its process is gone: {described(owner.model_copy(update={'flow_run_id': None}))}"
    if release.owner == owner and release.state is ReleaseState.GOOD:
        return Completed(message=f"{release.release_id} is GOOD; {gone}")
    return Crashed(message=gone)


def _alive_in_family(client: SyncPrefectClient, run_id: UUID) -> Iterator[FlowRun]:
    found = client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])))
    while found:
        yield from (run for run in found if run.state_type in _ALIVE)
        below = FlowRunFilterParentFlowRunId(any_=[run.id for run in found])
        found = client.read_flow_runs(flow_run_filter=FlowRunFilter(parent_flow_run_id=below))


def _never_begun(
    client: SyncPrefectClient, service: str, environment: str
) -> Iterator[tuple[FlowRun, State]]:
    pending = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PENDING]))
    ours = {"service": service, "environment": environment}
    for run in client.read_flow_runs(flow_run_filter=FlowRunFilter(state=pending)):
        since = run.state.timestamp if run.state else datetime.now(UTC)
        if ours.items() <= run.parameters.items() and datetime.now(UTC) - since > _PENDING:
            told = f"it was submitted at {since:%Y-%m-%d %H:%M:%SZ}, and never began"
            yield run, Crashed(message=told)
