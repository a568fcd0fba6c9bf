"""The same way up to the last call: what a deploy or a rollback would do, with nothing changed."""

import shlex
from datetime import UTC, datetime

from pydantic import JsonValue

from blocks.ledger.attempt_request import AttemptRequest
from delightful.names import release_id
from delightful.planned import PlanSummary
from delightful.release import Release, ReleaseState, Transition
from delightful.render import plan_text
from delightful.variables import sha256_of
from delightful.verdict import is_serving
from flows.attempts.stores import inputs_of
from flows.effects import effect
from flows.environment import delivery_environment
from flows.materials.composition import composed
from flows.materials.inputs import gather_inputs
from flows.rollouts.release_command import command_of
from flows.runs.telling import tell
from flows.terraform_apply import plan_stack, report_plan, stack_of


def dry_deploy(request: AttemptRequest, source: str) -> Release:
    """Analyze, build and plan a commit; returns the attempt that was not opened."""
    inputs = gather_inputs(
        request.service, request.environment, request.commit, source, dry_run=True
    )
    release = unopened(request).with_parts(
        manifest=inputs.manifest,
        answers=inputs.answers,
        recommended=inputs.recommended,
        migrations=inputs.migrations,
        image=inputs.image,
    )
    if inputs.image.scan is not None:
        release = release.with_parts(
            composition=composed(inputs.image.scan, inputs.manifest.composition)
        )
    dry_apply(release, inputs.variables)
    command = command_of(release)
    if command is not None:
        tell(f"dry run of {release.release_id}: would run `{shlex.join(command)}` before traffic")
    return release


def dry_rollback(request: AttemptRequest, target: Release) -> Release:
    """Plan an earlier release's inputs; returns the attempt that was not opened."""
    release = unopened(request).with_parts(
        manifest=target.manifest,
        answers=target.answers,
        recommended=target.recommended,
        image=target.image,
    )
    dry_apply(release, inputs_of(target))
    return release


def dry_apply(release: Release, variables: dict[str, JsonValue]) -> PlanSummary:
    """Plan and report."""
    summary = plan_stack(release.service, release.environment, variables, read_only=True).summary
    report_plan(release.service, release.environment, release.release_id, summary)
    if not summary.is_empty:
        for line in plan_text(summary).splitlines():
            tell(line)
    tell(f"dry run of {release.release_id}: {len(summary.changes)} changes planned, none applied")
    return summary


@effect("number dry run")
def unopened(request: AttemptRequest) -> Release:
    """Return the attempt that would be opened next; the ledger is only read."""
    ledger = delivery_environment(request.environment).ledger(request.service)
    sequence = ledger.head(request.service, request.environment).sequence + 1
    return Release(
        release_id=release_id(request.service, request.environment, sequence),
        sequence=sequence,
        state=ReleaseState.PENDING,
        transitions=(Transition(state=ReleaseState.PENDING, at=datetime.now(UTC)),),
        **request.model_dump(),
    )


def is_settled(good: Release, source: str) -> bool:
    """Say whether deploying the good commit again would change nothing at all.

    That is: the same inputs, an empty plan, the good release serving, and no attempt in between.
    """
    if is_being_changed(good):
        return False
    inputs = gather_inputs(good.service, good.environment, good.commit, source, dry_run=True)
    if good.stack is None or sha256_of(inputs.variables) != good.stack.variables_sha256:
        return False
    return dry_apply(good, inputs.variables).is_empty and serves(good)


def has_restored(good: Release, target: Release) -> bool:
    """Say whether the good release is the target taken back, and going back would change nothing.

    That is: it serves, and no attempt is in between.
    """
    if good.restores != target.release_id or is_being_changed(good):
        return False
    return serves(good)


@effect("look for open attempt")
def is_being_changed(good: Release) -> bool:
    """Say whether an attempt is open, whoever holds it."""
    ledger = delivery_environment(good.environment).ledger(good.service)
    return ledger.head(good.service, good.environment).in_progress is not None


@effect("look whether good release serves")
def serves(good: Release) -> bool:
    """Say whether the release's image has the traffic and answers."""
    ecs = delivery_environment(good.environment).ecs_service(good.service)
    return is_serving(good, ecs.observe(stack_of(good).outputs))
