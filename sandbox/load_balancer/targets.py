"""The registered targets of every target group, with their health: the single truth of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.load_balancer.health import (
    DRAINING,
    NOT_IN_USE,
    NOT_REGISTERED,
    REGISTERING,
    CheckOutcome,
    CheckSettings,
    TargetHealth,
    after_check,
)
from sandbox.load_balancer.routing import Endpoint


@dataclass
class TargetTable:
    """Targets by group ARN and endpoint. `changed` is called after whatever routing reads."""

    changed: Callable[[], None]
    _groups: dict[str, dict[Endpoint, TargetHealth]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def register(self, group: str, endpoint: Endpoint) -> bool:
        """Add a target; return False where it is registered already and not draining."""
        with self._lock:
            targets = self._groups.setdefault(group, {})
            known = targets.get(endpoint)
            if known is not None and known.state != "draining":
                return False
            targets[endpoint] = REGISTERING
        self.changed()
        return True

    def drain(self, group: str, endpoint: Endpoint) -> bool:
        """Begin to drain a target; return False where there is nothing to drain."""
        with self._lock:
            known = self._groups.get(group, {}).get(endpoint)
            if known is None or known.state == "draining":
                return False
            self._groups[group][endpoint] = DRAINING
        self.changed()
        return True

    def remove(self, group: str, endpoint: Endpoint) -> None:
        """Forget a target that has drained."""
        with self._lock:
            if self.health(group, endpoint).state != "draining":
                return
            del self._groups[group][endpoint]
        self.changed()

    def drop_group(self, group: str) -> None:
        """Forget a deleted group."""
        with self._lock:
            self._groups.pop(group, None)

    def health(self, group: str, endpoint: Endpoint) -> TargetHealth:
        """Return a target's health; one that is not there is unused."""
        with self._lock:
            return self._groups.get(group, {}).get(endpoint, NOT_REGISTERED)

    def targets(self, group: str) -> dict[Endpoint, TargetHealth]:
        """Return a copy of a group's targets."""
        with self._lock:
            return dict(self._groups.get(group, {}))

    def record(
        self, group: str, endpoint: Endpoint, seen: CheckOutcome, settings: CheckSettings
    ) -> None:
        """Take in the outcome of one health check."""
        self._move(group, endpoint, lambda health: after_check(health, seen, settings))

    def set_health(self, group: str, endpoint: Endpoint, health: TargetHealth) -> None:
        """Set a target's health, unless it drains."""
        self._move(group, endpoint, lambda _: health)

    def _move(
        self, group: str, endpoint: Endpoint, step: Callable[[TargetHealth], TargetHealth]
    ) -> None:
        with self._lock:
            before = self.health(group, endpoint)
            if before in (NOT_REGISTERED, DRAINING):
                return
            after = step(before)
            self._groups[group][endpoint] = after
        if before.state != after.state:
            self.changed()

    def is_unused(self, group: str, endpoint: Endpoint) -> bool:
        """Say whether a target is known to belong to a group that no listener forwards to."""
        return self.health(group, endpoint) == NOT_IN_USE
