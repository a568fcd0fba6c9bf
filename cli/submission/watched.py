"""What a watched flow run comes to: exit code and last line, decided from what was seen of it."""

from typing import Literal, NamedTuple

from cli.main import INTERRUPTED
from cli.outcome import EXIT_CODES
from delightful.errors import ExitCode
from delightful.release import Release, ReleaseState
from delightful.run_outcome import RunOutcome
from delightful.text import escaped
from flows.runs.flow_runs import SeenRun

# Of these the release's own state says all; where it only failed, the error says why.
_DECISIVE = frozenset(EXIT_CODES) - {ReleaseState.FAILED, ReleaseState.ABORTED}
_RELEASING = frozenset({"deploy", "rollback"})

Left = Literal["timeout", "interrupted", "unreachable", "not_started"]


class Watched(NamedTuple):
    """What was seen of a run; `left` says why the watch ended before the run did."""

    run: SeenRun
    outcome: RunOutcome | None = None
    release: Release | None = None
    left: Left | None = None


class Judgement(NamedTuple):
    """The exit code, and the line that says why it is not 0."""

    exit_code: int
    line: str | None = None


def judged(seen: Watched, again: str) -> Judgement:
    """Judge what was seen; `again` is the command that watches the run again.

    A release that has ended decides by its state, whatever Prefect says of the run.
    """
    if seen.left is not None:
        return _left(seen.left, seen.run, again)
    release, outcome = seen.release, seen.outcome
    if release is not None and release.state in _DECISIVE:
        return _by_release(release, outcome)
    if outcome is not None and outcome.code is not None:
        return Judgement(outcome.exit_code, outcome.line)
    if release is not None and release.is_terminal:
        return _by_release(release, outcome)
    return _by_run(seen, again)


def expects_release(run: SeenRun) -> bool:
    """Say whether a run that ends well leaves a release to be read."""
    return run.flow in _RELEASING and not run.parameters.get("dry_run")


def _by_release(release: Release, outcome: RunOutcome | None) -> Judgement:
    exit_code = EXIT_CODES[release.state]
    if exit_code == ExitCode.GOOD:
        return Judgement(exit_code)
    told = outcome.line if outcome else None
    return Judgement(exit_code, told or _ended(release))


def _ended(release: Release) -> str:
    code = {
        ReleaseState.SUPERSEDED: "E_SUPERSEDED",
        ReleaseState.ROLLBACK_FAILED: "E_ROLLBACK",
    }.get(release.state, "E_DEPLOY")
    reason = escaped(release.failure.reason, limit=500) if release.failure else "no reason is kept"
    show = f"delightful show {release.release_id} --environment {release.environment}"
    return _line(code, f"{release.release_id} is {release.state}: {reason}", f"read it: {show}")


def _by_run(seen: Watched, again: str) -> Judgement:
    run = seen.run
    what = f"flow run {run.url}"
    why = escaped(run.message, limit=500)
    if run.state_type == "CRASHED":
        line = _line("E_RUN_CRASHED", f"{what}: its process or task is gone: {why}", _goes_on(seen))
        return Judgement(ExitCode.UNREACHABLE, line)
    if run.state_type == "CANCELLED":
        line = _line("E_RUN_CANCELLED", f"{what}: cancelled in Prefect", _goes_on(seen))
        return Judgement(ExitCode.UNREACHABLE, line)
    if run.state_type == "FAILED":
        return Judgement(
            ExitCode.FAILED, _line("E_RUN_FAILED", f"{what}: {why}", "read its log there")
        )
    if expects_release(run):
        told = f"{what} completed, and its release cannot be read"
        return Judgement(ExitCode.UNREACHABLE, _line("E_OUTCOME", told, f"look again: {again}"))
    return Judgement(ExitCode.GOOD)


def _goes_on(seen: Watched) -> str:
    if seen.release is None:
        return "submit the same again"
    return (
        f"{seen.release.release_id} is {seen.release.state} and open: the same again goes on there"
    )


def _left(left: Left, run: SeenRun, again: str) -> Judgement:
    look = f"watch again: {again}"
    where = f"flow run {run.url} goes on"
    if left == "interrupted":
        told = f"only the watch was stopped, {where}"
        return Judgement(INTERRUPTED, _line("E_INTERRUPTED", told, look))
    if left == "timeout":
        line = _line("E_WATCH_TIMEOUT", f"the watch ran out of time, {where}", look)
    elif left == "unreachable":
        line = _line("E_PREFECT_UNREACHABLE", f"the server stopped answering, {where}", look)
    else:
        told = f"flow run {run.url} is {run.state_name} and nothing took it up"
        pool = f"the work pool {run.work_pool}" if run.work_pool else "its work pool"
        line = _line("E_NOT_STARTED", told, f"see that a worker of {pool} runs, then {look}")
    return Judgement(ExitCode.UNREACHABLE, line)


def _line(code: str, what: str, hint: str) -> str:
    return f"{code} {what} → {hint}"
