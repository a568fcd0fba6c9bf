"""A Prefect server learns every flow from deployments.yaml, by Prefect's own command."""

import pytest
from prefect.client.orchestration import get_client

from flows.registration import WORK_POOL, apply_deployments, ensure_work_pool

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("prefect_server")]


def test_registers_every_flow_and_again_in_place() -> None:
    """Asked twice there is one pool, and each Prefect deployment once, its form checked."""
    with get_client(sync_client=True) as client:
        ensure_work_pool(client)
        apply_deployments()
        first = {found.name: found.id for found in client.read_deployments()}
        ensure_work_pool(client)
        apply_deployments()
        again = client.read_deployments()
    assert {found.name: found.id for found in again} == first
    assert first.keys() == {
        "deploy",
        "rollback",
        "analyze",
        "build",
        "terraform_apply",
        "codedeploy",
        "observe",
    }
    assert {found.work_pool_name for found in again} == {WORK_POOL}
    assert all(found.enforce_parameter_schema for found in again)
