"""terraform_apply: plan a service's stack to a file, say what it does, apply exactly that file."""

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from pydantic import JsonValue

from blocks.saved_plan import AppliedState, SavedPlan
from delightful.errors import DelightfulError, Refused, TransientError
from delightful.plan import destructive_changes
from delightful.release import AppliedStack, Failure, PlanSummary, Release, StackOutputs
from delightful.variables import sha256_of
from flows.attempt import held_release
from flows.environment import delivery_environment
from flows.failing import StepFailed
from flows.persistence import RESULT_SERIALIZER, once_per_run
from flows.publishing import prefect_is_optional
from flows.telling import tell, warn

_PLANS_AT_MOST = 3


@flow(
    name="terraform_apply",
    flow_run_name="terraform_apply {release}",
    persist_result=False,
    result_serializer=RESULT_SERIALIZER,
)
def terraform_apply(
    service: str,
    environment: str,
    release: str,
    variables: dict[str, JsonValue],
    dry_run: bool = False,
) -> AppliedStack | PlanSummary:
    """Apply the stack of one service with exactly these inputs.

    Args:
        service: Name of the service, as in its manifest.
        environment: Name of the environment's block.
        release: Id of the open attempt that this apply belongs to, or "in progress".
        variables: The complete inputs of infrastructure/service; nothing is added to them.
        dry_run: Plan and report, apply nothing.
    """
    if not dry_run:
        release = held_release(service, environment, release).release_id
    saved = plan_stack(service, environment, variables, read_only=dry_run)
    report_plan(service, environment, release, saved.summary)
    if dry_run:
        return saved.summary
    state = applied(service, environment, release, saved)
    return applied_stack(saved, state)


@task(name="plan", cache_policy=NO_CACHE, persist_result=False)
def plan_stack(
    service: str, environment: str, variables: dict[str, JsonValue], *, read_only: bool = False
) -> SavedPlan:
    """Plan to a file; `read_only` where nothing of it will be applied."""
    stack = delivery_environment(environment).stack("service", service, read_only=read_only)
    return stack.plan(variables, say=tell)


@task(name="report plan", cache_policy=NO_CACHE, persist_result=False)
def report_plan(service: str, environment: str, release: str, summary: PlanSummary) -> None:
    """Say what the plan does, the destructive part first."""
    lost = destructive_changes(summary)
    tell(f"plan: {len(summary.changes)} changes, {len(lost)} destructive")
    for change in lost:
        warn(f"plan: {change.action} {change.address}")
    with prefect_is_optional("plan artifact"):
        create_markdown_artifact(
            plan_markdown(release, summary),
            key=f"plan-{service}-{environment}",
            description=f"plan of {release}: {len(summary.changes)} changes",
        )


def plan_markdown(release: str, summary: PlanSummary) -> str:
    """Return the page of a plan: one line per change, destructive ones marked."""
    lost = set(destructive_changes(summary))
    lines = [
        f"| {change.action}{' **destructive**' if change in lost else ''} | `{change.address}` |"
        for change in summary.changes
    ]
    if not lines:
        return f"# Plan of {release}\n\nNothing changes."
    return "\n".join([f"# Plan of {release}", "", "| action | resource |", "|---|---|", *lines])


def applied(service: str, environment: str, release: str, saved: SavedPlan) -> AppliedState:
    """Apply a plan; where the state moved in between, plan again and apply the same changes.

    Raises:
        StepFailed: the apply began and did not end well, so inputs may be half in place.
    """
    inputs = sha256_of(saved.variables)
    for _ in range(_PLANS_AT_MOST - 1):
        try:
            return apply_plan(service, environment, release, inputs, saved)
        except TransientError as error:
            if error.code != "E_PLAN_STALE":
                raise
            saved = _planned_again(service, environment, saved)
    return apply_plan(service, environment, release, inputs, saved)


def _planned_again(service: str, environment: str, stale: SavedPlan) -> SavedPlan:
    fresh = plan_stack(service, environment, stale.variables)
    if set(destructive_changes(fresh.summary)) - set(destructive_changes(stale.summary)):
        raise StepFailed(
            Failure(
                phase="terraform_apply",
                reason="the state moved, and the new plan destroys more than the one reported",
            )
        )
    return fresh


@task(
    name="apply",
    cache_policy=once_per_run(ignoring=("saved",)),
    persist_result=True,
    result_serializer=RESULT_SERIALIZER,
)
def apply_plan(
    service: str, environment: str, release: str, inputs_sha256: str, saved: SavedPlan
) -> AppliedState:
    """Apply exactly a saved plan; the same inputs never twice for one attempt of one run."""
    held_release.fn(service, environment, release)
    stack = delivery_environment(environment).stack("service", service)
    try:
        return stack.apply(saved, say=tell)
    except (TransientError, Refused):
        # Another state, or another holder of its lock: nothing was begun.
        raise
    except DelightfulError as error:
        raise StepFailed(Failure(phase="terraform_apply", reason=str(error))) from error


def applied_stack(saved: SavedPlan, state: AppliedState) -> AppliedStack:
    """Return what the release records of an apply."""
    return AppliedStack(
        variables=saved.variables,
        variables_sha256=sha256_of(saved.variables),
        plan=saved.summary,
        state_lineage=state.lineage,
        state_serial=state.serial,
        outputs=StackOutputs.model_validate(state.outputs),
    )


def stack_of(release: Release) -> AppliedStack:
    """Return the release's stack; a step that needs it comes after terraform_apply."""
    if release.stack is None:
        raise StepFailed(
            Failure(phase="codedeploy", reason=f"{release.release_id} has not been applied yet")
        )
    return release.stack
