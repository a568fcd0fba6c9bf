"""The exit code of a watched run follows what became of the release, and of the error."""

import pytest

from cli.main import INTERRUPTED
from cli.outcome import EXIT_CODES
from cli.submission.watched import Left, Watched, judged
from delightful.errors import (
    ConfigError,
    DelightfulError,
    DeployFailed,
    ExitCode,
    Refused,
    RollbackFailed,
    Superseded,
    TransientError,
)
from delightful.release import TERMINAL_STATES, Failure, Release, ReleaseState
from delightful.run_outcome import RunOutcome
from flows.runs.flow_runs import SeenRun
from tests.delightful import samples

AGAIN = "delightful watch 0123 --environment staging"


def run(state_type: str, flow: str = "deploy", **fields: object) -> SeenRun:
    """Return a run in a state."""
    known = {"id": "0123", "url": "http://prefect/runs/0123", "state_name": state_type.title()}
    return SeenRun.model_validate({**known, "flow": flow, "state_type": state_type, **fields})


def release(state: ReleaseState) -> Release:
    """Return a release that ended, or stands, in a state."""
    failure = Failure(phase="observe", reason="the answer was 500")
    return samples.release().model_copy(update={"state": state, "failure": failure})


@pytest.mark.parametrize("state", sorted(TERMINAL_STATES))
def test_a_release_decides_whatever_prefect_calls_the_run(state: ReleaseState) -> None:
    """A run that ended Completed while its release was rolled back is no success."""
    for state_type in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
        verdict = judged(Watched(run(state_type), release=release(state)), AGAIN)
        assert verdict.exit_code == EXIT_CODES[state]
        assert (verdict.line is None) is (state is ReleaseState.GOOD)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Refused("E_FROZEN", "frozen", hint="wait"), 4),
        (Superseded("E_SUPERSEDED", "older", hint="nothing"), 3),
        (ConfigError("E_SHA", "no commit", hint="give one"), 2),
        (TransientError("E_AWS_BUSY", "busy", hint="again"), 6),
        (RollbackFailed("E_ROLLBACK", "stuck", hint="look", release_id="api-sandbox-000002"), 7),
    ],
)
def test_a_run_that_opened_no_attempt_ends_by_its_error(
    error: DelightfulError, expected: int
) -> None:
    """The code that the run left is the code of the command, and so is its line."""
    verdict = judged(Watched(run("FAILED"), RunOutcome.of_error(error)), AGAIN)
    assert verdict == (expected, str(error))


def test_a_failed_release_is_refined_by_its_error() -> None:
    """What failed for a mistake in the manifest is bad input, as without --submit."""
    told = RunOutcome.of_error(ConfigError("E_KEY", "unknown key", hint="take it out"))
    verdict = judged(Watched(run("FAILED"), told, release(ReleaseState.FAILED)), AGAIN)
    assert verdict.exit_code == ExitCode.BAD_INPUT


def test_says_what_the_flow_said_of_a_rollback() -> None:
    """The flow's own line is passed on whole; where it left none, the record speaks."""
    error = DeployFailed(
        "E_DEPLOY", "is ROLLED_BACK", hint="show", release_id="api-sandbox-000001", rolled_back=True
    )
    seen = Watched(run("FAILED"), RunOutcome.of_error(error), release(ReleaseState.ROLLED_BACK))
    assert judged(seen, AGAIN) == (5, str(error))
    alone = judged(seen._replace(outcome=None), AGAIN)
    assert alone.exit_code == ExitCode.ROLLED_BACK
    assert alone.line is not None
    assert "the answer was 500" in alone.line


@pytest.mark.parametrize(
    ("state_type", "code", "exit_code"),
    [
        ("CRASHED", "E_RUN_CRASHED", 6),
        ("CANCELLED", "E_RUN_CANCELLED", 6),
        ("FAILED", "E_RUN_FAILED", 1),
        ("COMPLETED", "E_OUTCOME", 6),
    ],
)
def test_a_run_that_left_nothing_behind_is_never_good(
    state_type: str, code: str, exit_code: int
) -> None:
    """One line with its code, and what to do."""
    verdict = judged(Watched(run(state_type, message="two\nlines")), AGAIN)
    assert verdict.line is not None
    assert verdict.line.startswith(f"{code} ")
    assert "→" in verdict.line
    assert "\n" not in verdict.line
    assert verdict.exit_code == exit_code


def test_an_open_attempt_is_named() -> None:
    """Whoever runs the same again goes on with the attempt that the lost run left."""
    verdict = judged(Watched(run("CRASHED"), release=release(ReleaseState.APPLIED)), AGAIN)
    assert verdict.line is not None
    assert samples.release().release_id in verdict.line
    assert verdict.exit_code == ExitCode.UNREACHABLE


def test_what_leaves_no_release_may_end_well_without_one() -> None:
    """An analysis, a plan: Completed is all there is to say."""
    assert judged(Watched(run("COMPLETED", "analyze")), AGAIN) == (0, None)
    assert judged(Watched(run("COMPLETED", parameters={"dry_run": True})), AGAIN) == (0, None)


@pytest.mark.parametrize(
    ("left", "code", "exit_code"),
    [
        ("interrupted", "E_INTERRUPTED", INTERRUPTED),
        ("timeout", "E_WATCH_TIMEOUT", 6),
        ("unreachable", "E_PREFECT_UNREACHABLE", 6),
        ("not_started", "E_NOT_STARTED", 6),
    ],
)
def test_whoever_leaves_says_where_the_run_is(left: Left, code: str, exit_code: int) -> None:
    """The last line has the run's address and the command that watches it again."""
    verdict = judged(Watched(run("RUNNING", work_pool="ecs"), left=left), AGAIN)
    assert verdict.exit_code == exit_code
    assert verdict.line is not None
    assert verdict.line.startswith(f"{code} ")
    assert "http://prefect/runs/0123" in verdict.line
    assert verdict.line.endswith(AGAIN)
