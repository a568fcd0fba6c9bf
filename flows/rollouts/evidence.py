"""What can be found out about a release's tasks, collected while they still can be looked at."""

from blocks.ecs.reading import is_beginning
from delightful.errors import DelightfulError
from delightful.release import Failure, Release
from flows.environment import delivery_environment
from flows.runs.telling import warn
from flows.runs.waiting import Pace, wait_until
from flows.terraform_apply import stack_of

_LOOK_SECONDS = 0.5
_LAST_LOOK_SECONDS = 10.0


class Evidence:
    """Remembers the most telling look at a release's tasks: the engine may end them any moment."""

    def __init__(self, environment: str, attempt: Release, phase: str) -> None:
        self._ecs = delivery_environment(environment).ecs_service(attempt.service)
        self._outputs = stack_of(attempt).outputs
        self._found = Failure(phase=phase, reason="")
        # A service's first tasks start with the apply: until the command has run they may fail.
        command = attempt.release_command
        self._since = command.ended_at if command else None

    def look(self) -> None:
        """Look once; what cannot be found out is said and left out, since the way back waits."""
        arn = self._outputs.task_definition_arn
        try:
            seen = self._ecs.explain(self._outputs, arn, self._found.phase)
        except DelightfulError as error:
            warn(f"no evidence of the tasks: {error}")
            return
        self._found = merged(self._found, seen)

    def crash_loop(self) -> str | None:
        """Return what shows that waiting longer is in vain, or None."""
        try:
            return self._ecs.crash_loop(
                self._outputs, self._outputs.task_definition_arn, self._since
            )
        except DelightfulError:
            return None

    def of(self, reason: str, *, response: str | None = None, has_ended: bool = False) -> Failure:
        """Return the failure for a reason, with all that was found.

        Where the engine `has_ended` the rollout by itself, the moment in which an ended task says
        why is waited for; anywhere else the way back must not wait.
        """
        wait_until(
            self.look,
            lambda _: bool(response or self._found.response or self._found.stopped_reason),
            pace=Pace(_LOOK_SECONDS),
            timeout_seconds=_LAST_LOOK_SECONDS if has_ended else 0.0,
        )
        found = {"reason": reason, "response": response or self._found.response}
        return self._found.model_copy(update=found)


def merged(earlier: Failure, later: Failure) -> Failure:
    """Return what two looks found: the later one's word, where it has one that says as much."""
    told = {
        name: value for name, value in later.model_dump().items() if value not in (None, (), "")
    }
    if is_beginning(later.response) and earlier.response:
        told["response"] = earlier.response
    return earlier.model_copy(update=told)


def evidence_of(environment: str, attempt: Release, failure: Failure) -> Failure:
    """Add stop reason, exit code and log tail of the release's tasks to a failure."""
    found = Evidence(environment, attempt, failure.phase)
    return found.of(failure.reason, response=failure.response)
