"""A service's Terraform state: refused where it is not the one that was applied last, or mended."""

from collections.abc import Sequence

from blocks.terraform.stack import TerraformStack
from delightful.errors import ConfigError, Refused
from delightful.recovery import Remedy, Step
from delightful.release import Release
from delightful.state_health import StateFault, newest_apply, other_state
from flows.effects import effect
from flows.environment import delivery_environment
from flows.recovery.locks import judged_locks
from flows.runs.telling import tell, warn

_ATTEMPTS = 50
_REMEDIES = {
    StateFault.DIGEST_LOST: Remedy.REPAIR_DIGEST,
    StateFault.DAMAGED: Remedy.PUT_BACK_STATE,
}


def refuse_other_state(stack: TerraformStack, history: Sequence[Release]) -> None:
    """Refuse to plan beside a state that is older than the last apply, or another one.

    Raises:
        Refused: E_STATE_WENT_BACK.
        ExternalError: E_STATE_DIGEST, E_STATE_FORMAT: it is not what was recorded.
    """
    newest = newest_apply(history)
    if newest is None:
        return
    try:
        state = stack.outputs()
    except ConfigError as error:
        if error.code != "E_NO_STATE":
            raise
        detail = f"from serial {newest.state_serial} to none"
    else:
        found = other_state(newest, state.lineage, state.serial)
        if found is None:
            return
        detail = found
    raise Refused(
        "E_STATE_WENT_BACK",
        f"the state {stack.state_key} is not the one that was applied last: {detail}",
        hint="put back the version of the object that was, with its digest; "
        "`delightful recover` does so where the digest still names it",
    )


@effect("mend state")
def mend_state(service: str, environment: str, *, dry_run: bool = False) -> list[Step]:
    """Save what an apply could not save, and put right a state that is not what was recorded.

    What cannot be proven is left as it is, and said.
    """
    delivery = delivery_environment(environment)
    stack = delivery.stack("service", service)
    if any(not one.is_stale for one in judged_locks(delivery, service)):
        return []
    steps = _saved(stack, dry_run=dry_run)
    history = delivery.ledger(service).history(service, environment, _ATTEMPTS)
    judged = stack.judged(newest_apply(history))
    if judged is None:
        return steps
    remedy = _REMEDIES.get(judged.fault)
    if remedy is None:
        warn(f"the state {stack.state_key}: {judged.fault}: {judged.detail}")
        return steps
    if not dry_run:
        stack.mend(judged)
    return [*steps, Step(remedy=remedy, subject=stack.state_key, detail=judged.detail)]


def _saved(stack: TerraformStack, *, dry_run: bool) -> list[Step]:
    if not stack.has_unsaved_state():
        return []
    if not dry_run:
        stack.save_unsaved(say=tell)
    detail = "an apply on this machine could not save it"
    return [Step(remedy=Remedy.SAVE_STATE, subject=stack.state_key, detail=detail)]
