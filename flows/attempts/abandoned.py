"""What an abandoned attempt may have left moving: stopped before the next one begins."""

from delightful.release import Release, ReleaseState
from flows.attempts.put_back import stop_rollout
from flows.effects import effect
from flows.environment import delivery_environment
from flows.recovery.locks import break_stale_locks
from flows.runs.telling import tell
from flows.terraform_apply import stack_of


def begin_clean(release: Release) -> None:
    """Take out of an attempt's way what dead runs left: their rollout, their lock on the state.

    The rollout first, for with it the traffic goes back. What they left in the state itself, the
    attempt's own plan takes up.
    """
    clear_way(release)
    break_stale_locks(release.service, release.environment)


def clear_way(release: Release) -> None:
    """Stop the rollout that an abandoned attempt left running, with its traffic taken back.

    Nobody else can have started one: this attempt holds the mutex.
    """
    for abandoned in abandoned_before(release):
        if abandoned.stack is None:
            continue
        outputs = abandoned.stack.outputs
        active = active_rollout(release.environment, abandoned)
        if active is not None:
            tell(f"{abandoned.release_id} left rollout {active} running: stopping it")
            stop_rollout(abandoned, outputs, active)


@effect("find abandoned attempts")
def abandoned_before(release: Release) -> list[Release]:
    """Return the attempts that were closed ABORTED since one last ended otherwise."""
    ledger = delivery_environment(release.environment).ledger(release.service)
    found: list[Release] = []
    for earlier in ledger.history(release.service, release.environment, limit=10):
        if earlier.sequence >= release.sequence:
            continue
        if earlier.state is not ReleaseState.ABORTED:
            break
        found.append(earlier)
    return found


@effect("find active rollout")
def active_rollout(environment: str, abandoned: Release) -> str | None:
    """Return the rollout that still moves traffic of the abandoned attempt's service."""
    ecs = delivery_environment(environment).ecs_service(abandoned.service)
    return ecs.observe(stack_of(abandoned).outputs).active_deployment_id
