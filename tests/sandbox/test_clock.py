"""The sandbox's clock scales durations and leaves dates alone."""

import threading
from datetime import UTC, datetime, timedelta

from sandbox.clock import SandboxClock


def test_a_wait_takes_the_speedth_part_of_it_on_the_wall() -> None:
    """Five sandbox minutes at speed 20 are fifteen seconds on the wall."""
    assert SandboxClock(speed=20).wall_seconds(300) == 15


def test_a_deadline_comes_when_its_sandbox_seconds_have_passed() -> None:
    """At a thousand times the wall's speed a five-second deadline passes in milliseconds."""
    clock = SandboxClock(speed=1000)
    deadline = clock.deadline(5)
    assert not deadline.is_past
    assert 0 < deadline.remaining_seconds <= 5
    assert clock.sleep(6) is False
    assert deadline.is_past
    assert deadline.remaining_seconds == 0


def test_a_sleep_ends_early_when_it_is_interrupted() -> None:
    """A loop that waits an hour leaves at once when the sandbox stops."""
    stopping = threading.Event()
    stopping.set()
    assert SandboxClock().sleep(3600, stopping) is True


def test_dates_are_the_walls_at_any_speed() -> None:
    """Timestamps agree with the client's own clock."""
    assert abs(SandboxClock(speed=1000).now() - datetime.now(UTC)) < timedelta(seconds=1)
