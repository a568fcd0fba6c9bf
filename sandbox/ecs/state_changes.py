"""A task's state as ECS tells it on EventBridge.

After https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.ecs.records import EcsTask

DETAIL_TYPE = "ECS Task State Change"

_OF_A_CONTAINER = (
    *("containerArn", "exitCode", "lastStatus", "name", "image", "imageDigest", "runtimeId"),
    *("reason", "taskArn", "networkInterfaces", "cpu", "memory"),
)


def state_change(task: EcsTask, at: datetime) -> dict[str, Any]:
    """Return the event of the state that a task is in; what it does not have is left out."""
    # arn:aws:ecs:region:account:task/cluster/id
    region, account = task.task_arn.split(":")[3:5]
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": DETAIL_TYPE,
        "source": "aws.ecs",
        "account": account,
        "time": _time(at, "seconds"),
        "region": region,
        "resources": [task.task_arn],
        "detail": _detail(task, at),
    }


def _detail(task: EcsTask, at: datetime) -> dict[str, Any]:
    told: dict[str, Any] = {
        "attachments": [{**one, "type": "eni"} for one in task.attachments],
        "availabilityZone": task.availability_zone,
        "capacityProviderName": task.capacity_provider_name,
        "clusterArn": task.cluster_arn,
        "connectivity": task.connectivity,
        "containers": [_container(one) for one in task.containers],
        "cpu": task.cpu,
        "createdAt": task.created_at,
        "desiredStatus": task.desired_status,
        "enableExecuteCommand": task.enable_execute_command,
        "executionStoppedAt": task.execution_stopped_at,
        "group": task.group,
        "healthStatus": task.health_status,
        "lastStatus": task.last_status,
        "launchType": task.launch_type,
        "memory": task.memory,
        "overrides": dict(task.overrides),
        "platformVersion": task.platform_version,
        "pullStartedAt": task.pull_started_at,
        "pullStoppedAt": task.pull_stopped_at,
        "startedAt": task.started_at,
        "startedBy": task.started_by,
        "stopCode": task.stop_code,
        "stoppedAt": task.stopped_at,
        "stoppedReason": task.stopped_reason,
        "stoppingAt": task.stopping_at,
        "taskArn": task.task_arn,
        "taskDefinitionArn": task.task_definition_arn,
        "updatedAt": at,
        "version": task.version,
    }
    return {
        name: _time(value) if isinstance(value, datetime) else value
        for name, value in told.items()
        if value is not None
    }


def _container(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in _OF_A_CONTAINER if record.get(name) is not None}


def _time(at: datetime, precision: str = "milliseconds") -> str:
    return at.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
