"""Statuses and lifecycle events, and the choices that are left open."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from sandbox.codedeploy.group_settings import with_defaults
from sandbox.codedeploy.lifecycle import (
    COMPLETE,
    EVENT_NAMES,
    NEXT_STATUSES,
    Status,
    fresh_events,
    has_begun,
    with_aborted,
    with_begun,
    with_ended,
)
from sandbox.codedeploy.records import AlarmWatch, Deployment, DeploymentGroup, Plan
from sandbox.codedeploy.shifting import ECS_ALL_AT_ONCE
from sandbox.codedeploy.switches import VARIABLE, Switches, switches_from_environment

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_every_status_can_end_badly_and_no_end_is_left() -> None:
    """Whatever runs can fail or be stopped; what has ended stays as it is."""
    for status, following in NEXT_STATUSES.items():
        if status in COMPLETE:
            assert following == frozenset()
        else:
            assert {Status.FAILED, Status.STOPPED} <= following


def test_a_deployment_takes_only_steps_that_exist() -> None:
    """An impossible step is an error, and the times belong to the steps."""
    group = DeploymentGroup("app", "group", {"ecsServices": []})
    plan = Plan(ECS_ALL_AT_ONCE, None, 0, frozenset(), AlarmWatch())
    deployment = Deployment("d-1", group, {}, plan, None, NOW)
    with pytest.raises(ValueError, match="cannot go from Created to Succeeded"):
        deployment.move_to(Status.SUCCEEDED, NOW)
    deployment.move_to(Status.IN_PROGRESS, NOW)
    deployment.move_to(Status.SUCCEEDED, NOW)
    assert (deployment.start_time, deployment.complete_time) == (NOW, NOW)
    with pytest.raises(ValueError, match="cannot go from Succeeded"):
        deployment.move_to(Status.STOPPED, NOW)


def test_an_abort_fails_the_current_event_and_skips_the_later_ones() -> None:
    """What succeeded stays succeeded; the failed one carries the message."""
    events = with_ended(with_begun(fresh_events(), "BeforeInstall", NOW), "BeforeInstall", NOW)
    aborted = with_aborted(with_begun(events, "Install", NOW), NOW, "because")
    assert [str(event.status) for event in aborted[:3]] == ["Succeeded", "Failed", "Skipped"]
    assert {str(event.status) for event in aborted[2:]} == {"Skipped"}
    assert aborted[1].message == "because"
    assert has_begun(aborted, "Install")
    assert not has_begun(aborted, "AfterInstall")


def test_there_are_always_eight_events_in_their_order() -> None:
    """Hooked or not, all are there from the beginning."""
    assert tuple(event.name for event in fresh_events()) == EVENT_NAMES
    assert len(EVENT_NAMES) == 8


def test_both_waits_are_always_there_to_be_read() -> None:
    """`aws ecs deploy` reads both minutes without looking whether they are there."""
    given = {"blueGreenDeploymentConfiguration": {"deploymentReadyOption": {}}}
    settings = with_defaults(given, "ECS")["blueGreenDeploymentConfiguration"]
    assert settings["deploymentReadyOption"]["waitTimeInMinutes"] == 0
    ends = settings["terminateBlueInstancesOnDeploymentSuccess"]
    assert ends["terminationWaitTimeInMinutes"] == 0


def test_switches_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named ones change, the others keep their defaults."""
    monkeypatch.setenv(VARIABLE, "queued=true, created_seconds=3")
    assert switches_from_environment() == Switches(queued=True, created_seconds=3)


@pytest.mark.parametrize("text", ["unknown=1", "queued=maybe", "primary_flips=never"])
def test_a_switch_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A typing error does not pass for a choice."""
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(ValidationError):
        switches_from_environment()
