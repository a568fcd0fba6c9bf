"""`delightful sweep`: deletes the task definition revisions and images nobody can want back."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import dry_run_option, environment_option, json_option, service_option
from cli.terminal import Terminal, print_json, print_text

if TYPE_CHECKING:
    from delightful.image_retention import ImageRetention
    from delightful.retention import Retention
    from flows.sweep import Swept


@click.command(name="sweep")
@click.option("--images", is_flag=True, help="Look through the service's images as well.")
@service_option
@environment_option
@dry_run_option
@json_option
def command(
    images: bool, service: str | None, environment: str, dry_run: bool, as_json: bool
) -> int:
    """Delete the task definition revisions that no release can be rolled back to.

    All of them where the service is gone. Where it serves, those that only failed attempts hold;
    what a good release holds, what runs and what the ledger does not know stays. So do images, of
    which an environment's name tells nothing: all environments share them. Exit code 4 while an
    attempt is in progress.
    """
    from cli.connection import connect
    from cli.service import service_name

    name = service_name(service, Path())
    connect(environment, Terminal(quiet=True))
    from flows.environment import as_caller, delivery_environment
    from flows.sweep import sweep

    # No role of a step may delete images, nor read what other environments hold.
    with as_caller(delivery_environment(environment)):
        found = sweep(service=name, environment=environment, dry_run=dry_run, images=images)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        print_text("\n".join([*_lines(found), summary(found, dry_run=dry_run)]))
    return 0


def summary(found: "Swept", *, dry_run: bool) -> str:
    """Return how many go and how many stay, in one line."""
    every: list[Retention | ImageRetention] = [*found.revisions, *found.images]
    staying = sum(one.stays for one in every)
    going = "would be deleted" if dry_run else "deleted"
    return f"{len(every) - staying} {going}, {staying} stay"


def _lines(found: "Swept") -> list[str]:
    revisions = [_line(one, _short(one.revision.arn)) for one in found.revisions]
    return [*revisions, *(_line(one, _named(one)) for one in found.images)]


def _line(one: "Retention | ImageRetention", name: str) -> str:
    return f"{'stays' if one.stays else 'goes '}  {name}  {one.reason}"


def _named(one: "ImageRetention") -> str:
    tags = ", ".join(tag[:12] for tag in one.image.tags) or "no tag"
    return f"{one.image.digest[:19]} ({tags})"


def _short(arn: str) -> str:
    return arn.rpartition("/")[2]
