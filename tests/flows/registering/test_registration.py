"""Registering an environment again takes nothing back that people have set in it."""

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import CronSchedule
from prefect_aws import AwsCredentials

from blocks.delivery_environment import DeliveryEnvironment
from flows.registering.registration import remove_schedules, with_choices
from tests.flows.test_environment import staging


def test_what_was_set_of_approvals_and_schedules_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The block is made anew from the account's outputs, which know nothing of them."""
    made = staging(tmp_path_factory.mktemp("infrastructure"), None)
    changed = {
        "requires_approval": True,
        "approval_seconds": 60,
        "approvers": ("arn:*",),
        "scheduled_services": ("api",),
    }
    saved = made.model_copy(update={**changed, "credentials": AwsCredentials()})
    monkeypatch.setattr(DeliveryEnvironment, "load", lambda _: saved)
    registered = with_choices(made)
    assert registered == made.model_copy(update=changed)


def test_the_first_registration_is_as_it_was_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Where nothing is saved yet, nothing is kept."""

    def missing(_: str) -> DeliveryEnvironment:
        raise ValueError("no such block")

    made = staging(tmp_path_factory.mktemp("infrastructure"), None)
    monkeypatch.setattr(DeliveryEnvironment, "load", missing)
    assert with_choices(made) is made


@pytest.mark.usefixtures("prefect_server")
def test_a_schedule_that_is_written_no_more_is_taken_away() -> None:
    """Prefect's own command makes and updates schedules, and leaves those it is not told of."""
    schedules = [
        DeploymentScheduleCreate(schedule=CronSchedule(cron="23 * * * *"), slug=slug)
        for slug in ("api", "shop")
    ]
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow_from_name("scheduled")
        client.create_deployment(flow_id=flow_id, name="scheduled", schedules=schedules)
        for written in (["api", "shop"], ["shop"], []):
            asked = {"name": "scheduled", "schedules": [{"slug": slug} for slug in written]}
            remove_schedules(client, [asked, {"name": "one that has none"}])
            found = client.read_deployment_by_name("scheduled/scheduled").schedules
            assert sorted(str(one.slug) for one in found) == written
