"""How traffic moves: the deployment configurations, and the steps each of them stands for."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Platform = Literal["Server", "Lambda", "ECS"]
RoutingType = Literal["AllAtOnce", "TimeBasedCanary", "TimeBasedLinear"]
_SECONDS_PER_MINUTE = 60


@dataclass(frozen=True)
class TrafficRouting:
    """What share moves, and how long apart; both 0 for AllAtOnce."""

    type: RoutingType = "AllAtOnce"
    percentage: int = 0
    interval_minutes: int = 0


@dataclass(frozen=True)
class DeploymentConfig:
    """A named deployment configuration."""

    name: str
    platform: Platform = "ECS"
    routing: TrafficRouting = TrafficRouting()

    @property
    def is_predefined(self) -> bool:
        """Say whether AWS owns it: those cannot be deleted or made by hand."""
        return self.name.startswith("CodeDeployDefault.")


class ShiftStep(NamedTuple):
    """Wait, then give the new tasks so much of the traffic."""

    wait_seconds: int
    percent: int


def shift_steps(routing: TrafficRouting) -> list[ShiftStep]:
    """Return the steps to full traffic; the first has no wait, the last is always 100."""
    if routing.type == "AllAtOnce":
        return [ShiftStep(0, 100)]
    wait = routing.interval_minutes * _SECONDS_PER_MINUTE
    if routing.type == "TimeBasedCanary":
        return [ShiftStep(0, routing.percentage), ShiftStep(wait, 100)]
    shares = [*range(routing.percentage, 100, routing.percentage), 100]
    return [ShiftStep(wait if at else 0, share) for at, share in enumerate(shares)]


def _canary(minutes: int) -> TrafficRouting:
    return TrafficRouting("TimeBasedCanary", 10, minutes)


def _linear(minutes: int) -> TrafficRouting:
    return TrafficRouting("TimeBasedLinear", 10, minutes)


ECS_ALL_AT_ONCE = DeploymentConfig("CodeDeployDefault.ECSAllAtOnce")

PREDEFINED = {
    config.name: config
    for config in (
        ECS_ALL_AT_ONCE,
        DeploymentConfig("CodeDeployDefault.ECSCanary10Percent5Minutes", "ECS", _canary(5)),
        DeploymentConfig("CodeDeployDefault.ECSCanary10Percent15Minutes", "ECS", _canary(15)),
        DeploymentConfig("CodeDeployDefault.ECSLinear10PercentEvery1Minutes", "ECS", _linear(1)),
        DeploymentConfig("CodeDeployDefault.ECSLinear10PercentEvery3Minutes", "ECS", _linear(3)),
        DeploymentConfig("CodeDeployDefault.LambdaAllAtOnce", "Lambda"),
        DeploymentConfig("CodeDeployDefault.AllAtOnce", "Server"),
        DeploymentConfig("CodeDeployDefault.HalfAtATime", "Server"),
        DeploymentConfig("CodeDeployDefault.OneAtATime", "Server"),
    )
}
