"""What ECS and the load balancer say, read without a call."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from blocks.ecs import reading

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
    assert reading.most_telling([scaled, crashed, {"lastStatus": "RUNNING"}]) == crashed
    assert reading.most_telling([{"lastStatus": "RUNNING"}]) is None


def test_task_that_failed_a_check_says_more_than_one_that_was_scaled_away() -> None:
    """A rollback ends the last task; the one before it, that was unhealthy, is the reason."""
    unhealthy = {
        "lastStatus": "STOPPED",
        "stopCode": "ServiceSchedulerInitiated",
        "stoppedReason": "Task failed ELB health checks in (target-group arn:tg)",
        "stoppedAt": AT,
    }
    scaled = unhealthy | {
        "stoppedReason": "Scaling activity initiated by (deployment ecs-svc/1)",
        "stoppedAt": AT.replace(hour=1),
    }
    assert reading.most_telling([scaled, unhealthy]) == unhealthy


@pytest.mark.parametrize(
    ("ended", "desired", "is_loop"),
    [(2, 1, False), (3, 1, True), (4, 10, False), (5, 10, True), (0, 0, False)],
)
def test_crash_loop_is_seen_when_ecs_would_see_it(ended: int, desired: int, is_loop: bool) -> None:
    """Half the desired count, at least three; tasks that somebody stopped do not count."""
    tasks = [{"stopCode": "EssentialContainerExited"}] * ended
    tasks += [{"stopCode": "ServiceSchedulerInitiated"}] * 9
    assert (reading.crash_loop(tasks, desired) is not None) is is_loop


def test_tasks_from_before_do_not_make_a_crash_loop() -> None:
    """What ended for want of something that is there now says nothing of what comes."""
    by_itself = "EssentialContainerExited"
    tasks = [{"stopCode": by_itself, "createdAt": AT + timedelta(minutes=n)} for n in range(4)]
    assert reading.crash_loop(tasks, 1, AT) is not None
    assert reading.crash_loop(tasks, 1, AT + timedelta(minutes=2)) is None


def test_events_tell_what_an_unhealthy_target_answered() -> None:
    """ECS's events outlive the targets; those of other groups and earlier versions do not count."""

    def event(group: str, codes: str, hour: int) -> dict[str, Any]:
        why = f"Health checks failed with these codes: [{codes}]"
        text = (
            f"(service api) (port 80) is unhealthy in (target-group {group}) due to (reason {why})."
        )
        return {"message": text, "createdAt": AT.replace(hour=hour)}

    events = [
        {"message": "(service api) has reached a steady state.", "createdAt": AT.replace(hour=9)},
        event("arn:mine", "503", 8),
        event("arn:mine", "503", 7),
        event("arn:other", "404", 7),
        event("arn:mine", "500", 1),
    ]
    since = AT.replace(hour=5)
    seen = reading.reported_reasons(events, ["arn:mine"], since)
    assert seen == ("Health checks failed with these codes: [503]",)
    assert reading.reported_reasons(events, ["arn:mine"], None) == ()


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


SERVICE = {"name": "web", "exitCode": 3, "reason": "OutOfMemory", "imageDigest": "sha256:1"}
SIDECAR = {"name": "collector", "exitCode": 9, "reason": "its own", "imageDigest": "sha256:2"}


@pytest.mark.parametrize("containers", [[SIDECAR, SERVICE], [SERVICE, SIDECAR]])
def test_the_service_is_told_by_its_name_wherever_it_is_listed(
    containers: list[dict[str, Any]],
) -> None:
    """Exit code, reason and digest are the service's; a sidecar's end is not reported as its."""
    task = {
        "lastStatus": "RUNNING",
        "taskDefinitionArn": "a",
        "stoppedReason": "Essential container in task exited",
        "containers": containers,
    }
    reason = "Essential container in task exited: OutOfMemory"
    assert reading.stop_of(task, "web") == (reason, 3)
    assert reading.running_digests([task], "a", "web") == ("sha256:1",)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_service_that_runs_has_no_exit_code_though_its_sidecar_has(is_first: bool) -> None:
    """A task that was stopped from outside after its sidecar had ended tells of neither."""
    alive = {"name": "web", "lastStatus": "RUNNING"}
    containers = [SIDECAR, alive] if is_first else [alive, SIDECAR]
    assert reading.stop_of({"containers": containers}, "web") == (None, None)


def test_unhealthy_reasons_are_told_once() -> None:
    """Ten targets with one illness give one reason; healthy ones give none."""
    ill = {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"}
    found = reading.unhealthy_reasons(
        [{"TargetHealth": ill}, {"TargetHealth": ill}, {"TargetHealth": {"State": "healthy"}}]
    )
    assert found == ("Target.Timeout: Request timed out",)
