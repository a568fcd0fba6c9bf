"""Rollouts and release commands that go on a step at each look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from blocks.ecs.release_command import CommandProgress
from blocks.ecs.rollout import RolloutPhase, RolloutProgress
from delightful.release import StackOutputs

if TYPE_CHECKING:
    from tests.flows.fakes.cloud import FakeCloud


class FakeRollout:
    """One CodeDeploy deployment: each look takes it one phase on, until a wait."""

    def __init__(self, release_id: str, before: str | None, arn: str) -> None:
        self.release_id = release_id
        self.before = before
        self.arn = arn
        self.phase: RolloutPhase = "waiting"


class FakeEngine:
    def __init__(self, cloud: "FakeCloud") -> None:
        self._cloud = cloud

    def begin(self, release_id: str, outputs: StackOutputs) -> str | None:
        for deployment_id, rollout in self._cloud.rollouts.items():
            if rollout.release_id == release_id:
                return deployment_id
        if self._cloud.primary == outputs.task_definition_arn:
            return None
        self._cloud.do("create rollout")
        deployment_id = f"d-{len(self._cloud.rollouts) + 1}"
        self._cloud.rollouts[deployment_id] = FakeRollout(
            release_id, self._cloud.primary, outputs.task_definition_arn
        )
        return deployment_id

    def progress(self, deployment_id: str) -> RolloutProgress:
        rollout = self._cloud.rollouts[deployment_id]
        if rollout.phase == "waiting":
            rollout.phase = self._after_waiting(self._cloud.commit_of(rollout.arn))
        elif rollout.phase == "shifting":
            rollout.phase = "live"
            self._cloud.primary = rollout.arn
        elif rollout.phase == "rolling_back":
            rollout.phase = "rolled_back"
            self._cloud.primary = rollout.before
        return RolloutProgress(
            deployment_id=deployment_id,
            phase=rollout.phase,
            status="InProgress",
            weights={},
            message="tasks never became healthy" if rollout.phase == "failed" else "",
            deadline_seconds=5,
            rollback_deployment_id="d-back" if rollout.phase == "rolled_back" else None,
        )

    def _after_waiting(self, commit: str) -> RolloutPhase:
        if commit in self._cloud.crashing:
            return "waiting"
        return "failed" if commit in self._cloud.unhealthy else "ready"

    def proceed(self, deployment_id: str, past: Literal["ready", "termination"]) -> None:
        self._cloud.do(f"proceed past {past}")
        rollout = self._cloud.rollouts[deployment_id]
        if (past, rollout.phase) == ("ready", "ready"):
            rollout.phase = "shifting"
        elif (past, rollout.phase) == ("termination", "live"):
            rollout.phase = "finished"

    def roll_back(self, deployment_id: str) -> str | None:
        self._cloud.do("stop rollout")
        self._cloud.rollouts[deployment_id].phase = "rolling_back"
        return "d-back"

    def find(self, release_id: str, outputs: StackOutputs) -> str | None:
        rollouts = self._cloud.rollouts.items()
        return next((name for name, one in rollouts if one.release_id == release_id), None)

    def made_for(self, deployment_id: str) -> str | None:
        return self._cloud.rollouts[deployment_id].release_id


@dataclass
class FakeTask:
    """A release command: it ends at the third look, as `command_ends` says; None never ran."""

    command: tuple[str, ...]
    looks: int = 0


class FakeCommand:
    timeout_seconds = 5

    def __init__(self, cloud: "FakeCloud") -> None:
        self._cloud = cloud

    def begin(self, release_id: str, outputs: StackOutputs, command: Sequence[str]) -> str:
        if release_id not in self._cloud.commands:
            self._cloud.do("run command")
            self._cloud.commands[release_id] = FakeTask(tuple(command))
        return release_id

    def progress(self, outputs: StackOutputs, task_arn: str) -> CommandProgress:
        task = self._cloud.commands.get(task_arn)
        if task is None:
            return CommandProgress(status="LOST")
        self._cloud.look("look at command")
        task.looks += 1
        if task.looks < 3:
            return CommandProgress(status="RUNNING")
        code = self._cloud.command_ends
        reason = "CannotPullContainerError" if code is None else "Essential container exited"
        return CommandProgress(
            status="STOPPED", exit_code=code, stopped_reason=reason, log_tail=("migrating",)
        )

    def stop(self, outputs: StackOutputs, task_arn: str, reason: str) -> None:
        self._cloud.do("stop command")
        self._cloud.commands[task_arn].looks = 3
