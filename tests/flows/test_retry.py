"""A retry from the Prefect UI: the same flow run again, and only what failed is done again.

A rollout that broke in its middle is retried in tests/end_to_end/test_prefect_runs.py.
"""

from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterName
from prefect.client.schemas.sorting import FlowRunSort
from prefect.flow_engine import run_flow
from prefect.states import AwaitingRetry

from delightful.errors import DeployFailed
from delightful.release import Release, ReleaseState
from flows.deploy import deploy
from tests.delightful.samples import commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import broken
from tests.flows.test_deploy import deployed

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("prefect_server")]


def newest_deploy_run() -> UUID:
    """Return the flow run of the deploy that was asked for last."""
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=["deploy"])),
            sort=FlowRunSort.START_TIME_DESC,
            limit=1,
        )
    return runs[0].id


def retried(flow_run_id: UUID) -> Release:
    """Do what the UI's button and the worker do: schedule the run again, then run it."""
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(flow_run_id, AwaitingRetry(), force=True)
        flow_run = client.read_flow_run(flow_run_id)
    release = run_flow(deploy, flow_run=flow_run, parameters=flow_run.parameters)
    assert isinstance(release, Release)
    return release


def test_retry_inside_a_step_repeats_only_the_task_that_failed(
    cloud: FakeCloud, source: str
) -> None:
    """Where the record failed after a push, the retry neither builds nor pushes again."""
    cloud.failures["apply"] = [RuntimeError("a mistake of ours")]
    with pytest.raises(RuntimeError):
        deployed(source, 1)
    retried(newest_deploy_run())
    assert cloud.effects == ["build", "push", "apply"]


def test_retry_of_a_closed_attempt_is_a_new_attempt(cloud: FakeCloud, source: str) -> None:
    """A deploy that was put back is tried anew as a whole; no result of the old one is served."""
    cloud.serve(1)
    cloud.failures["apply"] = [broken("out of quota")]
    with pytest.raises(DeployFailed) as failed:
        deployed(source, 2)
    cloud.effects.clear()
    release = retried(newest_deploy_run())
    assert release.release_id != failed.value.release_id
    assert release.state is ReleaseState.GOOD
    assert cloud.effects.count("apply") == 1
    assert cloud.serving_commit() == commit(2)
