"""Registering an environment again takes nothing back that people have set in it."""

import pytest
from prefect_aws import AwsCredentials

from blocks.delivery_environment import DeliveryEnvironment
from flows.registration import with_choices
from tests.flows.test_environment import staging


def test_what_was_set_of_approvals_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The block is made anew from the account's outputs, which know nothing of approvals."""
    made = staging(tmp_path_factory.mktemp("infrastructure"), None)
    changed = {"requires_approval": True, "approval_seconds": 60, "approvers": ("arn:*",)}
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
