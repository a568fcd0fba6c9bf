"""Where a deployment happens: one ECS service between two target groups."""

import logging
import threading
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.codedeploy.appspec import AppSpec
from sandbox.codedeploy.balancer import Balancer
from sandbox.codedeploy.fleet import Fleet, target_group_of
from sandbox.codedeploy.listeners import Split
from sandbox.codedeploy.outcome import SiteError
from sandbox.codedeploy.refusal import Refusal
from sandbox.codedeploy.switches import Switches

log = logging.getLogger(__name__)
NO_SERVICE = "Could not load ECS service information for cluster: {cluster}, service: {service}"
NO_PRIMARY = "The ECS service {service} in cluster {cluster} has no primary task set"
NOT_BEHIND = (
    "The ELB could not be updated due to the following error: Primary taskset target group must"
    " be behind listener {listener}"
)
# How long a retired task set may drain before it is forgotten with whatever still runs.
_SWEEP_SECONDS = 1800
_SWEEP_EVERY_SECONDS = 0.5


class EcsSite:
    """Moves tasks and traffic for one deployment."""

    def __init__(
        self, fleet: Fleet, balancer: Balancer, clock: SandboxClock, switches: Switches
    ) -> None:
        self._fleet = fleet
        self._balancer = balancer
        self._clock = clock
        self._switches = switches
        self._original: str | None = None
        self._replacement: str | None = None
        self._groups: tuple[str, str] = ("", "")
        self._last_seen: dict[str, dict[str, object]] = {}

    def prepare(self) -> None:
        """Check service and listeners, before anything is changed."""
        named = {"cluster": self._fleet.cluster, "service": self._fleet.service}
        if self._fleet.found() is None:
            raise SiteError("INVALID_ECS_SERVICE", NO_SERVICE.format(**named))
        primary = self._fleet.primary()
        live = target_group_of(primary) if primary else None
        if primary is None or live is None:
            raise SiteError("INVALID_ECS_SERVICE", NO_PRIMARY.format(**named))
        wants_test = self._switches.test_listener_must_serve == "primary"
        if listener := self._balancer.blocked_by(live, test_listener_too=wants_test):
            raise SiteError("ELASTIC_LOAD_BALANCING_INVALID", NOT_BEHIND.format(listener=listener))
        self._original = primary.task_set_arn
        self._groups = (live, self._balancer.other(live))

    def install(self, appspec: AppSpec, deployment_id: str) -> None:
        """Start the replacement; first the listener gets both groups, and left-overs go."""
        self.shift(0)
        for task_set in self._fleet.left_over():
            self._fleet.scale_to_nothing(task_set.task_set_arn)
            self._fleet.delete(task_set.task_set_arn)
        created = self._fleet.create(appspec, self._groups[1], deployment_id)
        self._replacement = created.task_set_arn

    def is_installed(self) -> bool:
        """Say whether the replacement runs in full and is healthy wherever health is checked."""
        return self._replacement is not None and self._fleet.is_steady(self._replacement)

    def allow_test_traffic(self) -> None:
        """Send the test listener's traffic to the replacement."""
        self._balancer.open_test_listener(self._split(100))

    def shift(self, percent: int) -> None:
        """Give the replacement so much of the production traffic."""
        self._balancer.share(self._split(percent))

    def promote(self) -> None:
        """Make the replacement the service's primary task set."""
        if self._replacement is not None:
            self._fleet.promote(self._replacement)

    def retire_original(self) -> None:
        """Scale the original to nothing."""
        if self._original is not None:
            self._fleet.scale_to_nothing(self._original)

    def restore(self) -> None:
        """Give everything back to the original and scale the replacement to nothing."""
        if self._original is None:
            return
        self.shift(0)
        self._balancer.restore_test_listener()
        primary = self._fleet.primary()
        if primary is None or primary.task_set_arn != self._original:
            self._fleet.promote(self._original)
        if self._replacement is not None:
            self._fleet.scale_to_nothing(self._replacement)

    def sweep(self, stopping: threading.Event) -> None:
        """Remove what was retired, once it has drained."""
        deadline = self._clock.deadline(_SWEEP_SECONDS)
        for arn in filter(None, (self._original, self._replacement)):
            while self._is_draining(arn) and not deadline.is_past:
                if stopping.wait(_SWEEP_EVERY_SECONDS):
                    return
            self._forget_drained(arn)

    def _is_draining(self, arn: str) -> bool:
        task_set = self._fleet.get(arn)
        if task_set is None or task_set.status != "DRAINING":
            return False
        counts = self._fleet.counts(arn)
        return counts.running + counts.pending > 0

    def _forget_drained(self, arn: str) -> None:
        task_set = self._fleet.get(arn)
        if task_set is not None and task_set.status == "DRAINING":
            self._fleet.delete(arn)

    def task_sets(self) -> list[dict[str, object]]:
        """Return the task sets as the deployment's target shows them, gone ones as last seen."""
        labelled = ((self._original, "Blue"), (self._replacement, "Green"))
        weights = self._balancer.production_weights()
        for arn, label in labelled:
            task_set = self._fleet.get(arn) if arn else None
            if arn and task_set is not None:
                self._last_seen[arn] = self._shown(task_set, label, weights)
        return [self._last_seen[arn] for arn, _ in labelled if arn in self._last_seen]

    def _shown(self, task_set: Any, label: str, weights: dict[str, int]) -> dict[str, object]:
        counts = self._fleet.counts(task_set.task_set_arn)
        group = target_group_of(task_set) or ""
        return {
            "identifer": task_set.id,
            "desiredCount": counts.desired,
            "pendingCount": counts.pending,
            "runningCount": counts.running,
            "status": task_set.status,
            "trafficWeight": float(weights.get(group, 0)),
            "targetGroup": {"name": self._balancer.name(group)},
            "taskSetLabel": label,
        }

    def _split(self, percent: int) -> Split:
        return Split(self._groups[0], self._groups[1], percent)


def check_group(fleet: Fleet, balancer: Balancer, config_type: str) -> None:
    """Refuse a deployment group that its ECS service or load balancer cannot serve.

    Raises:
        Refusal: in the service's words.
    """
    balancer.check()
    service = fleet.found()
    if service is None:
        message = NO_SERVICE.format(cluster=fleet.cluster, service=fleet.service)
        raise Refusal("InvalidECSService", message)
    if service.deployment_controller.get("type") != "CODE_DEPLOY":
        raise Refusal(
            "InvalidECSService",
            "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment"
            " controller.",
        )
    if config_type != "AllAtOnce" and not balancer.is_application_balancer:
        raise Refusal(
            "InvalidTrafficRoutingConfiguration",
            "Only ALB supports gradual traffic routing, use AllAtOnce Traffic routing instead when"
            " you create/update Deployment group.",
        )


def settle_listener(fleet: Fleet, balancer: Balancer) -> None:
    """Write both groups into the production listener, all weight on the live one.

    Recorded as done by the time service and deployment group exist; where the listener does not
    serve the live group it is left alone, and the first deployment says so.
    """
    service = fleet.found()
    primary = fleet.primary()
    live = target_group_of(primary or service)
    if live and balancer.blocked_by(live, test_listener_too=False) is None:
        balancer.share(Split(live, balancer.other(live), 0))
