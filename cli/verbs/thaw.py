"""`delightful thaw`: lets deploys through again."""

from pathlib import Path

import click

from cli.options import environment_option, json_option, reason_option, service_option
from cli.terminal import Terminal, print_json, print_text


@click.command(name="thaw")
@reason_option
@service_option
@environment_option
@json_option
def command(reason: str, service: str | None, environment: str, as_json: bool) -> int:
    """Let deploys of a service through again after a freeze or a rollback."""
    from cli.connection import delivery_environment
    from cli.service import service_name

    name = service_name(service, Path())
    block = delivery_environment(environment, Terminal(quiet=as_json))
    before = block.ledger(name).head(name, environment)
    head = block.ledger(name).thaw(name, environment, reason, block.caller())
    if as_json:
        print_json(head.model_dump(mode="json"))
    elif before.frozen_reason is None:
        print_text(f"{name} in {environment} was not frozen")
    else:
        print_text(f"{name} in {environment} is thawed; it was frozen: {before.frozen_reason}")
    return 0
