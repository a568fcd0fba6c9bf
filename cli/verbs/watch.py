"""`delightful watch`: follows a flow run that was submitted earlier."""

import click

from cli.answer import one_answer
from cli.asked import Watching
from cli.options import environment_option, json_option, timeout_option
from cli.submission.server import prefect_server


@click.command(name="watch")
@click.argument("flow_run")
@environment_option
@timeout_option
@json_option
def command(flow_run: str, environment: str, timeout_seconds: float, as_json: bool) -> int:
    """Follow FLOW_RUN, a flow run's id, to its end; the exit code is that of what it did.

    The run is only looked at: whoever stops watching stops nothing else.
    """
    with one_answer(as_json=as_json), prefect_server(environment):
        from cli.submission.submitting import watch

        return watch(flow_run, environment, Watching(timeout_seconds, as_json))
