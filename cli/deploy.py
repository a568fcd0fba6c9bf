"""`delightful deploy`: takes a commit to live traffic."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import dry_run_option, environment_option, json_option, service_option
from cli.terminal import Terminal

if TYPE_CHECKING:
    from delightful.release import Release


@click.command(name="deploy")
@click.argument("source", type=click.Path(path_type=Path, exists=True), default=".")
@click.option("--commit", default="HEAD", show_default=True, help="Commit, branch or tag.")
@service_option
@environment_option
@dry_run_option
@json_option
def command(
    source: Path,
    commit: str,
    service: str | None,
    environment: str,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Take a commit of the repository SOURCE (default: this folder) to live traffic.

    Asked again with the same commit, it goes on where the last run stopped, or says that the
    commit already serves.
    """
    from cli.service import first_parent_history, resolve_commit, service_name

    name = service_name(service, source)
    full_commit = resolve_commit(source, commit)
    terminal = Terminal(quiet=as_json)
    from cli.outcome import tell_outcome
    from cli.preparing import connect_and_prepare

    connect_and_prepare(environment, name, terminal)
    from flows.deploy import deploy

    def attempt() -> "Release":
        return deploy(
            service=name,
            environment=environment,
            commit=full_commit,
            source=str(source.resolve()),
            history=first_parent_history(source, full_commit),
            dry_run=dry_run,
        )

    return tell_outcome(attempt, environment, as_json, dry_run=dry_run)
