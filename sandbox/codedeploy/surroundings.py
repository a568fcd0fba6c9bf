"""What a deployment stands on: a site to change, a clock, alarms, hooks."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sandbox.clock import SandboxClock
from sandbox.codedeploy.appspec import AppSpec
from sandbox.codedeploy.hooks import Invoke
from sandbox.codedeploy.records import Deployment
from sandbox.codedeploy.switches import Switches


class Site(Protocol):
    """Where a deployment happens: one ECS service between two target groups."""

    def prepare(self) -> None:
        """Check service and listeners, before anything is changed."""

    def install(self, appspec: AppSpec, deployment_id: str) -> None:
        """Start the replacement task set."""

    def is_installed(self) -> bool:
        """Say whether the replacement runs in full and is healthy wherever health is checked."""

    def allow_test_traffic(self) -> None:
        """Send the test listener's traffic to the replacement."""

    def shift(self, percent: int) -> None:
        """Give the replacement so much of the production traffic."""

    def promote(self) -> None:
        """Make the replacement the service's primary task set."""

    def retire_original(self) -> None:
        """Scale the original to nothing."""

    def restore(self) -> None:
        """Give everything back to the original and scale the replacement to nothing."""

    def sweep(self, stopping: threading.Event) -> None:
        """Remove what was retired, once it has drained."""

    def task_sets(self) -> list[dict[str, object]]:
        """Return the task sets as the deployment's target shows them."""


@dataclass(frozen=True)
class AlarmStates:
    """What CloudWatch says of a group's alarms."""

    firing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """What every deployment needs.

    `alarms` tells which of the named alarms fire and which are not to be found; `open_rollback`
    stores the rollback of a deployment.
    """

    clock: SandboxClock
    stopping: threading.Event
    alarms: Callable[[tuple[str, ...]], AlarmStates]
    invoke: Invoke
    open_rollback: Callable[[Deployment], Deployment]
    switches: Switches
