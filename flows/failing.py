"""What a step says when the user's service, or a service of ours, did not do its part."""

from typing import Any

from delightful.errors import DelightfulError, ExitCode
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
    """Return why a step failed, in the words of the error where no evidence was collected."""
    if isinstance(error, StepFailed):
        return error.failure
    return Failure(phase=phase, reason=str(error))
