"""codedeploy: bring a release's tasks behind the load balancer, prove them, give them traffic."""

from datetime import UTC, datetime

from prefect import flow

from blocks.ecs.rollout import RolloutPhase, RolloutProgress
from delightful.release import Failure, Release, Rollout, StackOutputs
from delightful.verdict import smoke_verdict
from flows.attempts.attempt import held_release
from flows.effects import effect, effect_once
from flows.environment import delivery_environment
from flows.failing import StepFailed
from flows.publishing import amend
from flows.rollouts.evidence import Evidence, evidence_of
from flows.rollouts.following import PAST_LIVE, PAST_READY, follow
from flows.rollouts.smoke import expected_smoke, smoke
from flows.runs.persistence import RESULT_SERIALIZER
from flows.runs.progress import progress
from flows.runs.telling import tell
from flows.runs.waiting import Pace, wait_until
from flows.terraform_apply import stack_of


@flow(
    name="codedeploy",
    flow_run_name="codedeploy {release}",
    persist_result=False,
    result_serializer=RESULT_SERIALIZER,
)
def codedeploy(service: str, environment: str, release: str = "in progress") -> Rollout:
    """Move all traffic to a release's task definition; *live* is not yet *finished*.

    Adopts the release's own CodeDeploy deployment where one runs already. New tasks are smoke
    tested on the test listener before anybody else reaches them.

    Args:
        service: Name of the service, as in its manifest.
        environment: Name of the environment's block.
        release: Id of the open attempt whose stack was applied, or "in progress".
    """
    attempt = held_release(service, environment, release)
    outputs = stack_of(attempt).outputs
    deployment_id = begin_rollout(environment, service, attempt.release_id, outputs)
    rollout = _rollout(outputs, deployment_id)
    attempt = amend(attempt, rollout=rollout)
    if deployment_id is None:
        wait_until_serving(environment, attempt)
    else:
        bring_live(environment, attempt, deployment_id)
    return rollout.model_copy(update={"live_at": datetime.now(UTC)})


def _rollout(outputs: StackOutputs, deployment_id: str | None) -> Rollout:
    return Rollout(
        engine="codedeploy" if outputs.deployment_strategy == "blue_green" else "rolling",
        deployment_id=deployment_id,
        task_definition_arn=outputs.task_definition_arn,
    )


@effect_once("begin rollout")
def begin_rollout(
    environment: str, service: str, release_id: str, outputs: StackOutputs
) -> str | None:
    """Adopt or create the release's rollout; None where this task definition serves already."""
    engine = delivery_environment(environment).rollout_engine(service, outputs)
    deployment_id = engine.begin(release_id, outputs)
    tell(f"rollout of {release_id}: {deployment_id or 'nothing to move'}")
    return deployment_id


def bring_live(environment: str, attempt: Release, deployment_id: str) -> None:
    """Wait for the new tasks, prove them on the test listener, let them have the traffic.

    Raises:
        StepFailed: they never became healthy, did not answer as they should, or the engine gave
            up; with the evidence, before anything is taken back.
    """
    outputs = stack_of(attempt).outputs
    ready = wait_for_phase(environment, attempt, deployment_id, sorted(PAST_READY))
    if ready.phase == "ready":
        smoke_test_green(environment, attempt)
        held_release(attempt.service, environment, attempt.release_id)
        let_through(environment, attempt.service, deployment_id, outputs)
    wait_for_phase(environment, attempt, deployment_id, sorted(PAST_LIVE))


