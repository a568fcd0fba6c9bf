"""`delightful rollback`: takes live traffic back to an earlier release."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.answer import one_answer
from cli.asked import Watching
from cli.connection import connect
from cli.options import (
    dry_run_option,
    environment_option,
    json_option,
    reason_option,
    service_option,
    submit_option,
)
from cli.service import service_name
from cli.submission.server import prefect_server
from cli.terminal import Terminal

if TYPE_CHECKING:
    from delightful.release import Release


@click.command(name="rollback")
@click.argument("release", default="previous")
@reason_option
@click.option("--across-migrations", metavar="WHY", help="Why its code still fits the data.")
@service_option
@environment_option
@dry_run_option
@submit_option
@json_option
def command(
    release: str,
    reason: str,
    across_migrations: str | None,
    service: str | None,
    environment: str,
    dry_run: bool,
    is_submitted: bool,
    timeout_seconds: float,
    as_json: bool,
) -> int:
    """Take live traffic back to RELEASE: an artifact id, a release id, or `previous`.

    Only a release that was good can be gone back to; `delightful releases` lists them.
    """
    asked: dict[str, str] = {"environment": environment, "release": release, "reason": reason}
    if across_migrations is not None:
        asked["across_migrations"] = across_migrations
    if not is_submitted:
        return _roll_back_here(service, asked, as_json, dry_run=dry_run)
    with one_answer(as_json=as_json):
        parameters = {"service": service_name(service, Path()), **asked}
        with prefect_server(environment):
            from cli.submission.submitted import submit_rollback

            return submit_rollback(parameters, Watching(timeout_seconds, as_json), dry_run=dry_run)


def _roll_back_here(
    service: str | None, asked: dict[str, str], as_json: bool, *, dry_run: bool
) -> int:
    name = service_name(service, Path())
    connect(asked["environment"], Terminal(quiet=as_json))
    from cli.outcome import tell_outcome
    from flows.rollback import rollback

    def attempt() -> "Release":
        return rollback(service=name, **asked, dry_run=dry_run)

    return tell_outcome(attempt, asked["environment"], as_json, dry_run=dry_run)
