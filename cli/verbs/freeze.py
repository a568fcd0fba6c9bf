"""`delightful freeze`: lets no deploy through until somebody thaws."""

from pathlib import Path

import click

from cli.options import environment_option, json_option, reason_option, service_option
from cli.terminal import Terminal, print_json, print_text


@click.command(name="freeze")
@reason_option
@service_option
@environment_option
@json_option
def command(reason: str, service: str | None, environment: str, as_json: bool) -> int:
    """Let no deploy of a service through; a rollback stays open, and freezes by itself.

    Frozen already, it stays as it is.
    """
    from cli.connection import delivery_environment
    from cli.service import service_name

    name = service_name(service, Path())
    block = delivery_environment(environment, Terminal(quiet=as_json))
    head = block.ledger(name).freeze(name, environment, reason, block.caller())
    if as_json:
        print_json(head.model_dump(mode="json"))
    else:
        print_text(f"{name} in {environment} is frozen by {head.frozen_by}: {head.frozen_reason}")
    return 0
