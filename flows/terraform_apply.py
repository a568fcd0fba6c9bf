"""terraform_apply: plan a service's stack to a file, say what it does, apply exactly that file."""

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from pydantic import JsonValue

from blocks.terraform.saved_plan import AppliedState, SavedPlan
from delightful.errors import DelightfulError, Refused, TransientError
from delightful.planned import PlanSummary
from delightful.recovery import may_have_orphans
from delightful.release import AppliedStack, Failure, Release, StackOutputs
from delightful.render import plan_card
from delightful.text import escaped
from delightful.variables import sha256_of
from flows.attempts.attempt import held_release
from flows.effects import effect, effect_once
from flows.environment import delivery_environment
from flows.failing import StepFailed
from flows.plans.approval import pass_gate
from flows.publishing import prefect_is_optional
from flows.recovery.state_health import refuse_other_state
from flows.runs.persistence import RESULT_SERIALIZER
from flows.runs.telling import tell, warn

_PLANS_AT_MOST = 3
_ATTEMPTS = 50


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
    if dry_run:
        saved = plan_stack(service, environment, variables, read_only=True)
        report_plan(service, environment, release, saved.summary)
        return saved.summary
    attempt = held_release(service, environment, release)
    saved = reported_plan(attempt, variables)
    return applied(attempt, saved)


@effect("plan")
def plan_stack(
    service: str,
    environment: str,
    variables: dict[str, JsonValue],
    *,
    read_only: bool = False,
    adopts: bool = False,
) -> SavedPlan:
    """Plan to a file; `read_only` where nothing of it will be applied.

    What an apply that was cut short has made is taken up: where `adopts` says so, and where the
    ledger says that there may be some.
    """
    delivery = delivery_environment(environment)
    stack = delivery.stack("service", service, read_only=read_only)
    if read_only:
        return stack.plan(variables, say=tell)
    history = delivery.ledger(service).history(service, environment, _ATTEMPTS)
    refuse_other_state(stack, history)
    return stack.plan(variables, adopts=adopts or may_have_orphans(history), say=tell)


@effect("report plan")
def report_plan(service: str, environment: str, release: str, summary: PlanSummary) -> None:
    """Say what the plan does, the dangerous part first."""
    tell(f"plan: {len(summary.changes)} changes, {len(summary.dangers)} dangerous")
    for danger in summary.dangers:
        warn(f"plan: {escaped(danger.address)}: {danger.what}")
    with prefect_is_optional("plan artifact"):
        create_markdown_artifact(
            plan_card(summary, f"Plan of {release}"),
            key=f"plan-{service}-{environment}",
            description=f"plan of {release}: {len(summary.changes)} changes",
        )


def reported_plan(attempt: Release, variables: dict[str, JsonValue]) -> SavedPlan:
    """Plan an attempt's inputs, and say what the plan does."""
    saved = plan_stack(attempt.service, attempt.environment, variables)
    report_plan(attempt.service, attempt.environment, attempt.release_id, saved.summary)
    return saved


def applied(attempt: Release, saved: SavedPlan) -> AppliedStack:
    """Apply a plan once it may be; where the state moved in between, plan and judge again.

    Raises:
        Refused: E_APPROVAL, E_PLAN_DESTRUCTIVE: the plan may not be applied, and was not.
        StepFailed: the apply began and did not end well, so inputs may be half in place.
    """
    for _ in range(_PLANS_AT_MOST - 1):
        attempt = pass_gate(attempt, saved.summary)
        try:
            return _applied(attempt, saved)
        except TransientError as error:
            if error.code != "E_PLAN_STALE":
                raise
        tell("the state moved since the plan was made: planned and judged again")
        saved = reported_plan(attempt, saved.variables)
    return _applied(pass_gate(attempt, saved.summary), saved)


def _applied(attempt: Release, saved: SavedPlan) -> AppliedStack:
    inputs = sha256_of(saved.variables)
    named = (attempt.service, attempt.environment, attempt.release_id)
    return applied_stack(saved, apply_plan(*named, inputs, saved))


@effect_once("apply", ignoring=("saved",))
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
