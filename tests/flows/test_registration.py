"""Registering an environment again takes nothing back that people have set in it."""

from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect_aws import AwsCredentials

from blocks.delivery_environment import DeliveryEnvironment
from flows.registration import register, with_choices
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
def test_schedules_are_those_of_the_services_that_are_named(tmp_path: Path) -> None:
    """Named, they are made; named no more, they are gone."""
    made = staging(tmp_path, None)
    for names in (["api", "shop"], ["shop"]):
        register(made, "process", names)
        with get_client(sync_client=True) as client:
            found = client.read_deployment_by_name("drift/drift").schedules
        assert sorted(str(one.slug) for one in found) == names
        assert all(one.parameters == {"service": one.slug} and one.active for one in found)
