"""observe: smoke test in production, bake under alarms, and the verdict on what really serves."""

from prefect import flow

from blocks.delivery_environment import DeliveryEnvironment
from blocks.ecs.rollout import RolloutProgress
from delightful.live import LiveService
from delightful.release import Check, Failure, Release, Verdict
from delightful.verdict import verdict_of
from flows.attempts.attempt import read_release
from flows.attempts.restored import restored_checks
from flows.effects import effect
from flows.environment import delivery_environment
from flows.failing import StepFailed
from flows.rollouts.evidence import evidence_of
from flows.rollouts.smoke import expected_smoke, smoke
from flows.runs.persistence import RESULT_SERIALIZER
from flows.runs.progress import progress
from flows.runs.telling import tell, warn
from flows.runs.waiting import SETTLING_LOOKS, Pace, wait_until
from flows.terraform_apply import stack_of


@flow(
    name="observe",
    flow_run_name="observe {release}",
    persist_result=False,
    result_serializer=RESULT_SERIALIZER,
)
def observe(
    service: str, environment: str, release: str = "good", bake_seconds: int | None = None
) -> Verdict:
    """Judge what serves: does it answer, stay healthy under alarms, and is it what was released?

    Args:
        service: Name of the service, as in its manifest.
        environment: Name of the environment's block.
        release: Id of the release that should serve, or "good", or "in progress".
        bake_seconds: How long to watch before judging; empty means as long as its manifest says.
    """
    expected = read_release(service, environment, release)
    first = judge(environment, expected)
    if not first.is_good:
        raise failed_verdict(environment, expected, first)
    bake(environment, expected, bake_seconds_of(expected, bake_seconds))
    return prove(environment, expected)


def prove(environment: str, release: Release, restored: Release | None = None) -> Verdict:
    """Return the verdict on a release that serves, and on what it took back.

    Raises:
        StepFailed: something that was looked at does not hold, or could not be looked at.
    """
    verdict = judge(environment, release)
    if restored is not None:
        checks = restored_checks(release, restored)
        tell_checks(checks)
        verdict = with_checks(verdict, checks)
    if not verdict.is_good:
        raise failed_verdict(environment, release, verdict)
    return verdict


def with_checks(verdict: Verdict, checks: tuple[Check, ...]) -> Verdict:
    """Return a verdict with more checks; its failure is still the first that does not hold."""
    broken = [check for check in checks if check.ok is not True]
    failure = verdict.failure
    if broken and failure is None:
        failure = Failure(phase="observe", reason=f"{broken[0].name}: {broken[0].detail}")
    return Verdict(checks=(*verdict.checks, *checks), failure=failure)


def bake_seconds_of(release: Release, wanted: int | None) -> int:
    """Return how long to bake: as asked, else as the manifest says."""
    if wanted is not None:
        return wanted
    return release.manifest.rollout.bake_seconds if release.manifest else 60


@effect("judge")
def judge(environment: str, release: Release) -> Verdict:
    """Look at tasks, traffic, alarms and an answer until they agree, or time is up."""
    delivery = delivery_environment(environment)
    ecs = delivery.ecs_service(release.service)
    stack, expected = stack_of(release), expected_smoke(release)

    def look() -> Verdict:
        answer = smoke(delivery, stack.outputs.url, release, expected)
        return verdict_of(release, ecs.observe(stack.outputs), answer, expected)

    verdict, _ = wait_until(
        look,
        lambda seen: seen.is_good or _has_failing_alarm(seen),
        pace=Pace(delivery.poll_seconds),
        timeout_seconds=SETTLING_LOOKS * delivery.poll_seconds,
    )
    tell_checks(verdict.checks)
    return verdict


def tell_checks(checks: tuple[Check, ...]) -> None:
    """Say which checks hold in one line, and each that does not in one of its own."""
    held = [check.name for check in checks if check.ok]
    tell(f"{len(held)} of {len(checks)} checks hold: {', '.join(held)}")
    for check in checks:
        if not check.ok:
            claim = "is unknown" if check.ok is None else "does not hold"
            warn(f"{check.name} {claim}: {check.detail}")


def _has_failing_alarm(verdict: Verdict) -> bool:
    return any(check.name == "alarms" and check.ok is False for check in verdict.checks)


@effect("bake")
def bake(environment: str, release: Release, seconds: int) -> None:
    """Watch the release serve for a while; anything that goes wrong ends the bake at once."""
    delivery = delivery_environment(environment)
    pace = Pace(delivery.poll_seconds)
    began = pace.clock()
    with progress(f"{release.release_id} bakes for {seconds} s") as bar:

        def trouble() -> str | None:
            bar.show(min(99.0, 100 * (pace.clock() - began) / max(1, seconds)), "no trouble so far")
            return bake_trouble(*_watched(delivery, release))

        found, _ = wait_until(
            trouble, lambda seen: seen is not None, pace=pace, timeout_seconds=seconds
        )
    if found is not None:
        raise StepFailed(evidence_of(environment, release, Failure(phase="observe", reason=found)))


def _watched(
    delivery: DeliveryEnvironment, release: Release
) -> tuple[LiveService, RolloutProgress | None]:
    outputs = stack_of(release).outputs
    live = delivery.ecs_service(release.service).observe(outputs)
    return live, _rollout_of(delivery, release)


def _rollout_of(delivery: DeliveryEnvironment, release: Release) -> RolloutProgress | None:
    deployment_id = release.rollout.deployment_id if release.rollout else None
    if deployment_id is None:
        return None
    return delivery.rollout_engine(release.service, stack_of(release).outputs).progress(
        deployment_id
    )


def bake_trouble(live: LiveService, rollout: RolloutProgress | None) -> str | None:
    """Return what ends a bake early, or None while all is well."""
    if live.alarms_firing:
        return f"alarm while baking: {', '.join(live.alarms_firing)}"
    if rollout is not None and rollout.was_taken_back:
        return _taken_back(rollout)
    if not live.is_answered_for:
        return "a target group with traffic has no healthy target"
    return None


def _taken_back(rollout: RolloutProgress) -> str:
    return f"rollout {rollout.deployment_id} is {rollout.phase}: {rollout.message}"


def failed_verdict(environment: str, release: Release, verdict: Verdict) -> StepFailed:
    """Return a verdict that does not hold as a failure, with the evidence of the tasks.

    Where the rollout was taken back meanwhile, by an alarm or a hand, that is the reason: what
    serves is then the release before, and no check of this one can hold.
    """
    failure = verdict.failure or Failure(phase="observe", reason="nothing could be checked")
    rollout = _rollout_of(delivery_environment(environment), release)
    if rollout is not None and rollout.was_taken_back:
        failure = failure.model_copy(update={"reason": _taken_back(rollout)})
    return StepFailed(evidence_of(environment, release, failure), verdict=verdict)
