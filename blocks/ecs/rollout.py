"""What every rollout engine answers, whichever service moves the traffic."""

from typing import Literal, Protocol

from delightful.frozen import Frozen
from delightful.release import StackOutputs

RolloutPhase = Literal[
    "waiting", "ready", "shifting", "live", "rolling_back", "finished", "failed", "rolled_back"
]

ENDED_PHASES: frozenset[RolloutPhase] = frozenset({"finished", "failed", "rolled_back"})


class TaskSetProgress(Frozen):
    """One set of tasks during a rollout; `weight` is its share of traffic in percent."""

    label: str
    task_definition_arn: str | None
    desired_count: int
    running_count: int
    weight: float


class RolloutProgress(Frozen):
    """Where a rollout stands.

    `live` means that all traffic is on the new tasks while the old ones still wait to be ended;
    `rolling_back` that the engine gave up and takes traffic back. `deadline_seconds` bounds how
    long the rollout may stay in this phase. `weights` holds percent of traffic by target group
    name.
    """

    deployment_id: str
    phase: RolloutPhase
    status: str
    weights: dict[str, float]
    message: str
    deadline_seconds: int
    rollback_deployment_id: str | None = None
    task_sets: tuple[TaskSetProgress, ...] = ()

    @property
    def has_ended(self) -> bool:
        """Say whether nothing more will happen by itself."""
        return self.phase in ENDED_PHASES

    @property
    def was_taken_back(self) -> bool:
        """Say whether the engine gave up, whatever has become of the traffic since."""
        return self.phase in ("failed", "rolling_back", "rolled_back")


class RolloutEngine(Protocol):
    """Moves traffic to a task definition and back; every verb may be asked twice."""

    def begin(self, release_id: str, outputs: StackOutputs) -> str | None:
        """Adopt this release's rollout or start it; None where nothing has to move."""
        ...

    def progress(self, deployment_id: str) -> RolloutProgress:
        """Read where a rollout stands, its rollback included."""
        ...

    def proceed(self, deployment_id: str, past: Literal["ready", "termination"]) -> None:
        """End a wait that the rollout stands in; nothing happens where it stands in none."""
        ...

    def roll_back(self, deployment_id: str) -> str | None:
        """Stop a rollout and take traffic back; returns the rollback's own id, if it has one."""
        ...

    def find(self, release_id: str, outputs: StackOutputs) -> str | None:
        """Return the rollout that was begun for a release, ended or not, if it is known."""
        ...

    def made_for(self, deployment_id: str) -> str | None:
        """Return the release that a rollout was made for, None where that is not known."""
        ...
