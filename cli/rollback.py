"""`delightful rollback`: takes live traffic back to an earlier release."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import dry_run_option, environment_option, json_option, service_option
from cli.terminal import Terminal

if TYPE_CHECKING:
    from delightful.release import Release


@click.command(name="rollback")
@click.argument("release", default="previous")
@click.option("--reason", required=True, help="Why; it is kept with the release.")
@service_option
@environment_option
@dry_run_option
@json_option
def command(
    release: str,
    reason: str,
    service: str | None,
    environment: str,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Take live traffic back to RELEASE: an artifact id, a release id, or `previous`.

    Only a release that was good can be gone back to; `delightful releases` lists them.
    """
    from cli.connection import connect
    from cli.outcome import tell_outcome
    from cli.service import service_name

    name = service_name(service, Path())
    connect(environment, Terminal(quiet=as_json))
    from flows.rollback import rollback

    def attempt() -> "Release":
        return rollback(
            service=name, environment=environment, release=release, reason=reason, dry_run=dry_run
        )

    return tell_outcome(attempt, environment, as_json, dry_run=dry_run)
