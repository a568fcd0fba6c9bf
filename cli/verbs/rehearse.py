"""`delightful rehearse`: a whole deploy, its failure and its rollback, on this machine."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.terminal import Terminal, print_json, print_text

if TYPE_CHECKING:
    from rehearsal.report import Report

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello-python"


@click.command(name="rehearse")
@click.argument("path", type=click.Path(path_type=Path), default=EXAMPLE, required=False)
@click.option("--manifest", type=click.Path(path_type=Path), help="Stands in for .delightful.yaml.")
@click.option("--tasks", type=click.Choice(["auto", "container", "process"]), default="auto")
@click.option("--speed", type=float, default=20.0, show_default=True, help="Sandbox clock.")
@click.option("--keep", is_flag=True, help="Leave the sandbox up, to look around in.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    path: Path, manifest: Path | None, tasks: str, speed: float, keep: bool, as_json: bool
) -> int:
    """Rehearse the service in PATH (an example of ours, if you name none).

    Deploys it, ships a second version by blue/green under load, ships one that is broken, and
    rolls back to the first by its artifact. Exit code 0 means that all four were shown.
    A sandbox that is up is used and stays up; otherwise one is started and removed again.
    """
    from cli.connection import tell_flow_lines
    from rehearsal.options import RehearsalOptions
    from rehearsal.run import rehearse
    from sandbox import lifecycle
    from sandbox.settings import default_directory

    terminal = Terminal(quiet=as_json)
    with ExitStack() as stack:
        directory = default_directory()
        if not keep and lifecycle.describe(directory) is None:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="delightful-")))
        options = RehearsalOptions.model_validate(
            {
                "source": path,
                "directory": directory,
                "manifest": manifest,
                "keep": keep,
                "tasks": tasks,
                "speed": speed,
            }
        )
        report = rehearse(options, terminal, on_connected=lambda: tell_flow_lines(terminal))
    _print(report, as_json)
    return 0 if report.holds else 1


def _print(report: "Report", as_json: bool) -> None:
    from rehearsal.report import report_lines

    if as_json:
        print_json({**report.model_dump(mode="json"), "holds": report.holds})
    else:
        print_text("\n".join(report_lines(report)))
