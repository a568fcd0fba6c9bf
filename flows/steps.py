"""The steps that deploy and rollback share, each from one recorded state to the next.

A step that the ledger shows as done is passed over, so that whoever resumes an attempt (a retry
from the Prefect UI, or another run after this one died) goes on where it stopped.
"""

from pydantic import JsonValue

from delightful.release import Release, ReleaseState
from flows.attempts.abandoned import clear_way
from flows.attempts.attempt import read_release
from flows.attempts.stores import inputs_of
from flows.codedeploy import codedeploy, finish_rollout
from flows.materials.composition import judge, refuse_where_asked
from flows.materials.inputs import gather_inputs
from flows.observe import observe, prove
from flows.publishing import transition
from flows.rollouts.release_command import command_of, run_release_command
from flows.runs.heartbeat import one_heartbeat
from flows.runs.telling import tell
from flows.terraform_apply import stack_of, terraform_apply

_BEFORE_APPLY = (ReleaseState.PENDING, ReleaseState.BUILT)


def prepare_step(release: Release, source: str) -> Release:
    """Make the release from its source, and apply the stack with it."""
    if release.state not in _BEFORE_APPLY:
        return release
    inputs = gather_inputs(release.service, release.environment, release.commit, source)
    composition = judge(release.service, release.environment, inputs.image, inputs.manifest)
    if release.state is ReleaseState.PENDING:
        release = transition(
            release,
            ReleaseState.BUILT,
            manifest=inputs.manifest,
            answers=inputs.answers,
            recommended=inputs.recommended,
            migrations=inputs.migrations,
            image=inputs.image,
            composition=composition,
        )
    refuse_where_asked(release.environment, composition)
    return apply_step(release, inputs.variables)


def restore_step(release: Release, target: Release) -> Release:
    """Take an earlier release's image and inputs, and apply the stack with them; stores stay."""
    if release.state not in _BEFORE_APPLY:
        return release
    if release.state is ReleaseState.PENDING:
        release = transition(
            release,
            ReleaseState.BUILT,
            manifest=target.manifest,
            answers=target.answers,
            recommended=target.recommended,
            image=target.image,
            composition=target.composition,
        )
    return apply_step(release, inputs_of(target))


@one_heartbeat()
def apply_step(release: Release, variables: dict[str, JsonValue]) -> Release:
    """Apply the stack with exactly these inputs."""
    stack = terraform_apply(
        service=release.service,
        environment=release.environment,
        release=release.release_id,
        variables=variables,
    )
    # As it stands in the ledger: a person may have been asked about the plan.
    release = read_release(release.service, release.environment, release.release_id)
    return transition(release, ReleaseState.APPLIED, stack=stack)


@one_heartbeat()
def command_step(release: Release) -> Release:
    """Run the release command, where the manifest has one, before any traffic moves."""
    command = command_of(release)
    if release.state is not ReleaseState.APPLIED or command is None:
        return release
    return run_release_command(release, command)


@one_heartbeat()
def shift_step(release: Release) -> Release:
    """Bring the release's tasks to all the traffic."""
    if release.state is not ReleaseState.APPLIED:
        return release
    # A deploy that was stopped may have begun its rollout in the moment before it knew.
    clear_way(release)
    rollout = codedeploy(
        service=release.service, environment=release.environment, release=release.release_id
    )
    return transition(release, ReleaseState.LIVE, rollout=rollout)


@one_heartbeat()
def prove_step(release: Release, restored: Release | None = None) -> Release:
    """Watch the release serve, end the rollout, and judge once more what then serves.

    GOOD is recorded only when the engine has finished and the last verdict holds; where an earlier
    release was `restored`, only when it is the whole of that one.
    """
    if release.state is not ReleaseState.LIVE or release.rollout is None:
        return release
    observe(service=release.service, environment=release.environment, release=release.release_id)
    rollout = finish_rollout(release.environment, release, release.rollout)
    release = release.with_parts(rollout=rollout)
    verdict = prove(release.environment, release, restored)
    good = transition(release, ReleaseState.GOOD, verdict=verdict)
    tell(f"{good.release_id} is GOOD: {good.commit[:12]} serves on {stack_of(good).outputs.url}")
    return good
