"""`delightful locks`: who holds a service's release slot and its Terraform lock."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import environment_option, json_option, service_option
from cli.terminal import Terminal, print_json, print_text

if TYPE_CHECKING:
    from blocks.delivery_environment import DeliveryEnvironment
    from blocks.ledger.waiting_line import Waiting
    from delightful.locks import LockJudgement
    from delightful.release import Head, Release


@click.command(name="locks")
@click.option("--break", "broken", metavar="ID", help="Break this lock; its holder must be gone.")
@service_option
@environment_option
@json_option
def command(broken: str | None, service: str | None, environment: str, as_json: bool) -> int:
    """Say who holds a service's release slot and Terraform lock, and whether that one lives.

    A slot needs no breaking: the next deploy or rollback takes over what a dead run left.
    """
    from cli.connection import delivery_environment
    from cli.service import service_name
    from flows.recovery.locks import break_lock, judged_locks

    name = service_name(service, Path())
    block = delivery_environment(environment, Terminal(quiet=as_json))
    if broken is not None:
        judged = break_lock(block, name, broken)
        if as_json:
            print_json({"broken": judged.model_dump(mode="json")})
        else:
            print_text(f"broken: lock {broken} of {judged.lock.who}; {judged.reason}")
        return 0
    _show(block, name, judged_locks(block, name), as_json)
    return 0


def _show(
    block: "DeliveryEnvironment", service: str, judged: "tuple[LockJudgement, ...]", as_json: bool
) -> None:
    from blocks.ledger.ownership import this_owner

    ledger = block.ledger(service)
    head = ledger.head(service, block.environment)
    holder = ledger.get(head.in_progress) if head.in_progress else None
    is_gone = holder is not None and (holder.owner is None or ledger.is_dead(holder.owner))
    waiting = ledger.line(service, block.environment).others(this_owner(None))
    if as_json:
        print_json(
            {
                "slot": holder.model_dump(mode="json") if holder else None,
                "slot_holder_is_gone": is_gone,
                "waiting": [one.model_dump(mode="json") for one in waiting],
                "frozen_reason": head.frozen_reason,
                "state": [one.model_dump(mode="json") for one in judged],
            }
        )
        return
    lines = [f"{service} in {block.environment}", *_slot(holder, is_gone), *_line(waiting)]
    print_text("\n".join([*lines, *_freeze(head), *_state(judged)]))


def _slot(holder: "Release | None", is_gone: bool) -> list[str]:
    from blocks.ledger.ownership import described

    if holder is None:
        return ["  release slot:  free"]
    who = described(holder.owner) if holder.owner else "nobody"
    lives = "which is gone; the next run takes it over" if is_gone else "which lives, or may live"
    return [f"  release slot:  {holder.release_id}, held by {who}, {lives}"]


def _line(waiting: "tuple[Waiting, ...]") -> list[str]:
    from blocks.ledger.ownership import described

    return [f"  waiting:       {one.history[0][:12]}, {described(one.owner)}" for one in waiting]


def _freeze(head: "Head") -> list[str]:
    if head.frozen_reason is None:
        return []
    return [f"  frozen:        by {head.frozen_by}: {head.frozen_reason} → delightful thaw"]


def _state(judged: "tuple[LockJudgement, ...]") -> list[str]:
    if not judged:
        return ["  Terraform:     not locked"]
    return [line for one in judged for line in _lock(one)]


def _lock(judged: "LockJudgement") -> list[str]:
    lock = judged.lock
    whose = f", {judged.release_id}" if judged.release_id else ""
    alone = f", in the {lock.places[0]} alone" if len(lock.places) == 1 else ""
    lines = [f"  Terraform:     lock of {lock.holder}{whose}{alone}: {judged.reason}"]
    if judged.is_stale:
        lines.append(f"                 → delightful locks --break {lock.lock_id}")
    return lines
