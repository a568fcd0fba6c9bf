"""What ECS and the load balancer say of a service, without a call."""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from delightful.release import Failure, StackOutputs

_MAX_LINE = 500
# What a task definition runs, without revision, status and who registered it when.
_CONTENT = (
    "family",
    "containerDefinitions",
    "cpu",
    "memory",
    "networkMode",
    "executionRoleArn",
    "taskRoleArn",
    "volumes",
    "runtimePlatform",
    "ephemeralStorage",
)
_BY_ITSELF = ("EssentialContainerExited", "TaskFailedToStart")
_UNHEALTHY_EVENT = re.compile(
    r"is unhealthy in \(target-group (?P<group>[^)]+)\) due to \(reason (?P<reason>.+)\)\.?$"
)


def primary_task_set(service: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the primary set of tasks: a task set under CodeDeploy, an ECS deployment else."""
    sets = [*service.get("taskSets", ()), *service.get("deployments", ())]
    return next((tasks for tasks in sets if tasks.get("status") == "PRIMARY"), None)


def of_primary(service: Mapping[str, Any], name: str) -> Any:
    """Return what the primary set of tasks has, or the service where it is not told there."""
    return (primary_task_set(service) or {}).get(name) or service.get(name)


def primary_task_definition(service: Mapping[str, Any]) -> str | None:
    """Return the task definition of the primary set of tasks."""
    primary = primary_task_set(service)
    found = primary.get("taskDefinition") if primary else None
    return str(found) if found else None


def running_digests(
    tasks: Iterable[Mapping[str, Any]], task_definition_arn: str | None, container: str
) -> tuple[str, ...]:
    """Return the image digests that running tasks of a task definition have, each once."""
    digests = {
        str(found["imageDigest"])
        for task in tasks
        if task.get("lastStatus") == "RUNNING"
        and task.get("taskDefinitionArn") == task_definition_arn
        for found in task.get("containers", ())
        if found.get("name") == container and found.get("imageDigest")
    }
    return tuple(sorted(digests))


def forwarded_weights(listeners: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return the weight of each target group that a listener's default action forwards to."""
    weights: dict[str, int] = {}
    for action in (action for found in listeners for action in found.get("DefaultActions", ())):
        groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or ()
        for group in groups:
            weights[str(group["TargetGroupArn"])] = int(group.get("Weight", 1))
        if not groups and action.get("TargetGroupArn"):
            weights[str(action["TargetGroupArn"])] = 1
    return weights


def unhealthy_reasons(descriptions: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return why targets are not healthy, each reason once."""
    healths = (description.get("TargetHealth") or {} for description in descriptions)
    reasons = [
        f"{health.get('Reason', '')}: {health.get('Description', '')}".strip(": ")
        for health in healths
        if health.get("State") in ("unhealthy", "initial", "unavailable")
    ]
    return tuple(dict.fromkeys(reason for reason in reasons if reason))


def reported_reasons(
    events: Iterable[Mapping[str, Any]], target_group_arns: Sequence[str], since: datetime | None
) -> tuple[str, ...]:
    """Return why ECS found targets of these groups unhealthy, each reason once, newest first.

    Its events stay when the targets are gone. `since` leaves out what earlier versions answered.
    """
    reasons = []
    for event in events if since else ():
        found = _UNHEALTHY_EVENT.search(str(event.get("message", "")))
        if found and found["group"] in target_group_arns and event["createdAt"] >= since:
            reasons.append(found["reason"])
    return tuple(dict.fromkeys(reasons))


def is_beginning(reason: str | None) -> bool:
    """Say whether a target's health is only not known yet, which explains nothing."""
    return reason is not None and reason.startswith("Elb.")


def image_digest(definition: Mapping[str, Any], container: str) -> str:
    """Return the digest in a container's image reference, "" where it names none."""
    return str(_container(definition, container).get("image", "")).partition("@")[2]


def environment_of(definition: Mapping[str, Any], container: str) -> dict[str, str]:
    """Return a container's environment variables, by name; none of those that are secrets."""
    named = _container(definition, container).get("environment", ())
    return {one["name"]: one["value"] for one in named}


def first_created(tasks: Iterable[Mapping[str, Any]]) -> datetime | None:
    """Return when the first of these tasks was created."""
    return min((task["createdAt"] for task in tasks if task.get("createdAt")), default=None)


def most_telling(tasks: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the stopped task that says most about a failure; of equals the newest.

    One that ended by itself says more than one that failed a check, and that one more than one
    that was in nobody's way but the scheduler's.
    """
    stopped = [task for task in tasks if task.get("lastStatus") in ("STOPPED", "DEPROVISIONING")]

    def telling(task: Mapping[str, Any]) -> tuple[bool, bool, float]:
        by_itself = task.get("stopCode") in _BY_ITSELF
        by_check = str(task.get("stoppedReason", "")).startswith("Task failed ")
        at = task.get("stoppedAt") or task.get("createdAt")
        return by_itself, by_check, at.timestamp() if at else 0.0

    return max(stopped, key=telling, default=None)


def crash_loop(
    tasks: Iterable[Mapping[str, Any]], desired_count: int, since: datetime | None = None
) -> str | None:
    """Return what shows that tasks only start to end again, or None where that is not so yet.

    Tasks that were created before `since` do not count.
    As many as trip ECS's own deployment circuit breaker: half the desired count, 3 to 200
    (AWS API reference, DeploymentCircuitBreaker), which CodeDeploy's services do not have.
    """
    ended = sum(
        task.get("stopCode") in _BY_ITSELF and (since is None or task["createdAt"] >= since)
        for task in tasks
    )
    limit = min(max(math.ceil(desired_count * 0.5), 3), 200)
    return f"{ended} tasks ended by themselves and none became healthy" if ended >= limit else None


def failure_of(
    phase: str,
    outputs: StackOutputs,
    stopped: Mapping[str, Any] | None,
    target_reasons: Sequence[str],
    log_tail: Sequence[str],
) -> Failure:
    """Return the failure that tasks and targets together explain."""
    stopped_reason, exit_code = stop_of(stopped, outputs.container_name)
    reasons = [reason for reason in (stopped_reason, *target_reasons) if reason]
    return Failure(
        phase=phase,
        reason="; ".join(reasons[:3]) or "no task of this task definition was seen to fail",
        response="; ".join(target_reasons[:3]) or None,
        stopped_reason=stopped_reason,
        exit_code=exit_code,
        log_tail=cut(log_tail),
    )


def cut(lines: Iterable[str]) -> tuple[str, ...]:
    """Return log lines, each at a length that a record can hold."""
    return tuple(line[:_MAX_LINE] for line in lines)


def stop_of(task: Mapping[str, Any] | None, container: str) -> tuple[str | None, int | None]:
    """Return why a task stopped and its container's exit code, where it has one."""
    if task is None:
        return None, None
    named = [found for found in task.get("containers", ()) if found.get("name") == container]
    told = [task.get("stoppedReason"), *(found.get("reason") for found in named)]
    codes = [found["exitCode"] for found in named if found.get("exitCode") is not None]
    reason = ": ".join(dict.fromkeys(str(part) for part in told if part))
    return reason or None, int(codes[0]) if codes else None


def content_sha256(task_definition: Mapping[str, Any]) -> str:
    """Return the digest of a task definition without what tells its revisions apart."""
    content = {name: task_definition.get(name) for name in _CONTENT}
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _container(definition: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    containers = definition.get("containerDefinitions", ())
    return next((one for one in containers if one.get("name") == name), {})
