"""Target health as ELBv2 tells it, and how one check moves it."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class CheckSettings:
    """The health check of a target group; times in sandbox seconds."""

    path: str
    matcher: str
    port: int | None
    interval_seconds: int
    timeout_seconds: int
    healthy_threshold: int
    unhealthy_threshold: int
    is_http: bool = True

    def accepts(self, status: int) -> bool:
        """Say whether the matcher (`200`, `200,204`, `200-399`) takes a status."""
        for part in self.matcher.split(","):
            low, _, high = part.strip().partition("-")
            if int(low) <= status <= int(high or low):
                return True
        return False


@dataclass(frozen=True)
class CheckOutcome:
    """What one check saw: a status, or an error (`timeout`, else that it could not connect)."""

    status: int | None = None
    error: str | None = None


@dataclass(frozen=True)
class TargetHealth:
    """A target's state with reason and description, and the run of equal outcomes behind it."""

    state: str
    reason: str | None = None
    description: str | None = None
    successes: int = 0
    failures: int = 0


REGISTERING = TargetHealth(
    "initial", "Elb.RegistrationInProgress", "Target registration is in progress"
)
CHECKING = TargetHealth("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
NOT_IN_USE = TargetHealth(
    "unused",
    "Target.NotInUse",
    "Target group is not configured to receive traffic from the load balancer",
)
NOT_REGISTERED = TargetHealth(
    "unused", "Target.NotRegistered", "Target is not registered to the target group"
)
DRAINING = TargetHealth(
    "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"
)
HEALTHY = TargetHealth("healthy")


def settings_of(group: Any) -> CheckSettings:
    """Read the health check of one of moto's target groups."""
    port = group.health_check_port
    is_http = group.health_check_protocol in ("HTTP", "HTTPS")
    return CheckSettings(
        path=group.health_check_path or "/",
        matcher=group.matcher.get("HttpCode") or "200" if is_http else "200",
        port=int(port) if str(port).isdigit() else None,
        interval_seconds=int(group.health_check_interval_seconds),
        timeout_seconds=int(group.health_check_timeout_seconds),
        healthy_threshold=int(group.healthy_threshold_count),
        unhealthy_threshold=int(group.unhealthy_threshold_count),
        is_http=is_http,
    )


def after_check(health: TargetHealth, seen: CheckOutcome, settings: CheckSettings) -> TargetHealth:
    """Return a target's health after one more check.

    A new target needs one success; one that was unhealthy needs the healthy threshold.
    """
    passed = seen.error is None and (seen.status is None or settings.accepts(seen.status))
    if passed:
        return _after_success(health, settings)
    return _after_failure(health, seen, settings)


def _after_success(health: TargetHealth, settings: CheckSettings) -> TargetHealth:
    successes = health.successes + 1
    needed = settings.healthy_threshold if health.state == "unhealthy" else 1
    if successes >= needed:
        return replace(HEALTHY, successes=successes)
    return replace(health, successes=successes, failures=0)


def _after_failure(
    health: TargetHealth, seen: CheckOutcome, settings: CheckSettings
) -> TargetHealth:
    failures = health.failures + 1
    if failures < settings.unhealthy_threshold and health.state != "unhealthy":
        return replace(health, successes=0, failures=failures)
    reason, description = _why(seen)
    return TargetHealth("unhealthy", reason, description, failures=failures)


def _why(seen: CheckOutcome) -> tuple[str, str]:
    if seen.status is not None:
        codes = f"Health checks failed with these codes: [{seen.status}]"
        return "Target.ResponseCodeMismatch", codes
    if seen.error == "timeout":
        return "Target.Timeout", "Request timed out"
    return "Target.FailedHealthChecks", "Health checks failed"
