"""`delightful drill`: rehearses a rollback where it hurts nobody."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.answer import one_answer
from cli.asked import Watching
from cli.connection import connect
from cli.options import environment_option, json_option, service_option, submit_option
from cli.service import service_name
from cli.submission.server import prefect_server
from cli.terminal import Terminal, print_json, print_text

if TYPE_CHECKING:
    from pydantic import JsonValue


@click.command(name="drill")
@click.option("--in-production", is_flag=True, help="Do it where plans wait for a person, too.")
@service_option
@environment_option
@submit_option
@json_option
def command(
    in_production: bool,
    service: str | None,
    environment: str,
    is_submitted: bool,
    timeout_seconds: float,
    as_json: bool,
) -> int:
    """Take back the previous release, measure it, and go forward again to what was good.

    The freeze, the traffic and the ledger's good commit are then as they were. Exit code 4 in
    production, or while an attempt is in progress; 7 where one of the two ways fails.
    """
    if not is_submitted:
        return _drill_here(service_name(service, Path()), environment, in_production, as_json)
    with one_answer(as_json=as_json):
        name = service_name(service, Path())
        asked: dict[str, JsonValue] = {"service": name, "environment": environment}
        with prefect_server(environment):
            from cli.submission.submitted import submit_drill

            watching = Watching(timeout_seconds, as_json)
            return submit_drill({**asked, "in_production": in_production}, watching)


def _drill_here(service: str, environment: str, in_production: bool, as_json: bool) -> int:
    connect(environment, Terminal(quiet=as_json))
    from delightful.render.drill import drill_line
    from flows.drill import drill

    done = drill(service=service, environment=environment, in_production=in_production)
    if as_json:
        print_json(done.model_dump(mode="json"))
    else:
        print_text(drill_line(done))
    return 0
