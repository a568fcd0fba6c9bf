"""The way back: traffic and inputs return to the release that was good, then the attempt closes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from blocks.ecs.rollout import RolloutProgress
from delightful.errors import (
    ConfigError,
    DelightfulError,
    DeployFailed,
    ExternalError,
    Refused,
    RollbackFailed,
)
from delightful.live import LiveService
from delightful.release import AttemptKind, Failure, Release, ReleaseState, StackOutputs
from delightful.render.lines import reason_of
from delightful.variables import sha256_of
from delightful.verdict import is_serving, state_after_failure
from flows.attempts.attempt import good_release, read_release
from flows.attempts.stores import inputs_of
from flows.effects import effect
from flows.environment import delivery_environment
from flows.failing import StepFailed, failure_of
from flows.publishing import transition
from flows.rollouts.following import PAST_LIVE, PAST_READY, follow
from flows.runs.progress import progress
from flows.runs.telling import tell, warn
from flows.runs.waiting import SETTLING_LOOKS, Pace, wait_until
from flows.terraform_apply import apply_plan, plan_stack

# A guard of the ledger said that somebody else goes on with the attempt: hands off.
_NOT_OURS_ANY_MORE = frozenset({"E_FENCED"})


@contextmanager
def put_back_on_failure(release: Release) -> Iterator[None]:
    """Close the attempt where the block fails for a reason; leave it resumable where it breaks.

    Raises:
        DeployFailed: the new release did not become good; the record says why.
        RollbackFailed: what was good before does not serve again, or a rollback did not arrive.
    """
    try:
        yield
    except (StepFailed, ExternalError, ConfigError, Refused) as error:
        ended = ended_elsewhere(release)
        if ended is None and error.code in _NOT_OURS_ANY_MORE:
            raise
        raise ended or put_back(release, error) from error
    except Exception as error:
        let_go(release)
        warn(f"{type(error).__name__}: {release.release_id} stays open; run the same again")
        raise
    except BaseException:
        # Cancelled or interrupted: the process is about to end, which frees the attempt by itself.
        warn(f"stopped: {release.release_id} stays open; the same command goes on from here")
        raise


@effect("let go of attempt")
def let_go(release: Release) -> None:
    """Leave the attempt open without an owner, so that anybody may resume it at once."""
    ledger = delivery_environment(release.environment).ledger(release.service)
    try:
        ledger.let_go(ledger.get(release.release_id))
    except DelightfulError as error:
        warn(f"the attempt keeps its owner until this process ends: {error}")


@effect("look who ended the attempt")
def ended_elsewhere(release: Release) -> DelightfulError | None:
    """Return what to tell where somebody else ended the attempt, as a rollback does; else None."""
    try:
        stored = read_release.fn(release.service, release.environment, release.release_id)
    except DelightfulError:
        # The failure that brought us here is the one to tell.
        return None
    if not stored.is_terminal:
        return None
    return DeployFailed(
        "E_DEPLOY",
        f"{stored.release_id} is {stored.state}: {reason_of(stored)}",
        hint=f"this run changes nothing more; see `delightful show {stored.release_id}`",
        release_id=stored.release_id,
        rolled_back=False,
    )


def put_back(
    release: Release, error: DelightfulError, *, unmoved: ReleaseState = ReleaseState.FAILED
) -> DelightfulError:
    """Undo what the attempt moved, record its end, and return what to tell the caller.

    `unmoved` is how it ends where no traffic was to move yet, or none has to come back.
    """
    failure = failure_of(error, phase_of(release))
    learned = error.parts if isinstance(error, StepFailed) else {}
    release = read_release(release.service, release.environment, release.release_id)
    release = release.with_parts(**learned)
    warn(f"{release.release_id} failed in {failure.phase}: {failure.reason}")
    good = good_release(release.service, release.environment)
    if release.release_command is not None:
        warn("not taken back: what the release command changed in the service's data")
    release, live, second = _undo(release, good, error)
    state = end_state(release, good, live, second)
    state = unmoved if state is ReleaseState.FAILED else state
    closed = transition(release, state, failure=_both(failure, second))
    return told(closed, good, error)


def phase_of(release: Release) -> str:
    """Return the phase in which an error that names none must have happened."""
    return {
        ReleaseState.PENDING: "build",
        ReleaseState.BUILT: "terraform_apply",
        ReleaseState.APPLIED: "codedeploy",
    }.get(release.state, "observe")


def _undo(
    release: Release, good: Release | None, error: DelightfulError
) -> tuple[Release, LiveService | None, DelightfulError | None]:
    """Take back what moved; a second failure is returned beside the first, never instead of it."""
    try:
        release = _with_rollback(release)
        if good is None or not has_changed_inputs(release, error):
            return release, None, None
        outputs = restore_inputs(release, good)
        return release, restore_traffic(release, good, outputs), None
    except DelightfulError as second:
        warn(f"the way back failed: {second}")
        return release, None, second


def has_changed_inputs(release: Release, error: DelightfulError) -> bool:
    """Say whether the state may hold the failed release's inputs: an apply began, or ended."""
    has_begun = release.state is ReleaseState.BUILT and isinstance(error, StepFailed)
    return has_begun or release.state in (ReleaseState.APPLIED, ReleaseState.LIVE)


