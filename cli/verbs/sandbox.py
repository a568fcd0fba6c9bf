"""`delightful sandbox`: the local AWS, kept up."""

from typing import TYPE_CHECKING

import click

from cli.options import json_option
from cli.terminal import Terminal, print_json, print_text

if TYPE_CHECKING:
    from sandbox.description import SandboxDescription


@click.group(name="sandbox")
def command() -> None:
    """Start, look at or stop the local AWS that rehearsals run on."""


@command.command()
@click.option("--tasks", type=click.Choice(["auto", "container", "process"]), default="auto")
@click.option("--speed", type=float, default=1.0, show_default=True, help="Sandbox clock.")
@json_option
def up(tasks: str, speed: float, as_json: bool) -> int:
    """Start the sandbox with its Prefect server, worker and platform; asked again, change nothing.

    Its clock runs `--speed` times as fast as the wall's: CodeDeploy waits, health checks, alarms.
    """
    import os

    from sandbox import lifecycle
    from sandbox.settings import SandboxSettings, default_directory

    terminal = Terminal(quiet=as_json)
    settings = SandboxSettings.model_validate({"speed": speed, "tasks": tasks, "worker": "process"})
    running = lifecycle.start(
        default_directory(), settings, progress=terminal.tell, wait_for_prefect=False
    )
    os.environ.update(running.environment())
    from cli.connection import tell_flow_lines

    tell_flow_lines(terminal)
    from rehearsal.narration import Stopwatch
    from rehearsal.preparation import prepare_environment

    prepare_environment(running, Stopwatch(terminal))
    _print(running, as_json)
    return 0


@command.command()
@json_option
def status(as_json: bool) -> int:
    """Say whether the sandbox runs, and where everything in it answers. Exit code 1 if not."""
    from sandbox import lifecycle
    from sandbox.settings import default_directory

    running = lifecycle.describe(default_directory())
    if running is None:
        click.echo("no sandbox runs → delightful sandbox up", err=True)
        return 1
    _print(running, as_json)
    return 0


@command.command()
def down() -> int:
    """Stop the sandbox and remove everything in it."""
    from sandbox import lifecycle
    from sandbox.settings import default_directory

    stopped = lifecycle.stop(default_directory())
    click.echo("stopped; nothing of it is left" if stopped else "no sandbox ran", err=True)
    return 0


def _print(running: "SandboxDescription", as_json: bool) -> None:
    if as_json:
        print_json(running.model_dump(mode="json"))
        return
    print_text(
        f"sandbox in {running.directory}\n"
        f"  tasks run as {running.tasks_mode}, load balancer {running.load_balancer}, "
        f"clock {running.speed:g} times the wall's\n"
        f"  AWS endpoint  {running.aws_endpoint_url}\n"
        f"  registry      {running.registry}\n"
        f"  Prefect UI    {running.prefect_ui_url}\n"
        "for other programs, in a shell:"
    )
    for name, value in running.environment().items():
        print_text(f"  export {name}={value}")
