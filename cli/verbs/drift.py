"""`delightful drift`: what is not as the good release left it."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.answer import one_answer
from cli.asked import Watching
from cli.caller import environment_of_caller
from cli.connection import connect
from cli.options import environment_option, json_option, service_option, submit_option
from cli.service import service_name
from cli.submission.github_job import tell_summary
from cli.submission.server import prefect_server
from cli.terminal import Terminal, print_json, print_text

if TYPE_CHECKING:
    from delightful.agreement import Finding


@click.command(name="drift")
@service_option
@environment_option
@submit_option
@json_option
def command(
    service: str | None,
    environment: str,
    is_submitted: bool,
    timeout_seconds: float,
    as_json: bool,
) -> int:
    """Compare Terraform and the live system with the good release; nothing is held or changed.

    What the rollout engine and the autoscaler own is no drift. Exit code 0 where all is as it was
    left, 1 where something has drifted, 6 where something could not be looked at, 4 while an
    attempt is in progress.
    """
    if not is_submitted:
        return _look_here(service_name(service, Path()), environment, as_json)
    with one_answer(as_json=as_json):
        name = service_name(service, Path())
        with prefect_server(environment):
            from cli.submission.submitted import submit_drift

            return submit_drift(name, environment, Watching(timeout_seconds, as_json))


def _look_here(service: str, environment: str, as_json: bool) -> int:
    connect(environment, Terminal(quiet=True))
    with environment_of_caller(environment) as delivery:
        from delightful.drift import Drifted
        from flows.drift import drift
        from flows.environment import as_caller

        try:
            with as_caller(delivery):
                _show(drift(service=service, environment=environment), service, as_json)
        except Drifted as drifted:
            _show(drifted.findings, service, as_json)
            raise
    return 0


def _show(findings: "Sequence[Finding]", service: str, as_json: bool) -> None:
    from delightful.agreement import disagreements
    from delightful.render.findings import finding_line, findings_card, findings_summary

    # That the job's page cannot be written changes nothing of what was found.
    with suppress(OSError):
        tell_summary(os.environ, findings_card(findings, f"Drift of {service}"))
    if as_json:
        print_json([one.model_dump(mode="json") for one in findings])
        return
    for one in disagreements(findings):
        print_text(finding_line(one))
    print_text(findings_summary(findings))
