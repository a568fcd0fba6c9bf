"""`delightful sweep`: deletes the task definition revisions that nobody can want back."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import dry_run_option, environment_option, json_option, service_option
from cli.terminal import Terminal, print_json

if TYPE_CHECKING:
    from delightful.retention import Retention


@click.command(name="sweep")
@service_option
@environment_option
@dry_run_option
@json_option
def command(service: str | None, environment: str, dry_run: bool, as_json: bool) -> int:
    """Delete the task definition revisions that no release can be rolled back to.

    All of them where the service is gone. Where it serves, those that only failed attempts hold;
    what a good release holds, what runs and what the ledger does not know stays. Exit code 4
    while an attempt is in progress.
    """
    from cli.connection import connect
    from cli.service import service_name

    name = service_name(service, Path())
    connect(environment, Terminal(quiet=True))
    from flows.sweep import sweep

    found = sweep(service=name, environment=environment, dry_run=dry_run)
    if as_json:
        print_json([one.model_dump(mode="json") for one in found])
    else:
        click.echo("\n".join([*(_line(one) for one in found), summary(found, dry_run=dry_run)]))
    return 0


def summary(found: "list[Retention]", *, dry_run: bool) -> str:
    """Return how many go and how many stay, in one line."""
    staying = sum(one.stays for one in found)
    going = "would be deleted" if dry_run else "deleted"
    return f"{len(found) - staying} {going}, {staying} stay"


def _line(one: "Retention") -> str:
    return f"{'stays' if one.stays else 'goes '}  {_short(one.revision.arn)}  {one.reason}"


def _short(arn: str) -> str:
    return arn.rpartition("/")[2]
