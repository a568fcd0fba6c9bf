"""How an attempt ended, for a person, a script and a shell."""

from collections.abc import Callable

from cli.terminal import print_json, print_text
from delightful.errors import DelightfulError, DeployFailed, ExitCode, RollbackFailed
from delightful.names import service_of
from delightful.release import Release, ReleaseState
from delightful.render import release_text

EXIT_CODES = {
    ReleaseState.GOOD: ExitCode.GOOD,
    ReleaseState.FAILED: ExitCode.FAILED,
    ReleaseState.ABORTED: ExitCode.FAILED,
    ReleaseState.SUPERSEDED: ExitCode.SUPERSEDED,
    ReleaseState.ROLLED_BACK: ExitCode.ROLLED_BACK,
    ReleaseState.ROLLBACK_FAILED: ExitCode.ROLLBACK_FAILED,
}


def tell_outcome(
    attempt: Callable[[], Release], environment: str, as_json: bool, *, dry_run: bool
) -> int:
    """Run an attempt, print its record however it ended, and return the exit code for its state.

    Errors that leave no ended attempt behind go on to the caller.
    """
    try:
        release = attempt()
    except (DeployFailed, RollbackFailed) as error:
        _print(_record_of(error, environment), as_json)
        raise
    _print(release, as_json)
    return ExitCode.GOOD if dry_run else EXIT_CODES.get(release.state, ExitCode.FAILED)


def _record_of(error: DelightfulError, environment: str) -> Release:
    from flows.environment import delivery_environment

    named = str(getattr(error, "release_id", ""))
    return delivery_environment(environment).ledger(service_of(named)).get(named)


def _print(release: Release, as_json: bool) -> None:
    if as_json:
        print_json(release.model_dump(mode="json"))
    else:
        print_text(release_text(release))
