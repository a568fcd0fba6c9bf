"""Bounded waits that say what they wait for."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from delightful.errors import TransientError

Seen = TypeVar("Seen")

# How often one looks before observations of several services must agree with each other.
SETTLING_LOOKS = 24


@dataclass(frozen=True)
class Pace:
    """How a wait keeps time; the clock is monotonic seconds, so that no clock step ends a wait."""

    poll_seconds: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def wait_until(
    look: Callable[[], Seen],
    is_over: Callable[[Seen], bool],
    *,
    pace: Pace,
    timeout_seconds: float,
) -> tuple[Seen, bool]:
    """Look until it is over or time is up; returns the last look and whether it is over.

    A look that fails with a TransientError counts as "not yet": it is repeated until time is up,
    and raised only where nothing was ever seen.
    """
    deadline = pace.clock() + timeout_seconds
    looks: list[Seen] = []
    while True:
        try:
            looks = [look()]
            if is_over(looks[0]):
                return looks[0], True
        except TransientError:
            if pace.clock() >= deadline and not looks:
                raise
        if pace.clock() >= deadline and looks:
            return looks[0], False
        pace.sleep(min(pace.poll_seconds, max(0.01, deadline - pace.clock())))
