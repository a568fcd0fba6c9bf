"""What a flow run leaves behind of its end, for whoever watches it: an artifact of fixed form."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from prefect.artifacts import create_table_artifact

from delightful.errors import ExitCode
from delightful.release import Release
from delightful.run_outcome import ARTIFACT_KEY, RunOutcome
from flows.publishing import prefect_is_optional
from flows.runs.run_identity import is_outermost_run

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def leaving_outcome(story: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Make a flow's function leave its outcome before the run ends.

    Prefect's own state says Failed and a text; the artifact says which error of the trade it was.
    A subflow leaves none: its parent's outcome counts.
    """

    @functools.wraps(story)
    def told(*arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        try:
            result = story(*arguments, **named)
        except Exception as error:
            _leave(RunOutcome.of_error(error))
            raise
        _leave(_outcome_of(result))
        return result

    return told


def _outcome_of(result: object) -> RunOutcome:
    release_id = result.release_id if isinstance(result, Release) else None
    return RunOutcome(exit_code=ExitCode.GOOD, release_id=release_id)


def _leave(outcome: RunOutcome) -> None:
    if not is_outermost_run():
        return
    with prefect_is_optional("outcome"):
        create_table_artifact(
            [outcome.model_dump(mode="json")],
            key=ARTIFACT_KEY,
            description=outcome.line or "ended well",
        )
