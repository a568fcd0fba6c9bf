"""Target health: what one check does to it."""

import pytest

from sandbox.load_balancer.health import (
    CHECKING,
    CheckOutcome,
    CheckSettings,
    TargetHealth,
    after_check,
)

SETTINGS = CheckSettings("/", "200-299", None, 10, 5, healthy_threshold=3, unhealthy_threshold=2)
OK, BAD, LATE, REFUSED = (
    CheckOutcome(200),
    CheckOutcome(500),
    CheckOutcome(error="timeout"),
    CheckOutcome(error="refused"),
)


def after(*outcomes: CheckOutcome) -> TargetHealth:
    """Return a new target's health after some checks."""
    health = CHECKING
    for outcome in outcomes:
        health = after_check(health, outcome, SETTINGS)
    return health


def test_new_target_needs_one_success() -> None:
    """A new target is healthy after its first good check, whatever the threshold."""
    assert after(OK).state == "healthy"


def test_stays_initial_below_the_threshold() -> None:
    """One failure of two leaves a new target initial."""
    assert after(BAD).state == "initial"


@pytest.mark.parametrize(
    ("outcome", "reason", "description"),
    [
        (BAD, "Target.ResponseCodeMismatch", "Health checks failed with these codes: [500]"),
        (LATE, "Target.Timeout", "Request timed out"),
        (REFUSED, "Target.FailedHealthChecks", "Health checks failed"),
    ],
)
def test_says_why_it_is_unhealthy(outcome: CheckOutcome, reason: str, description: str) -> None:
    """Status, timeout and refusal have ELB's own reasons."""
    health = after(outcome, outcome)
    assert (health.state, health.reason, health.description) == ("unhealthy", reason, description)


def test_recovers_at_the_healthy_threshold() -> None:
    """One that was unhealthy needs the whole threshold."""
    assert after(BAD, BAD, OK, OK).state == "unhealthy"
    assert after(BAD, BAD, OK, OK, OK).state == "healthy"


def test_one_failure_does_not_end_health() -> None:
    """A single failure between successes is forgotten."""
    assert after(OK, BAD, OK, BAD).state == "healthy"
    assert after(OK, BAD, BAD).state == "unhealthy"


@pytest.mark.parametrize(
    ("matcher", "status", "accepted"),
    [("200", 200, True), ("200,204", 204, True), ("200-399", 302, True), ("200", 301, False)],
)
def test_matcher(matcher: str, status: int, accepted: bool) -> None:
    """Single codes, lists and ranges are matched."""
    assert CheckSettings("/", matcher, None, 10, 5, 3, 2).accepts(status) is accepted
