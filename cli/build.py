"""`delightful build`: a commit's image in the registry, and its files where runs find them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import environment_option, json_option, service_option
from cli.preparing import connect_and_prepare
from cli.service import resolve_commit, service_name
from cli.terminal import Terminal, print_json

if TYPE_CHECKING:
    from blocks.delivery_environment import DeliveryEnvironment


@click.command(name="build")
@click.argument("source", type=click.Path(path_type=Path, exists=True), default=".")
@click.option("--commit", default="HEAD", show_default=True, help="Commit, branch or tag.")
@service_option
@environment_option
@json_option
def command(source: Path, commit: str, service: str | None, environment: str, as_json: bool) -> int:
    """Build a commit of the repository SOURCE (default: this folder) here, once.

    Pushes the image under the commit as its tag, and leaves the repository's files in the
    environment's bucket, where runs on its workers read them. What is there already is kept. AWS is
    asked as whoever types this; PREFECT_API_URL is not needed, but keeps the run's record.
    """
    name, full_commit = service_name(service, source), resolve_commit(source, commit)
    connect_and_prepare(environment, name, Terminal(quiet=as_json))
    with _delivery_environment(environment) as delivery:
        from flows.build import build
        from flows.commit_files import leave_source
        from flows.environment import as_caller

        folder = str(source.resolve())
        with as_caller(delivery):
            image = build(service=name, environment=environment, commit=full_commit, source=folder)
            address = leave_source(folder, name, environment, full_commit, "sources")
    if as_json:
        print_json({"image": image.model_dump(mode="json"), "source": address})
    else:
        click.echo(f"image   {image.reference}\nsource  {address}")
    return 0


@contextmanager
def _delivery_environment(environment: str) -> Iterator["DeliveryEnvironment"]:
    """Yield the environment as its Prefect server has it, or as the account alone describes it.

    A job that builds holds no credential of a server, for with that it could release: where one is
    wanted, or no server is named, Prefect keeps the run's record in this process.
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
    from flows.prefect_answers import answered

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
    from flows.account_environment import account_environment

    credentials = AwsCredentials(region_name=os.environ.get("AWS_REGION"))
    described = published_account(credentials)
    return account_environment(described, environment, region_name(credentials))
