"""What a step says when the user's service, or a service of ours, did not do its part."""

from typing import Any

from delightful.errors import BuildFailed, DelightfulError, ExitCode
from delightful.release import Failure


class StepFailed(DelightfulError):
    """A step looked, and the new release is not fit to serve: a result with its reason.

    `parts` is what the release learned on the way (a rollout, a verdict).
    """

    exit_code = ExitCode.FAILED

    def __init__(self, failure: Failure, **parts: Any) -> None:
        super().__init__(
            f"E_{failure.phase.upper()}", failure.reason, hint="read the evidence in the release"
        )
        self.failure = failure
        self.parts = parts


def failure_of(error: DelightfulError, phase: str) -> Failure:
    """Return why a step failed, in the words of the error where it brought no evidence."""
    if isinstance(error, StepFailed):
        return error.failure
    tail = error.log_tail if isinstance(error, BuildFailed) else ()
    return Failure(phase=phase, reason=str(error), log_tail=tail)
