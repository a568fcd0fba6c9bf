"""What CodeDeploy's answers mean: from its records to a rollout's phase, without a call."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from blocks.ecs.rollout import RolloutPhase, RolloutProgress, TaskSetProgress
from delightful.frozen import Frozen

ACTIVE_STATUSES = ("Created", "Queued", "InProgress", "Baking", "Ready")

# A rollback's id may appear a little after the CodeDeploy deployment itself has stopped.
ROLLBACK_GRACE_SECONDS = 30


class PhaseDeadlines(Frozen):
    """How long a CodeDeploy deployment may stay in each phase, in seconds."""

    waiting: int
    ready: int
    shifting: int
    live: int
    rolling_back: int

    def of(self, phase: RolloutPhase) -> int:
        """Return the deadline of a phase; one that has ended has none left."""
        return int(getattr(self, phase, 0))


class CodeDeployRecord(Frozen):
    """One CodeDeploy deployment, as far as its phase depends on it.

    `ended_seconds_ago` is None while it runs.
    """

    deployment_id: str
    status: str
    message: str
    rollback_deployment_id: str | None
    rolls_back_by_itself: bool
    waits_for_termination: bool
    ended_seconds_ago: float | None


class TargetRecord(Frozen):
    """The one target of a CodeDeploy deployment: its task sets and lifecycle events."""

    task_sets: tuple[TaskSetProgress, ...] = ()
    weights: dict[str, float] = Field(default_factory=dict)
    events: dict[str, str] = Field(default_factory=dict)

    @property
    def has_all_traffic_on_green(self) -> bool:
        """Say whether the new task set has all the traffic."""
        return any(tasks.label == "Green" and tasks.weight >= 100 for tasks in self.task_sets)


def phase_of(
    record: CodeDeployRecord, target: TargetRecord, rollback_status: str | None
) -> RolloutPhase:
    """Return the phase; `rollback_status` is the status of the rollback that followed."""
    if record.status == "Succeeded":
        return "finished"
    if record.status in ("Failed", "Stopped"):
        return _phase_after_failure(record, rollback_status)
    if record.status == "Ready":
        return "ready"
    return _phase_in_progress(record, target)


def _phase_in_progress(record: CodeDeployRecord, target: TargetRecord) -> RolloutPhase:
    allowed = target.events.get("AllowTraffic", "Pending")
    after = target.events.get("AfterAllowTraffic", "Succeeded")
    if record.waits_for_termination:
        return "live"
    if allowed == "Succeeded" and after == "Succeeded" and target.has_all_traffic_on_green:
        return "live"
    return "waiting" if allowed == "Pending" else "shifting"


def _phase_after_failure(record: CodeDeployRecord, rollback_status: str | None) -> RolloutPhase:
    if rollback_status == "Succeeded":
        return "rolled_back"
    if rollback_status in ("Failed", "Stopped"):
        return "failed"
    if record.rollback_deployment_id is not None:
        return "rolling_back"
    # Whether a rollback follows is known only a moment after the end.
    is_fresh = (record.ended_seconds_ago or 0.0) < ROLLBACK_GRACE_SECONDS
    return "rolling_back" if record.rolls_back_by_itself and is_fresh else "failed"


def progress_of(
    record: CodeDeployRecord,
    target: TargetRecord,
    rollback_status: str | None,
    deadlines: PhaseDeadlines,
) -> RolloutProgress:
    """Return where a CodeDeploy deployment stands."""
    phase = phase_of(record, target, rollback_status)
    return RolloutProgress(
        deployment_id=record.deployment_id,
        phase=phase,
        status=record.status,
        weights=target.weights,
        message=record.message or current_event(target.events),
        deadline_seconds=deadlines.of(phase),
        rollback_deployment_id=record.rollback_deployment_id,
        task_sets=target.task_sets,
    )


def current_event(events: Mapping[str, str]) -> str:
    """Return the lifecycle event that runs or has failed, in words, or nothing."""
    running = (
        f"{name} {state}" for name, state in events.items() if state in ("InProgress", "Failed")
    )
    return next(running, "")


def record_of(info: Mapping[str, Any], seconds_now: float) -> CodeDeployRecord:
    """Return what GetDeployment's `deploymentInfo` says; `seconds_now` is the time since 1970."""
    rollback = info.get("rollbackInfo") or {}
    error = info.get("errorInformation") or {}
    ended = info.get("completeTime")
    automatic = info.get("autoRollbackConfiguration") or {}
    told = (error.get("code"), error.get("message"), rollback.get("rollbackMessage"))
    return CodeDeployRecord(
        deployment_id=info["deploymentId"],
        status=info["status"],
        message=": ".join(str(part) for part in told if part),
        rollback_deployment_id=rollback.get("rollbackDeploymentId"),
        rolls_back_by_itself=bool(automatic.get("enabled")),
        waits_for_termination=bool(info.get("instanceTerminationWaitTimeStarted")),
        ended_seconds_ago=None if ended is None else max(0.0, seconds_now - ended.timestamp()),
    )


def target_of(targets: Sequence[Mapping[str, Any]]) -> TargetRecord:
    """Return what BatchGetDeploymentTargets says of an ECS service; nothing before it starts."""
    if not targets:
        return TargetRecord()
    ecs = targets[0].get("ecsTarget") or {}
    sets = ecs.get("taskSetsInfo") or ()
    return TargetRecord(
        task_sets=tuple(_task_set(tasks) for tasks in sets),
        weights={
            tasks["targetGroup"]["name"]: float(tasks.get("trafficWeight") or 0.0)
            for tasks in sets
            if (tasks.get("targetGroup") or {}).get("name")
        },
        events={
            event["lifecycleEventName"]: event["status"]
            for event in ecs.get("lifecycleEvents") or ()
        },
    )


def _task_set(tasks: Mapping[str, Any]) -> TaskSetProgress:
    return TaskSetProgress(
        label=str(tasks.get("taskSetLabel") or tasks.get("status") or ""),
        task_definition_arn=None,
        desired_count=int(tasks.get("desiredCount") or 0),
        running_count=int(tasks.get("runningCount") or 0),
        weight=float(tasks.get("trafficWeight") or 0.0),
    )
