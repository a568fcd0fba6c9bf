"""The sandbox's clock: every wait of the simulated AWS goes through it, so that it can run faster.

Durations are scaled, dates are not: what a client reads (createdAt, log and metric timestamps) is
the wall's UTC time, so that it agrees with the client's own clock at any speed.
"""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True)
class Deadline:
    """A moment on a sandbox clock."""

    clock: "SandboxClock"
    at_seconds: float

    @property
    def remaining_seconds(self) -> float:
        """Return the sandbox seconds that are left, never below zero."""
        return max(0.0, self.at_seconds - self.clock.seconds())

    @property
    def is_past(self) -> bool:
        """Say whether the moment has come."""
        return self.clock.seconds() >= self.at_seconds


@dataclass(frozen=True)
class SandboxClock:
    """Wall time multiplied by `speed`."""

    speed: float = 1.0
    _origin: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """Return the wall's time in UTC, for the timestamps that clients read."""
        return datetime.now(UTC)

    def seconds(self) -> float:
        """Return the sandbox seconds since the clock was made; it never goes back."""
        return (time.monotonic() - self._origin) * self.speed

    def wall_seconds(self, seconds: float) -> float:
        """Return how long so many sandbox seconds take on the wall."""
        return seconds / self.speed

    def deadline(self, seconds: float) -> Deadline:
        """Return the moment so many sandbox seconds from now."""
        return Deadline(self, self.seconds() + seconds)

    def sleep(self, seconds: float, interrupt: threading.Event | None = None) -> bool:
        """Wait so many sandbox seconds; return True if `interrupt` was set before they passed."""
        return (interrupt or threading.Event()).wait(self.wall_seconds(seconds))