@effect("wait for rollout")
def wait_for_phase(
    environment: str, attempt: Release, deployment_id: str, phases: list[RolloutPhase]
) -> RolloutProgress:
    """Follow the rollout until it is in one of these phases."""
    delivery = delivery_environment(environment)
    engine = delivery.rollout_engine(attempt.service, stack_of(attempt).outputs)
    until = frozenset(phases)
    evidence = Evidence(environment, attempt, "codedeploy")

    def look() -> RolloutProgress:
        now = engine.progress(deployment_id)
        if now.phase == "waiting":
            look_at_tasks(evidence)
        return now

    with progress(f"rollout {deployment_id}") as bar:
        seen, in_time = follow(
            look,
            until,
            pace=Pace(delivery.poll_seconds),
            show=bar.show,
            bounds={"waiting": healthy_timeout_seconds(attempt)},
        )
    if seen.phase in until and in_time:
        return seen
    reason = seen.message or seen.status
    spent = "" if in_time else "; it took longer than it may"
    told = f"rollout {deployment_id} is {seen.phase}: {reason}{spent}"
    raise StepFailed(evidence.of(told, has_ended=seen.has_ended))


def look_at_tasks(evidence: Evidence) -> None:
    """Collect what the tasks say while they are not healthy yet.

    Raises:
        StepFailed: they only start to end again, so that nothing is left to wait for.
    """
    evidence.look()
    crashing = evidence.crash_loop()
    if crashing is not None:
        raise StepFailed(evidence.of(crashing))


def healthy_timeout_seconds(attempt: Release) -> float:
    """Return how long new tasks may take to become healthy, as the manifest says."""
    return float(attempt.manifest.rollout.healthy_timeout_seconds if attempt.manifest else 300)


@effect("smoke test before traffic")
def smoke_test_green(environment: str, attempt: Release) -> None:
    """Ask the new tasks on the test listener; a service without one has nothing to ask there."""
    delivery = delivery_environment(environment)
    test_url = stack_of(attempt).outputs.test_url
    if test_url is None:
        tell("no test listener: the new tasks are judged by their health checks alone")
        return
    expected = expected_smoke(attempt)
    response = smoke(delivery, test_url, attempt, expected)
    verdict = smoke_verdict(attempt, response, expected)
    if not verdict.is_good:
        failure = verdict.failure or Failure(phase="codedeploy", reason="the smoke test failed")
        raise StepFailed(evidence_of(environment, attempt, failure))
    tell(f"new tasks answer on {test_url}: {response.status}")


@effect_once("let through")
def let_through(environment: str, service: str, deployment_id: str, outputs: StackOutputs) -> str:
    """End the wait before the shift: the new tasks get production traffic."""
    engine = delivery_environment(environment).rollout_engine(service, outputs)
    engine.proceed(deployment_id, "ready")
    tell(f"rollout {deployment_id}: traffic may shift")
    return deployment_id


@effect("wait until serving")
def wait_until_serving(environment: str, attempt: Release) -> None:
    """Wait until tasks that nothing had to be moved to are healthy behind the listener."""
    delivery = delivery_environment(environment)
    outputs = stack_of(attempt).outputs
    ecs = delivery.ecs_service(attempt.service)
    evidence = Evidence(environment, attempt, "codedeploy")
    with progress(f"{attempt.release_id} becomes healthy") as bar:

        def is_serving() -> bool:
            live = ecs.observe(outputs)
            bar.show(50.0, f"{live.running_count} of {live.desired_count} tasks running")
            serves = live.is_answered_for and live.running_count >= live.desired_count > 0
            if not serves:
                look_at_tasks(evidence)
            return serves

        _, serves = wait_until(
            is_serving,
            bool,
            pace=Pace(delivery.poll_seconds),
            timeout_seconds=healthy_timeout_seconds(attempt),
        )
    if not serves:
        raise StepFailed(evidence.of("the tasks never became healthy"))


@effect("finish rollout")
def finish_rollout(environment: str, attempt: Release, rollout: Rollout) -> Rollout:
    """End the wait in which the old tasks could still come back, and follow to the end."""
    if rollout.deployment_id is not None:
        delivery = delivery_environment(environment)
        engine = delivery.rollout_engine(attempt.service, stack_of(attempt).outputs)
        engine.proceed(rollout.deployment_id, "termination")
        wait_for_phase.fn(environment, attempt, rollout.deployment_id, ["finished"])
    return rollout.model_copy(update={"finished_at": datetime.now(UTC)})
