"""`delightful verify`: what would make a deploy fail late, looked at before it begins."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import environment_option, json_option, service_option
from cli.terminal import Terminal, print_json, print_text

if TYPE_CHECKING:
    from delightful.release import Check

MARKS = {True: "ok         ", False: "FAILED     ", None: "unchecked  "}


@click.command(name="verify")
@click.argument("source", type=click.Path(path_type=Path, exists=True), default=".")
@click.option("--commit", default="HEAD", show_default=True, help="Commit, branch or tag.")
@click.option("--strict", is_flag=True, help="Exit code 6 where something could not be checked.")
@service_option
@environment_option
@json_option
def command(
    source: Path,
    commit: str,
    strict: bool,
    service: str | None,
    environment: str,
    as_json: bool,
) -> int:
    """Look for what would make a deploy of SOURCE fail in its middle; nothing is changed.

    Image, secrets, roles, target group, log group, alarms, rollout, locks, the way back and room
    for both versions. Exit code 4 where a point does not hold; one that could not be checked is
    neither held nor broken.
    """
    from cli.service import resolve_commit, service_name

    name = service_name(service, source)
    full_commit = resolve_commit(source, commit)
    from cli.connection import connect

    connect(environment, Terminal(quiet=True))
    from flows.verify import verify

    found = verify(
        service=name, environment=environment, commit=full_commit, source=str(source.resolve())
    )
    if as_json:
        print_json([check.model_dump(mode="json") for check in found])
    else:
        print_text("\n".join(f"{MARKS[one.ok]}{one.name:<14}{one.detail}" for one in found))
        print_text(summary(found))
    return exit_code(found, strict=strict)


def summary(found: "list[Check]") -> str:
    """Return how many points hold, in one line."""
    counts = [sum(check.ok is state for check in found) for state in (True, False, None)]
    return "{} ok, {} failed, {} could not be checked".format(*counts)


def exit_code(found: "list[Check]", *, strict: bool) -> int:
    """Return 0 where nothing is broken, 4 where something is, 6 where strict and not all seen."""
    from delightful.errors import ExitCode

    if any(check.ok is False for check in found):
        return ExitCode.REFUSED
    unseen = any(check.ok is None for check in found)
    return ExitCode.UNREACHABLE if strict and unseen else ExitCode.GOOD
