"""What a CodeDeploy deployment for ECS goes through: statuses, lifecycle events, their order."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """The status of a CodeDeploy deployment."""

    CREATED = "Created"
    QUEUED = "Queued"
    IN_PROGRESS = "InProgress"
    READY = "Ready"
    BAKING = "Baking"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    STOPPED = "Stopped"


COMPLETE = frozenset({Status.SUCCEEDED, Status.FAILED, Status.STOPPED})
_ENDS_BADLY = {Status.FAILED, Status.STOPPED}

NEXT_STATUSES: dict[Status, frozenset[Status]] = {
    Status.CREATED: frozenset({Status.QUEUED, Status.IN_PROGRESS} | _ENDS_BADLY),
    Status.QUEUED: frozenset({Status.IN_PROGRESS} | _ENDS_BADLY),
    Status.IN_PROGRESS: frozenset({Status.READY, Status.BAKING, Status.SUCCEEDED} | _ENDS_BADLY),
    Status.READY: frozenset({Status.IN_PROGRESS} | _ENDS_BADLY),
    Status.BAKING: frozenset({Status.SUCCEEDED} | _ENDS_BADLY),
    **{status: frozenset() for status in COMPLETE},
}


class EventStatus(StrEnum):
    """The status of one lifecycle event, and of the target."""

    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    READY = "Ready"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    SKIPPED = "Skipped"


EVENT_NAMES = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)
HOOKABLE = frozenset(EVENT_NAMES) - {"Install", "AllowTestTraffic", "AllowTraffic"}


@dataclass(frozen=True)
class LifecycleEvent:
    """One of the eight steps on the target."""

    name: str
    status: EventStatus = EventStatus.PENDING
    start_time: datetime | None = None
    end_time: datetime | None = None
    message: str | None = None


Events = tuple[LifecycleEvent, ...]


def fresh_events() -> Events:
    """Return all eight events, pending, in their order."""
    return tuple(LifecycleEvent(name) for name in EVENT_NAMES)


def with_begun(events: Events, name: str, at: datetime) -> Events:
    """Return the events with one of them in progress."""
    return _changed(events, name, status=EventStatus.IN_PROGRESS, start_time=at)


def with_ended(events: Events, name: str, at: datetime) -> Events:
    """Return the events with one of them succeeded; that is so for events without a hook too."""
    return _changed(events, name, status=EventStatus.SUCCEEDED, end_time=at)


def with_aborted(events: Events, at: datetime, message: str) -> Events:
    """Return the events after an abort: the current one Failed, every later one Skipped."""
    return tuple(_aborted(event, at, message) for event in events)


def has_begun(events: Events, name: str) -> bool:
    """Say whether an event was reached."""
    return any(event.name == name and event.start_time is not None for event in events)


def _aborted(event: LifecycleEvent, at: datetime, message: str) -> LifecycleEvent:
    if event.status is EventStatus.IN_PROGRESS:
        return replace(event, status=EventStatus.FAILED, end_time=at, message=message)
    if event.status is EventStatus.PENDING:
        return replace(event, status=EventStatus.SKIPPED)
    return event


def _changed(events: Events, name: str, **changes: object) -> Events:
    return tuple(
        replace(event, **changes) if event.name == name else event  # type: ignore[arg-type]
        for event in events
    )
