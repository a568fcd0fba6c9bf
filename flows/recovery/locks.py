"""Who holds a service's Terraform lock, and breaking it once its holder is proven gone."""

from blocks.delivery_environment import DeliveryEnvironment
from delightful.errors import Refused
from delightful.locks import LockJudgement, judge_lock
from delightful.recovery import Remedy, Step
from flows.effects import effect
from flows.environment import delivery_environment
from flows.runs.telling import warn

_ATTEMPTS = 50


def judged_locks(delivery: DeliveryEnvironment, service: str) -> tuple[LockJudgement, ...]:
    """Return what is known of each lock on a service's state: of one at most, in good order."""
    stack = delivery.stack("service", service, read_only=True)
    held = stack.locks_held()
    if not held:
        return ()
    ledger = delivery.ledger(service)
    attempts = ledger.history(service, delivery.environment, _ATTEMPTS)
    runs_here = stack.runs_here()
    return tuple(judge_lock(lock, attempts, ledger.is_dead, runs_here=runs_here) for lock in held)


def break_lock(delivery: DeliveryEnvironment, service: str, lock_id: str) -> LockJudgement:
    """Break exactly this lock, whose holder is proven gone; the attempt it was of stays open.

    Raises:
        Refused: E_NO_LOCK, it is not held; E_LOCKED, its holder lives, or may live.
    """
    found = judged_locks(delivery, service)
    judged = next((one for one in found if one.lock.lock_id == lock_id), None)
    if judged is None:
        held = ", ".join(one.lock.lock_id for one in found)
        raise Refused(
            "E_NO_LOCK",
            f"lock {lock_id}: not held on the state of {service}; "
            f"{f'the one that is held is {held}' if held else 'none is held'}",
            hint="look with `delightful locks`",
        )
    if not judged.is_stale:
        raise Refused(
            "E_LOCKED",
            f"lock {lock_id} of {judged.lock.who}: {judged.reason}",
            hint="wait for it; or, if you know that nobody works on this state, "
            f"`terraform force-unlock {lock_id}` in its root",
        )
    delivery.stack("service", service).break_lock(lock_id)
    return judged


@effect("break stale locks")
def break_stale_locks(service: str, environment: str, *, dry_run: bool = False) -> list[Step]:
    """Break the locks on a service's state whose holders are proven gone; others stay."""
    delivery = delivery_environment(environment)
    stale = [one for one in judged_locks(delivery, service) if one.is_stale]
    for judged in stale:
        if not dry_run:
            delivery.stack("service", service).break_lock(judged.lock.lock_id)
            warn(f"broke lock {judged.lock.holder}: {judged.reason}")
    return [
        Step(remedy=Remedy.BREAK_LOCK, subject=judged.lock.lock_id, detail=judged.reason)
        for judged in stale
    ]
