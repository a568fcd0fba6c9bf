"""`delightful deploy`: takes a commit to live traffic."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from cli.answer import one_answer
from cli.asked import Commit, Watching
from cli.options import (
    dry_run_option,
    environment_option,
    json_option,
    pull_request_option,
    service_option,
    submit_option,
)
from cli.submission.server import prefect_server
from cli.terminal import Terminal

if TYPE_CHECKING:
    from delightful.release import Release


class Wanted(NamedTuple):
    """What was typed."""

    source: Path
    commit: str
    service: str | None
    environment: str
    dry_run: bool

    def found(self) -> tuple[Commit, list[str]]:
        """Return the commit that git has for it, and its first-parent history, newest first."""
        from cli.service import first_parent_history, resolve_commit, service_name

        name = service_name(self.service, self.source)
        full = resolve_commit(self.source, self.commit)
        history = first_parent_history(self.source, full)
        return Commit(name, self.environment, full, self.source.resolve()), history


@click.command(name="deploy")
@click.argument("source", type=click.Path(path_type=Path, exists=True), default=".")
@click.option("--commit", default="HEAD", show_default=True, help="Commit, branch or tag.")
@service_option
@environment_option
@dry_run_option
@submit_option
@pull_request_option
@json_option
def command(
    source: Path,
    commit: str,
    service: str | None,
    environment: str,
    dry_run: bool,
    is_submitted: bool,
    timeout_seconds: float,
    pull_request: int | None,
    as_json: bool,
) -> int:
    """Take a commit of the repository SOURCE (default: this folder) to live traffic.

    Asked again with the same commit, it goes on where the last run stopped, or says that the
    commit already serves. With --submit the commit was built by `delightful build` before.
    """
    if pull_request is not None and not (is_submitted and dry_run):
        raise click.UsageError("--pull-request goes with --submit and --dry-run")
    wanted = Wanted(source, commit, service, environment, dry_run)
    if not is_submitted:
        return _deploy_here(wanted, as_json)
    with one_answer(as_json=as_json):
        return _submit(wanted, Watching(timeout_seconds, as_json), pull_request)


def _deploy_here(wanted: Wanted, as_json: bool) -> int:
    found, history = wanted.found()
    terminal = Terminal(quiet=as_json)
    from cli.outcome import tell_outcome
    from cli.preparing import connect_and_prepare

    connect_and_prepare(found.environment, found.service, terminal)
    from flows.deploy import deploy

    def attempt() -> "Release":
        return deploy(
            service=found.service,
            environment=found.environment,
            commit=found.commit,
            source=str(found.folder),
            history=history,
            dry_run=wanted.dry_run,
        )

    return tell_outcome(attempt, found.environment, as_json, dry_run=wanted.dry_run)


def _submit(wanted: Wanted, watching: Watching, pull_request: int | None) -> int:
    found, history = wanted.found()
    with prefect_server(found.environment):
        from cli.submission.submitted import submit_deploy

        return submit_deploy(
            found, history, watching, dry_run=wanted.dry_run, pull_request=pull_request
        )