def _with_rollback(release: Release) -> Release:
    """Return the release with the id of the rollback that takes its traffic back."""
    rollout, stack = release.rollout, release.stack
    if rollout is None or rollout.deployment_id is None or stack is None:
        return release
    ended = stop_rollout(release, stack.outputs, rollout.deployment_id)
    rolled_back = rollout.model_copy(
        update={"rollback_deployment_id": ended.rollback_deployment_id}
    )
    return release.with_parts(rollout=rolled_back)


@effect("stop rollout")
def stop_rollout(release: Release, outputs: StackOutputs, deployment_id: str) -> RolloutProgress:
    """Stop a rollout that has not ended, and follow its rollback to the end."""
    delivery = delivery_environment(release.environment)
    engine = delivery.rollout_engine(release.service, outputs)
    seen = engine.progress(deployment_id)
    if not seen.has_ended and seen.phase != "rolling_back":
        rollback_id = engine.roll_back(deployment_id)
        tell(f"rollout {deployment_id} stopped; rollback {rollback_id or 'without an id'}")
    with progress(f"rollback of {deployment_id}") as bar:
        seen, _ = follow(
            lambda: engine.progress(deployment_id),
            frozenset(),
            pace=Pace(delivery.poll_seconds),
            show=bar.show,
        )
    return seen


def restore_inputs(release: Release, good: Release) -> StackOutputs:
    """Apply the good release's inputs again, so that the state never keeps the bad ones."""
    saved = plan_stack(release.service, release.environment, inputs_of(good), adopts=True)
    inputs = sha256_of(saved.variables)
    state = apply_plan(release.service, release.environment, release.release_id, inputs, saved)
    tell(f"inputs of {good.release_id} applied again")
    return StackOutputs.model_validate(state.outputs)


def restore_traffic(release: Release, good: Release, outputs: StackOutputs) -> LiveService:
    """Return what serves once it is the good release, shifting to it where nothing else did."""
    live = look_for(release.environment, good, outputs)
    if is_serving(good, live):
        tell(f"{good.release_id} serves")
        return live
    shift_back(release, outputs)
    return look_for(release.environment, good, outputs)


@effect("look for good release")
def look_for(environment: str, good: Release, outputs: StackOutputs) -> LiveService:
    """Look until the good release serves, or time is up; returns the last look."""
    delivery = delivery_environment(environment)
    ecs = delivery.ecs_service(good.service)
    live, _ = wait_until(
        lambda: ecs.observe(outputs),
        lambda seen: is_serving(good, seen),
        pace=Pace(delivery.poll_seconds),
        timeout_seconds=SETTLING_LOOKS * delivery.poll_seconds,
    )
    return live


@effect("shift back")
def shift_back(release: Release, outputs: StackOutputs) -> None:
    """Bring the good release's task definition to traffic by a rollout of its own, once."""
    delivery = delivery_environment(release.environment)
    engine = delivery.rollout_engine(release.service, outputs)
    deployment_id = engine.begin(f"{release.release_id}-back", outputs)
    if deployment_id is None:
        return
    with progress(f"shift back {deployment_id}") as bar:
        for until, wait in ((PAST_READY, "ready"), (PAST_LIVE, "termination")):
            follow(
                lambda: engine.progress(deployment_id),
                until,
                pace=Pace(delivery.poll_seconds),
                show=bar.show,
            )
            engine.proceed(deployment_id, "ready" if wait == "ready" else "termination")


def end_state(
    release: Release,
    good: Release | None,
    live: LiveService | None,
    second: DelightfulError | None,
) -> ReleaseState:
    """Return where the attempt ends; a rollback that did not arrive is never called rolled back."""
    if second is not None and release.state is not ReleaseState.PENDING:
        return ReleaseState.ROLLBACK_FAILED
    state = state_after_failure(release, good, live)
    if release.kind is AttemptKind.ROLLBACK and state is ReleaseState.ROLLED_BACK:
        return ReleaseState.ROLLBACK_FAILED
    return state


def _both(failure: Failure, second: DelightfulError | None) -> Failure:
    if second is None:
        return failure
    reason = f"{failure.reason}; then the way back failed: {second}"
    return failure.model_copy(update={"reason": reason})


def told(closed: Release, good: Release | None, error: DelightfulError) -> DelightfulError:
    """Return the error that says how the attempt ended, and what serves now."""
    if closed.state is ReleaseState.FAILED and isinstance(error, ConfigError | Refused):
        return error
    failure = closed.failure
    reason = f"{closed.release_id} is {closed.state}: {failure.reason if failure else error}"
    show = f"see `delightful show {closed.release_id}`"
    if closed.state is ReleaseState.ROLLBACK_FAILED:
        hint = f"look at what serves now; {show}"
        return RollbackFailed("E_ROLLBACK", reason, hint=hint, release_id=closed.release_id)
    serves = f"{good.release_id} serves as before" if good else "nothing good served before"
    parts: dict[str, Any] = {
        "release_id": closed.release_id,
        "rolled_back": closed.state is ReleaseState.ROLLED_BACK,
    }
    return DeployFailed("E_DEPLOY", reason, hint=f"{serves}; {show}", **parts)
