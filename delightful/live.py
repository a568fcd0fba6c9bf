"""What is observed of a running service: never what was wished for."""

from pydantic import Field

from delightful.frozen import Frozen


class LiveService(Frozen):
    """One look at the service: tasks, traffic and alarms as the cloud reports them.

    `image_digests` are those of the running tasks of the primary task set; `weights` are the
    production listener's, `healthy_targets` counts targets, both by target group ARN.
    """

    primary_task_definition_arn: str | None
    running_count: int
    desired_count: int
    image_digests: tuple[str, ...] = ()
    weights: dict[str, int] = Field(default_factory=dict)
    healthy_targets: dict[str, int] = Field(default_factory=dict)
    alarms_firing: tuple[str, ...] = ()
    alarms_without_data: tuple[str, ...] = ()
    active_deployment_id: str | None = None

    @property
    def is_answered_for(self) -> bool:
        """Say whether every target group that has traffic has a healthy target too."""
        with_traffic = [arn for arn, weight in self.weights.items() if weight > 0]
        return bool(with_traffic) and all(self.healthy_targets.get(arn, 0) for arn in with_traffic)


class SmokeResponse(Frozen):
    """What one smoke request got. `error` is set where no response came."""

    url: str
    status: int | None = None
    commit_header: str | None = None
    body_excerpt: str = ""
    error: str | None = None
    elapsed_seconds: float
