"""How a deployment ends badly: what is recorded, and its rollback as a deployment of its own."""

import logging

from sandbox.codedeploy.lifecycle import (
    EventStatus,
    Status,
    has_begun,
    with_aborted,
    with_begun,
    with_ended,
)
from sandbox.codedeploy.outcome import Abort
from sandbox.codedeploy.records import Deployment
from sandbox.codedeploy.surroundings import Site, Surroundings

log = logging.getLogger(__name__)


def end(deployment: Deployment, site: Site, around: Surroundings, abort: Abort) -> None:
    """Record the end, after production has gone back where the group asks for that.

    Before Install has begun there is nothing to roll back.
    """
    now = around.clock.now()
    events = with_aborted(deployment.events, now, abort.message)
    deployment.error = (abort.code, abort.message)
    rolls_back = has_begun(deployment.events, "Install") and _is_wanted(deployment, around, abort)
    rollback = around.open_rollback(deployment) if rolls_back else None
    if rollback is not None:
        _restore(rollback, site, around)
    deployment.note(around.clock.now(), events, EventStatus.FAILED)
    deployment.move_to(abort.status, around.clock.now())
    if rollback is not None:
        _finish(rollback, around)


def _is_wanted(deployment: Deployment, around: Surroundings, abort: Abort) -> bool:
    if around.switches.stopped_at_full_traffic == "stays" and deployment.termination_wait_started:
        return False
    asked = deployment.stop_rolls_back
    if abort.event == "DEPLOYMENT_STOP_ON_REQUEST" and asked is not None:
        return asked
    return abort.event in deployment.plan.rollback_events


def _restore(rollback: Deployment, site: Site, around: Surroundings) -> None:
    rollback.move_to(Status.IN_PROGRESS, around.clock.now())
    rollback.note(around.clock.now(), rollback.events, EventStatus.IN_PROGRESS)
    try:
        site.restore()
        shown = site.task_sets()
        rollback.task_sets = [one for one in shown if one["taskSetLabel"] == "Blue"]
    except Exception as error:
        log.exception("rollback %s", rollback.id)
        rollback.error = ("ECS_UPDATE_ERROR", f"The rollback failed: {error}")


def _finish(rollback: Deployment, around: Surroundings) -> None:
    now = around.clock.now()
    if rollback.error is not None:
        events = with_aborted(rollback.events, now, rollback.error[1])
        rollback.note(now, events, EventStatus.FAILED)
        rollback.move_to(Status.FAILED, now)
        return
    events = rollback.events
    for event in rollback.events:
        events = with_ended(with_begun(events, event.name, now), event.name, now)
    rollback.note(now, events, EventStatus.SUCCEEDED)
    rollback.move_to(Status.SUCCEEDED, now)
