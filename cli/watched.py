"""What a watched flow run comes to: exit code and last line, decided from what was seen of it."""

from typing import Literal, NamedTuple

from cli.main import INTERRUPTED
from cli.outcome import EXIT_CODES
from delightful.errors import ExitCode
from delightful.release import Release, ReleaseState
from delightful.run_outcome import RunOutcome
from delightful.text import escaped
from flows.flow_runs import SeenRun

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
    return f"{code} {release.release_id} is {release.state}: {reason} → read it: {show}"


def _by_run(seen: Watched, again: str) -> Judgement:
    run = seen.run
    what = f"flow run {run.url}"
    if run.state_type == "CRASHED":
        why = f"its process or task is gone: {escaped(run.message, limit=300)}"
        return Judgement(6, f"E_RUN_CRASHED {what}: {why} → {_goes_on(seen)}")
    if run.state_type == "CANCELLED":
        return Judgement(6, f"E_RUN_CANCELLED {what}: cancelled in Prefect → {_goes_on(seen)}")
    if run.state_type == "FAILED":
        why = escaped(run.message, limit=500)
        return Judgement(1, f"E_RUN_FAILED {what}: {why} → read its log there")
    if expects_release(run):
        return Judgement(
            6, f"E_OUTCOME {what} completed, and its release cannot be read → look again: {again}"
        )
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
    pool = f"the work pool {run.work_pool}" if run.work_pool else "its work pool"
    return {
        "interrupted": Judgement(
            INTERRUPTED, f"E_INTERRUPTED only the watch was stopped, {where} → {look}"
        ),
        "timeout": Judgement(6, f"E_WATCH_TIMEOUT the watch ran out of time, {where} → {look}"),
        "unreachable": Judgement(
            6, f"E_PREFECT_UNREACHABLE the server stopped answering, {where} → {look}"
        ),
        "not_started": Judgement(
            6,
            f"E_NOT_STARTED flow run {run.url} is {run.state_name} and nothing took it up → "
            f"see that a worker of {pool} runs; it is then taken up; {look}",
        ),
    }[left]
