"""The release command: run once with the new image, before any traffic moves to it."""

import shlex
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from blocks.ecs.release_command import CommandProgress
from delightful.errors import ExternalError
from delightful.release import AttemptKind, CommandRun, Failure, Release
from flows.effects import effect
from flows.environment import delivery_environment
from flows.failing import StepFailed
from flows.publishing import amend
from flows.runs.progress import progress
from flows.runs.telling import tell
from flows.runs.waiting import Pace, wait_until
from flows.terraform_apply import stack_of

# How long ECS may not know a task that it has just started, and how long a stopped one may linger.
_LOST_SECONDS = 60.0
_STOPPING_SECONDS = 150.0

_PERCENT = {"PROVISIONING": 10.0, "PENDING": 20.0, "ACTIVATING": 30.0, "RUNNING": 50.0}


def command_of(release: Release) -> tuple[str, ...] | None:
    """Return the command that an attempt runs; a rollback runs none, since data stays as it is."""
    if release.kind is not AttemptKind.DEPLOY or release.manifest is None:
        return None
    return release.manifest.release_command


def run_release_command(release: Release, command: Sequence[str]) -> Release:
    """Run an attempt's command to its end, once: whatever of it is there already is adopted.

    Raises:
        StepFailed: it ended with another code than 0, never ran, or took longer than it may.
    """
    run = release.release_command
    if run is None:
        run = CommandRun(task_arn=begin_command(release, list(command)))
        release = amend(release, release_command=run)
    if run.exit_code is None:
        seen = follow_command(release, run)
        release = amend(release, release_command=ended(run, seen))
    return release


@effect("begin release command")
def begin_command(release: Release, command: list[str]) -> str:
    """Adopt the attempt's own task, or start it; returns its ARN."""
    runner = delivery_environment(release.environment).release_command(release.service)
    try:
        task_arn = runner.begin(release.release_id, stack_of(release).outputs, command)
    except ExternalError as error:
        raise StepFailed(Failure(phase="release_command", reason=str(error))) from error
    tell(f"release command `{shlex.join(command)}` of {release.release_id} runs as {task_arn}")
    return task_arn


@effect("follow release command")
def follow_command(release: Release, run: CommandRun) -> CommandProgress:
    """Follow the command's task to its end, and return how it ended well."""
    delivery = delivery_environment(release.environment)
    runner, outputs = delivery.release_command(release.service), stack_of(release).outputs
    pace = Pace(delivery.poll_seconds)
    with progress(f"release command of {release.release_id}") as bar:

        def look() -> CommandProgress:
            seen = runner.progress(outputs, run.task_arn)
            bar.show(_PERCENT.get(seen.status, 90.0), seen.status)
            return seen

        seen, in_time = followed(look, pace, runner.timeout_seconds)
        if not in_time:
            runner.stop(outputs, run.task_arn, f"took longer than {runner.timeout_seconds} s")
            seen, _ = followed(look, pace, _STOPPING_SECONDS)
        fault = command_fault(seen, None if in_time else runner.timeout_seconds)
        if fault is not None:
            raise StepFailed(failure_of(fault, seen), release_command=ended(run, seen))
    tell(f"release command of {release.release_id} ended with exit code 0")
    return seen


def followed(
    look: Callable[[], CommandProgress], pace: Pace, timeout_seconds: float
) -> tuple[CommandProgress, bool]:
    """Look until the task has ended or is lost; returns the last look and whether in time."""
    seen, is_known = wait_until(
        look, lambda now: not now.is_lost, pace=pace, timeout_seconds=_LOST_SECONDS
    )
    if not is_known:
        return seen, True
    return wait_until(
        look,
        lambda now: now.has_ended or now.is_lost,
        pace=pace,
        timeout_seconds=timeout_seconds,
    )


def command_fault(seen: CommandProgress, spent_seconds: int | None) -> str | None:
    """Return why a command did not end well, or None; `spent_seconds` where it was stopped."""
    if seen.is_lost:
        return "ECS no longer knows the release command's task, so nobody can say how it ended"
    if spent_seconds is not None:
        return f"the release command took longer than {spent_seconds} s and was stopped"
    if seen.exit_code is None:
        return f"the release command never ran: {seen.stopped_reason or 'no reason given'}"
    if seen.exit_code != 0:
        return f"the release command ended with exit code {seen.exit_code}"
    return None


def failure_of(fault: str, seen: CommandProgress) -> Failure:
    """Return the evidence of a command that did not end well."""
    return Failure(
        phase="release_command",
        reason=fault,
        stopped_reason=seen.stopped_reason,
        exit_code=seen.exit_code,
        log_tail=seen.log_tail,
    )


def ended(run: CommandRun, seen: CommandProgress) -> CommandRun:
    """Return the record of a command that has ended."""
    return run.model_copy(update={"exit_code": seen.exit_code, "ended_at": datetime.now(UTC)})
