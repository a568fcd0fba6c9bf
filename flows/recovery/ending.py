"""An attempt that nobody holds any more: finished, or taken back, and closed either way."""

from datetime import UTC, datetime

from pydantic import JsonValue

from blocks.ledger.attempt_request import AttemptRequest
from blocks.ledger.ownership import described, this_owner
from delightful.errors import DeployFailed
from delightful.recovery import Remedy
from delightful.release import AttemptKind, Failure, Release, ReleaseState, Rollout
from delightful.variables import service_variables
from flows.attempts.abandoned import begin_clean
from flows.attempts.attempt import read_release, take_up
from flows.attempts.put_back import phase_of, put_back, put_back_on_failure
from flows.effects import effect
from flows.environment import delivery_environment, environment_variables
from flows.failing import StepFailed
from flows.materials.attestations import verify_step
from flows.publishing import amend, transition
from flows.rollouts.following import PAST_LIVE
from flows.runs.run_identity import root_run_id
from flows.runs.telling import tell
from flows.steps import apply_step, prove_step, restore_step, shift_step
from flows.terraform_apply import stack_of


@effect("take over attempt")
def take_over(left: Release) -> Release:
    """Hold an attempt whose owner is gone; refused where it lives, or may live."""
    ledger = delivery_environment(left.environment).ledger(left.service)
    owner = this_owner(root_run_id())
    return ledger.take_over(left.release_id, owner, datetime.now(UTC))


def ended(left: Release, remedy: Remedy) -> Release:
    """Take over an attempt, bring it to its end, and return the record of it.

    Raises:
        RollbackFailed: what was good before does not serve again.
    """
    release = take_over(left)
    tell(f"{release.release_id} taken over at {release.state}: {remedy}")
    reason = _reason(left)
    try:
        if remedy is Remedy.FINISH_ATTEMPT:
            return _finished(release)
        if remedy is Remedy.COMPLETE_APPLY:
            release = _completed(release)
            return transition(
                release,
                ReleaseState.ABORTED,
                failure=Failure(phase="terraform_apply", reason=reason),
            )
        put_back(with_rollout(release), _gone(release, reason), unmoved=ReleaseState.ABORTED)
    except DeployFailed as error:
        tell(str(error))
    return read_release(release.service, release.environment, release.release_id)


def restored(good: Release, reason: str) -> Release:
    """Bring the good release's own inputs and tasks back, under an attempt of their own.

    Raises:
        DeployFailed: it did not prove good; the record says why.
        RollbackFailed: nor does it serve again.
    """
    attempt = take_up(
        AttemptRequest(
            service=good.service,
            environment=good.environment,
            commit=good.commit,
            kind=AttemptKind.ADOPTION,
            history=good.history,
            reason=reason,
            restores=good.release_id,
        )
    )
    return _finished(attempt)


def _finished(release: Release) -> Release:
    with put_back_on_failure(release):
        begin_clean(release)
        target = _restored_by(release)
        if target is not None:
            release = verify_step(restore_step(release, target))
        return prove_step(shift_step(_as_live(release)), restored=target)


def _restored_by(release: Release) -> Release | None:
    if release.restores is None:
        return None
    return read_release(release.service, release.environment, release.restores)


def _as_live(release: Release) -> Release:
    """Return an attempt in the state that its rollout is in, where that has gone on by itself."""
    if release.state is not ReleaseState.APPLIED or not is_live(release):
        return release
    return transition(release, ReleaseState.LIVE)


def _completed(release: Release) -> Release:
    """Apply a first release's inputs again, so that the state knows all that is there."""
    with put_back_on_failure(release):
        return apply_step(release, recorded_inputs(release))


@effect("gather recorded inputs")
def recorded_inputs(release: Release) -> dict[str, JsonValue]:
    """Return what an attempt was to be applied with, from what its record and S3 have of it."""
    recommended, manifest, image = release.recommended, release.manifest, release.image
    if recommended is None or manifest is None or image is None:
        raise StepFailed(Failure(phase="build", reason=f"{release.release_id} was not built"))
    delivery = delivery_environment(release.environment)
    return service_variables(
        environment=environment_variables(delivery, "service"),
        recommended=delivery.analyzer(release.service).variables(recommended),
        manifest=manifest,
        image=image,
    )


@effect("look at rollout")
def is_live(release: Release) -> bool:
    """Say whether an attempt's own rollout has given it all the traffic."""
    rollout = release.rollout
    if rollout is None or rollout.deployment_id is None:
        return release.state is ReleaseState.LIVE
    delivery = delivery_environment(release.environment)
    engine = delivery.rollout_engine(release.service, stack_of(release).outputs)
    return engine.progress(rollout.deployment_id).phase in PAST_LIVE


@effect("find rollout of attempt")
def with_rollout(release: Release) -> Release:
    """Return the attempt with the rollout that it began and had no time to record."""
    if release.rollout is not None or release.stack is None:
        return release
    outputs = release.stack.outputs
    delivery = delivery_environment(release.environment)
    begun = delivery.rollout_engine(release.service, outputs).find(release.release_id, outputs)
    if begun is None:
        return release
    rollout = Rollout(
        engine="codedeploy" if outputs.deployment_strategy == "blue_green" else "rolling",
        deployment_id=begun,
        task_definition_arn=outputs.task_definition_arn,
    )
    return amend(release, rollout=rollout)


def _reason(left: Release) -> str:
    holder = described(left.owner) if left.owner else "whoever held it"
    return f"{holder} is gone; ended at {left.state} by a recovery"


def _gone(release: Release, reason: str) -> StepFailed:
    return StepFailed(Failure(phase=phase_of(release), reason=reason))
