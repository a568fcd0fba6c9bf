"""`delightful metrics`: how a service is delivered, counted from the ledger."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import environment_option, json_option, service_option
from cli.terminal import Terminal, print_json, print_text

if TYPE_CHECKING:
    from delightful.metrics import Metrics


@click.command(name="metrics")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True)
@service_option
@environment_option
@json_option
def command(days: int, service: str | None, environment: str, as_json: bool) -> int:
    """Count deployment frequency, lead time, change failure rate and time to restore.

    Lead time is from when a deploy was asked for until it was good. Drills are left out.
    """
    from cli.connection import delivery_environment
    from cli.service import service_name
    from delightful.metrics import metrics_of

    name = service_name(service, Path())
    ledger = delivery_environment(environment, Terminal(quiet=as_json)).ledger(name)
    attempts = ledger.head(name, environment).sequence
    releases = ledger.history(name, environment, limit=attempts)
    found = metrics_of(releases, datetime.now(UTC), days)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        print_text("\n".join([f"{name} in {environment}, last {days} days", *lines(found)]))
    return 0


def lines(found: "Metrics") -> list[str]:
    """Return the four measures, a line each."""
    rate = found.change_failure_rate
    return [
        f"  deployment frequency  {found.deploys_per_day:.2f} a day ({found.deploys})",
        f"  lead time             {_duration(found.lead_seconds)}",
        f"  change failure rate   {'none to count' if rate is None else f'{rate:.0%}'} "
        f"({found.failures} of {found.changes})",
        f"  time to restore       {_duration(found.restore_seconds)} ({found.restores})",
    ]


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "none to count"
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"
