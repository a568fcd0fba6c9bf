"""What CodeDeploy remembers: applications, groups, revisions and deployments."""

import hashlib
import secrets
import string
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sandbox.codedeploy.lifecycle import (
    COMPLETE,
    NEXT_STATUSES,
    Events,
    EventStatus,
    Status,
    fresh_events,
)
from sandbox.codedeploy.shifting import DeploymentConfig, Platform

RollbackEvent = Literal[
    "DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"
]
_ID_ALPHABET = string.ascii_uppercase + string.digits


def new_deployment_id() -> str:
    """Return an id of the service's own form, `d-` and nine capitals or digits."""
    return "d-" + "".join(secrets.choice(_ID_ALPHABET) for _ in range(9))


@dataclass
class Application:
    """A CodeDeploy application."""

    name: str
    platform: Platform
    create_time: datetime
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class TargetGroupPair:
    """The two target groups and the listeners in front of them, as the group names them."""

    target_groups: tuple[str, ...]
    production_listener: str
    test_listener: str | None


@dataclass
class DeploymentGroup:
    """A deployment group. `settings` is what the API was given, with its defaults filled in."""

    application: str
    name: str
    settings: dict[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    last_attempted: "Deployment | None" = None
    last_successful: "Deployment | None" = None

    @property
    def config_name(self) -> str:
        """Return the name of its deployment configuration."""
        return str(self.settings["deploymentConfigName"])

    @property
    def service(self) -> tuple[str, str]:
        """Return cluster and service."""
        named = self.settings["ecsServices"][0]
        return named["clusterName"], named["serviceName"]

    @property
    def pair(self) -> TargetGroupPair:
        """Return target groups and listeners."""
        info = self.settings["loadBalancerInfo"]["targetGroupPairInfoList"][0]
        test = (info.get("testTrafficRoute") or {}).get("listenerArns") or [None]
        return TargetGroupPair(
            target_groups=tuple(group["name"] for group in info["targetGroups"]),
            production_listener=info["prodTrafficRoute"]["listenerArns"][0],
            test_listener=test[0],
        )


@dataclass
class Revision:
    """An AppSpec that was registered, by hand or by being deployed."""

    location: dict[str, Any]
    content: str
    register_time: datetime
    description: str | None = None
    first_used_time: datetime | None = None
    last_used_time: datetime | None = None
    groups: set[str] = field(default_factory=set)

    @property
    def sha256(self) -> str:
        """Return the hex digest of the exact content."""
        return hashlib.sha256(self.content.encode()).hexdigest()


@dataclass
class HookExecution:
    """One invocation of a hook, waiting for its callback."""

    id: str
    event: str
    outcome: str | None = None


@dataclass(frozen=True)
class AlarmWatch:
    """Which alarms stop a deployment."""

    names: tuple[str, ...] = ()
    ignores_poll_failure: bool = False


@dataclass(frozen=True)
class Plan:
    """What a deployment does: fixed when it is created, whatever becomes of its group."""

    config: DeploymentConfig
    ready_wait_minutes: int | None
    termination_wait_minutes: int
    rollback_events: frozenset[str]
    alarms: AlarmWatch

    def for_rollback(self, config: DeploymentConfig) -> "Plan":
        """Return what the rollback of such a deployment does: no waits, no alarms."""
        return Plan(config, None, 0, frozenset(), AlarmWatch())


@dataclass
class Deployment:
    """A CodeDeploy deployment. One thread moves it; requests read it and leave notes for it.

    The notes: `stop_requested` (and whether it rolls back), `continued` (waits told to end),
    `hooks` (callbacks). `wake` is set with each of them.
    """

    id: str
    group: DeploymentGroup
    group_settings: dict[str, Any]
    plan: Plan
    revision: Revision | None
    create_time: datetime
    description: str | None = None
    creator: str = "user"
    options: Mapping[str, Any] = field(default_factory=dict)
    status: Status = Status.CREATED
    start_time: datetime | None = None
    complete_time: datetime | None = None
    error: tuple[str, str] | None = None
    rollback_info: dict[str, str] = field(default_factory=dict)
    previous_revision: Revision | None = None
    events: Events = field(default_factory=fresh_events)
    target_status: EventStatus = EventStatus.PENDING
    target_updated_at: datetime | None = None
    task_sets: list[dict[str, Any]] = field(default_factory=list)
    termination_wait_started: bool = False
    stop_requested: bool = False
    stop_rolls_back: bool | None = None
    continued: set[str] = field(default_factory=set)
    hooks: dict[str, HookExecution] = field(default_factory=dict)
    wake: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def is_complete(self) -> bool:
        """Say whether it has ended."""
        return self.status in COMPLETE

    @property
    def is_rollback(self) -> bool:
        """Say whether the service itself started it to undo another one."""
        return self.creator == "codeDeployRollback"

    @property
    def target_id(self) -> str:
        """Return `cluster:service`, the id of its only target."""
        return ":".join(self.group.service)

    def move_to(self, status: Status, at: datetime) -> None:
        """Take the next status, with the times that belong to it.

        Raises:
            ValueError: there is no such step.
        """
        with self.lock:
            if status not in NEXT_STATUSES[self.status]:
                raise ValueError(f"{self.id} cannot go from {self.status} to {status}")
            self.status = status
            if status is Status.IN_PROGRESS and self.start_time is None:
                self.start_time = at
            if status in COMPLETE:
                self.complete_time = at

    def note(self, at: datetime, events: Events, target_status: EventStatus) -> None:
        """Record what happened on the target."""
        self.events, self.target_status, self.target_updated_at = events, target_status, at
