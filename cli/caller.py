"""The environment for verbs that work here, with the rights of whoever calls them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blocks.delivery_environment import DeliveryEnvironment

_PROJECT = Path(__file__).parents[1]


@contextmanager
def environment_of_caller(environment: str) -> Iterator["DeliveryEnvironment"]:
    """Yield the environment as its Prefect server has it, or as the account alone describes it.

    A job that builds or only looks holds no credential of a server, for with that it could
    release: where one is wanted, or no server is named, Prefect keeps the run's record in this
    process.
    """
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
    from prefect.settings import PREFECT_API_URL, temporary_settings

    found = _known_to_server(environment) if PREFECT_API_URL.value() else None
    if found is not None:
        yield found
        return
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        yield _described_by_account(environment)


def _known_to_server(environment: str) -> "DeliveryEnvironment | None":
    """Return the environment as its server has it, or None where that wants a credential."""
    from delightful.errors import ExternalError
    from flows.environment import delivery_environment
    from flows.runs.prefect_answers import answered

    try:
        with answered("read environment"):
            return delivery_environment(environment)
    except ExternalError as error:
        if error.code != "E_PREFECT":
            raise
        return None


def _described_by_account(environment: str) -> "DeliveryEnvironment":
    from prefect_aws import AwsCredentials

    from blocks.aws import region_name
    from blocks.published_platform import published_account
    from flows.registering.account_environment import account_environment

    credentials = AwsCredentials(region_name=os.environ.get("AWS_REGION"))
    described = published_account(credentials)
    found = account_environment(described, environment, region_name(credentials))
    return found.model_copy(update={"infrastructure_directory": _PROJECT / "infrastructure"})
