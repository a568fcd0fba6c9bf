"""`delightful releases`: the attempts there were, newest first."""

from pathlib import Path

import click

from cli.options import environment_option, json_option, service_option
from cli.terminal import Terminal, print_json, print_text


@click.command(name="releases")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
@service_option
@environment_option
@json_option
def command(limit: int, service: str | None, environment: str, as_json: bool) -> int:
    """List the releases of a service in an environment, newest first."""
    from cli.connection import delivery_environment
    from cli.service import service_name
    from delightful.render import release_table

    name = service_name(service, Path())
    ledger = delivery_environment(environment, Terminal(quiet=as_json)).ledger(name)
    releases = ledger.history(name, environment, limit=limit)
    if as_json:
        print_json([release.model_dump(mode="json") for release in releases])
    elif releases:
        print_text(release_table(releases))
    else:
        print_text(f"no release of {name} in {environment} yet → delightful deploy")
    return 0
