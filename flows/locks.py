"""Who holds a service's Terraform lock, and breaking it once its holder is proven gone."""

from blocks.delivery_environment import DeliveryEnvironment
from delightful.errors import Refused
from delightful.locks import LockJudgement, judge_lock
from flows.telling import tell

_ATTEMPTS = 50


def judged_lock(delivery: DeliveryEnvironment, service: str) -> LockJudgement | None:
    """Return what is known of the lock on a service's state, or None where nobody holds it."""
    stack = delivery.stack("service", service)
    lock = stack.lock()
    if lock is None:
        return None
    ledger = delivery.ledger(service)
    attempts = ledger.history(service, delivery.environment, _ATTEMPTS)
    return judge_lock(lock, attempts, ledger.is_dead, runs_here=stack.runs_here())


def break_lock(delivery: DeliveryEnvironment, service: str, lock_id: str) -> LockJudgement:
    """Break exactly this lock, whose holder is proven gone; the attempt it was of stays open.

    Raises:
        Refused: E_NO_LOCK, it is not held; E_LOCKED, its holder lives, or may live.
    """
    judged = judged_lock(delivery, service)
    if judged is None or judged.lock.lock_id != lock_id:
        held = f"the one that is held is {judged.lock.lock_id}" if judged else "none is held"
        raise Refused(
            "E_NO_LOCK",
            f"lock {lock_id}: not held on the state of {service}; {held}",
            hint="look with `delightful locks`",
        )
    if not judged.is_stale:
        raise Refused(
            "E_LOCKED",
            f"lock {lock_id} of {judged.lock.who}: {judged.reason}",
            hint="wait for it; or, if you know that nobody works on this state, "
            f"`terraform force-unlock {lock_id}` in its root",
        )
    delivery.stack("service", service).break_lock(lock_id, say=tell)
    return judged
