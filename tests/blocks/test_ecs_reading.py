"""What ECS and the load balancer say, read without a call."""

from datetime import UTC, datetime
from typing import Any

import pytest

from blocks import ecs_reading as reading

AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("service", "arn"),
    [
        ({"taskSets": [{"status": "ACTIVE", "taskDefinition": "b"}]}, None),
        (
            {
                "deployments": [],
                "taskSets": [
                    {"status": "ACTIVE", "taskDefinition": "b"},
                    {"status": "PRIMARY", "taskDefinition": "a"},
                ],
            },
            "a",
        ),
        ({"deployments": [{"status": "PRIMARY", "taskDefinition": "c"}]}, "c"),
    ],
)
def test_primary_is_found_under_both_controllers(service: dict[str, Any], arn: str | None) -> None:
    """CodeDeploy's services have task sets, ECS's own have deployments."""
    assert reading.primary_task_definition(service) == arn


def test_digests_are_those_of_running_primary_tasks() -> None:
    """Tasks of other versions, stopped ones and sidecars do not count."""

    def task(status: str, arn: str, name: str, digest: str | None) -> dict[str, Any]:
        containers = [{"name": name, "imageDigest": digest}]
        return {"lastStatus": status, "taskDefinitionArn": arn, "containers": containers}

    tasks = [
        task("RUNNING", "a", "web", "sha256:1"),
        task("RUNNING", "a", "web", "sha256:1"),
        task("RUNNING", "a", "sidecar", "sha256:2"),
        task("RUNNING", "b", "web", "sha256:3"),
        task("STOPPED", "a", "web", "sha256:4"),
        task("RUNNING", "a", "web", None),
    ]
    assert reading.running_digests(tasks, "a", "web") == ("sha256:1",)


def test_weights_of_a_listener_are_read_in_both_forms() -> None:
    """A weighted forward names its groups, a plain one has all the traffic."""
    groups = [{"TargetGroupArn": "a", "Weight": 0}, {"TargetGroupArn": "b", "Weight": 100}]
    weighted = {"DefaultActions": [{"ForwardConfig": {"TargetGroups": groups}}]}
    assert reading.forwarded_weights([weighted]) == {"a": 0, "b": 100}
    plain = {"DefaultActions": [{"TargetGroupArn": "a"}]}
    assert reading.forwarded_weights([plain]) == {"a": 1}


def test_task_that_ended_by_itself_says_most() -> None:
    """A task that was scaled away later does not hide the one that crashed."""
    crashed = {"lastStatus": "STOPPED", "stopCode": "EssentialContainerExited", "stoppedAt": AT}
    scaled = {
        "lastStatus": "STOPPED",
        "stopCode": "ServiceSchedulerInitiated",
        "stoppedAt": AT.replace(hour=1),
    }
    assert reading.newest_stopped([scaled, crashed, {"lastStatus": "RUNNING"}]) == crashed
    assert reading.newest_stopped([{"lastStatus": "RUNNING"}]) is None


def test_stop_tells_reason_and_exit_code_of_the_services_container() -> None:
    """The task's reason and the container's make one line; one that never ran has no code."""
    task = {
        "stoppedReason": "Essential container in task exited",
        "containers": [
            {"name": "sidecar", "exitCode": 9},
            {"name": "web", "exitCode": 0, "reason": "OutOfMemory"},
        ],
    }
    assert reading.stop_of(task, "web") == ("Essential container in task exited: OutOfMemory", 0)
    assert reading.stop_of({"stoppedReason": "CannotPullContainerError"}, "web") == (
        "CannotPullContainerError",
        None,
    )
    assert reading.stop_of(None, "web") == (None, None)


def test_unhealthy_reasons_are_told_once() -> None:
    """Ten targets with one illness give one reason; healthy ones give none."""
    ill = {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"}
    found = reading.unhealthy_reasons(
        [{"TargetHealth": ill}, {"TargetHealth": ill}, {"TargetHealth": {"State": "healthy"}}]
    )
    assert found == ("Target.Timeout: Request timed out",)
