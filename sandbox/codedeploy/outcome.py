"""The ways in which a deployment ends badly, in the service's words where they are known."""

from collections.abc import Iterable

from sandbox.codedeploy.lifecycle import Status
from sandbox.codedeploy.records import RollbackEvent

NEVER_HEALTHY = (
    "The deployment timed out while waiting for the replacement task set to become healthy."
    " This time out period is 60 minutes."
)
STOPPED_BY_USER = "The deployment was stopped by a request of the user."


class SiteError(Exception):
    """ECS or the load balancer refused; `code` is CodeDeploy's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Leaving(Exception):
    """The sandbox goes down."""


class Abort(Exception):
    """The deployment ends here, for this reason; `event` is what a group may roll back on."""

    def __init__(self, status: Status, code: str, message: str, event: RollbackEvent) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.event = status, code, message, event


def failed(code: str, message: str) -> Abort:
    """Return the end of a deployment that failed."""
    return Abort(Status.FAILED, code, message, "DEPLOYMENT_FAILURE")


def not_continued(minutes: int) -> Abort:
    """Return the end of a deployment that nobody continued."""
    message = (
        "The deployment timed out while waiting for a notification to continue. This time out"
        f" period is {minutes} minutes."
    )
    return Abort(Status.STOPPED, "TIMEOUT", message, "DEPLOYMENT_FAILURE")


def stopped_by_user() -> Abort:
    """Return the end of a deployment that was asked to stop."""
    return Abort(Status.STOPPED, "MANUAL_STOP", STOPPED_BY_USER, "DEPLOYMENT_STOP_ON_REQUEST")


def alarm_active(names: Iterable[str]) -> Abort:
    """Return the end of a deployment whose alarms fire."""
    message = (
        "One or more alarms have been activated according to the Amazon CloudWatch metrics you"
        " selected, and the affected deployments have been stopped. Activated alarms:"
        f" {', '.join(names)}"
    )
    return Abort(Status.STOPPED, "ALARM_ACTIVE", message, "DEPLOYMENT_STOP_ON_ALARM")


def alarms_unknown(names: Iterable[str]) -> Abort:
    """Return the end of a deployment whose alarms cannot be read."""
    message = (
        "The state of one or more alarms could not be retrieved from Amazon CloudWatch:"
        f" {', '.join(names)}"
    )
    return Abort(Status.STOPPED, "ALARM_ACTIVE", message, "DEPLOYMENT_STOP_ON_ALARM")
