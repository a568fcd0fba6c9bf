"""What CodeDeploy's records mean, row by row."""

from datetime import UTC, datetime
from typing import Any

import pytest

from blocks.ecs.codedeploy_reading import (
    CodeDeployRecord,
    PhaseDeadlines,
    TargetRecord,
    phase_of,
    progress_of,
    record_of,
    target_of,
)
from blocks.ecs.rollout import RolloutPhase, TaskSetProgress

ENDED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DEADLINES = PhaseDeadlines(waiting=1, ready=2, shifting=3, live=4, rolling_back=5)


def record(status: str, **changes: Any) -> CodeDeployRecord:
    fields: dict[str, Any] = {
        "deployment_id": "d-1",
        "status": status,
        "message": "",
        "rollback_deployment_id": None,
        "rolls_back_by_itself": True,
        "waits_for_termination": False,
        "ended_seconds_ago": None,
    }
    return CodeDeployRecord.model_validate(fields | changes)


def target(green: float, **events: str) -> TargetRecord:
    tasks = TaskSetProgress(
        label="Green", task_definition_arn=None, desired_count=1, running_count=1, weight=green
    )
    return TargetRecord(task_sets=(tasks,), events=events)


@pytest.mark.parametrize(
    ("status", "seen", "phase"),
    [
        ("Created", TargetRecord(), "waiting"),
        ("Queued", TargetRecord(), "waiting"),
        ("InProgress", target(0, Install="InProgress", AllowTraffic="Pending"), "waiting"),
        ("Ready", target(0), "ready"),
        ("InProgress", target(10, AllowTraffic="InProgress"), "shifting"),
        ("InProgress", target(100, AllowTraffic="InProgress"), "shifting"),
        (
            "InProgress",
            target(100, AllowTraffic="Succeeded", AfterAllowTraffic="InProgress"),
            "shifting",
        ),
        (
            "InProgress",
            target(100, AllowTraffic="Succeeded", AfterAllowTraffic="Succeeded"),
            "live",
        ),
        ("Baking", target(100, AllowTraffic="Succeeded"), "live"),
        ("InProgress", target(90, AllowTraffic="Succeeded"), "shifting"),
        ("Succeeded", target(100), "finished"),
    ],
)
def test_live_means_all_traffic_and_finished_means_the_end(
    status: str, seen: TargetRecord, phase: RolloutPhase
) -> None:
    """The status alone does not tell where traffic is; events and weights do."""
    assert phase_of(record(status), seen, None) == phase


def test_termination_wait_is_live() -> None:
    """While CodeDeploy keeps the old tasks, all traffic has moved."""
    waiting = record("InProgress", waits_for_termination=True)
    assert phase_of(waiting, TargetRecord(), None) == "live"


@pytest.mark.parametrize(
    ("changes", "rollback_status", "phase"),
    [
        ({"rollback_deployment_id": "d-2"}, "Created", "rolling_back"),
        ({"rollback_deployment_id": "d-2"}, "InProgress", "rolling_back"),
        ({"rollback_deployment_id": "d-2"}, "Succeeded", "rolled_back"),
        ({"rollback_deployment_id": "d-2"}, "Failed", "failed"),
        ({"rollback_deployment_id": "d-2"}, "Stopped", "failed"),
        ({"ended_seconds_ago": 1.0}, None, "rolling_back"),
        ({"ended_seconds_ago": 31.0}, None, "failed"),
        ({"ended_seconds_ago": 1.0, "rolls_back_by_itself": False}, None, "failed"),
    ],
)
@pytest.mark.parametrize("status", ["Stopped", "Failed"])
def test_rollback_is_followed_to_its_own_end(
    status: str, changes: dict[str, Any], rollback_status: str | None, phase: RolloutPhase
) -> None:
    """A rollback is another CodeDeploy deployment, and only its success is one."""
    assert phase_of(record(status, **changes), TargetRecord(), rollback_status) == phase


def test_record_keeps_cause_and_rollback() -> None:
    """The error's code and message and the rollback's announcement make one line."""
    info = {
        "deploymentId": "d-1",
        "status": "Stopped",
        "completeTime": ENDED,
        "errorInformation": {"code": "ALARM_ACTIVE", "message": "activated: latency"},
        "rollbackInfo": {"rollbackDeploymentId": "d-2", "rollbackMessage": "rolls back"},
        "autoRollbackConfiguration": {"enabled": True},
    }
    found = record_of(info, ENDED.timestamp() + 5)
    assert found == record(
        "Stopped",
        message="ALARM_ACTIVE: activated: latency: rolls back",
        rollback_deployment_id="d-2",
        ended_seconds_ago=5.0,
    )


def test_target_is_read_with_its_weights_and_events() -> None:
    """Task sets, weights by group name and event states come from the one target."""
    told = {
        "ecsTarget": {
            "lifecycleEvents": [{"lifecycleEventName": "Install", "status": "InProgress"}],
            "taskSetsInfo": [
                {
                    "taskSetLabel": "Green",
                    "desiredCount": 2,
                    "runningCount": 1,
                    "trafficWeight": 10.0,
                    "targetGroup": {"name": "green"},
                }
            ],
        }
    }
    found = target_of([told])
    assert found.weights == {"green": 10.0}
    assert found.events == {"Install": "InProgress"}
    assert (found.task_sets[0].desired_count, found.task_sets[0].running_count) == (2, 1)
    assert target_of([]) == TargetRecord()


def test_progress_names_the_event_and_the_deadline_of_its_phase() -> None:
    """Each phase has a deadline of its own, and the event that runs stands for the message."""
    seen = target(0, Install="InProgress", AllowTraffic="Pending")
    progress = progress_of(record("InProgress"), seen, None, DEADLINES)
    assert (progress.message, progress.deadline_seconds) == ("Install InProgress", 1)
    ended = progress_of(record("Succeeded"), seen, None, DEADLINES)
    assert (ended.has_ended, ended.deadline_seconds) == (True, 0)
