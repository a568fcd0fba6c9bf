"""`delightful recover`: adopts, finishes or ends what a dead run left."""

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
    service_option,
    submit_option,
)
from cli.service import service_name
from cli.submission.server import prefect_server
from cli.terminal import Terminal, print_json, print_text

if TYPE_CHECKING:
    from delightful.recovery import Recovery


@click.command(name="recover")
@service_option
@environment_option
@dry_run_option
@submit_option
@json_option
def command(
    service: str | None,
    environment: str,
    dry_run: bool,
    is_submitted: bool,
    timeout_seconds: float,
    as_json: bool,
) -> int:
    """Adopt, finish or end what a dead run left of a service, until everything agrees.

    Whatever somebody works on, or may work on, is left alone. Exit code 0 once ledger, ECS,
    CodeDeploy, ECR and Terraform's state agree; else what does not is listed.
    """
    name = service_name(service, Path())
    if not is_submitted:
        return _recover_here(name, environment, dry_run, as_json)
    with one_answer(as_json=as_json), prefect_server(environment):
        from cli.submission.submitted import submit_recover

        parameters = {"service": name, "environment": environment}
        return submit_recover(parameters, Watching(timeout_seconds, as_json), dry_run=dry_run)


def _recover_here(service: str, environment: str, dry_run: bool, as_json: bool) -> int:
    connect(environment, Terminal(quiet=as_json))
    from delightful.recovery import NotRecovered
    from flows.recover import recover

    try:
        recovery = recover(service=service, environment=environment, dry_run=dry_run)
    except NotRecovered as error:
        _show(error.recovery, as_json)
        raise
    _show(recovery, as_json)
    return 0


def _show(recovery: "Recovery", as_json: bool) -> None:
    if as_json:
        print_json(recovery.model_dump(mode="json"))
        return
    from delightful.render.recovery import recovery_text

    print_text(recovery_text(recovery))
