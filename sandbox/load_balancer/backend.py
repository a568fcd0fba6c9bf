"""ELBv2 whose load balancers carry traffic: moto's backend, with targets and data plane of ours."""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from moto.elbv2 import urls as elbv2_urls
from moto.elbv2.exceptions import TargetGroupNotFoundError, ValidationError
from moto.elbv2.models import (
    ELBv2Backend,
    FakeAction,
    FakeHealthStatus,
    FakeListener,
    FakeListenerRule,
    FakeLoadBalancer,
    FakeRule,
    FakeTargetGroup,
)

from sandbox.clock import SandboxClock
from sandbox.load_balancer.addresses import free_address, is_free
from sandbox.load_balancer.checker import HealthChecker
from sandbox.load_balancer.health import CheckSettings, settings_of
from sandbox.load_balancer.refusals import OperationNotPermitted
from sandbox.load_balancer.routing import (
    Action,
    Balancer,
    Endpoint,
    Listener,
    Rule,
    action_of,
    condition_of,
    groups_of,
    routed_targets,
)
from sandbox.load_balancer.targets import TargetTable

log = logging.getLogger(__name__)


class LoadBalancerBackend(ELBv2Backend):
    """moto's ELBv2 with real addresses, listeners, health and weights.

    `publish` is given every load balancer whenever something that routing reads has changed.
    """

    def __init__(
        self,
        region_name: str,
        account_id: str,
        clock: SandboxClock,
        publish: Callable[[tuple[Balancer, ...]], None],
    ) -> None:
        super().__init__(region_name, account_id)
        self._publish = publish
        self._lock = threading.RLock()
        self.table = TargetTable(changed=self._refresh_anyway)
        self.checker = HealthChecker(self.table, self, clock)

    @property
    def _url_module(self) -> Any:
        # moto finds its paths beside the backend's class; ours stand where they were.
        return elbv2_urls

    # What the health checker asks.

    def check_settings(self, group: str) -> CheckSettings | None:
        """Return a target group's health check, None for a group that is gone."""
        found = self.target_groups.get(group)
        return settings_of(found) if found else None

    def is_in_use(self, group: str) -> bool:
        """Say whether a listener or rule forwards to the group, whatever the weight."""
        return any(group in groups for groups in self._groups_by_balancer().values())

    def balancers_of(self, group: str) -> tuple[str, ...]:
        """Return the ARNs of the load balancers that forward to a target group."""
        used = self._groups_by_balancer()
        return tuple(arn for arn, groups in used.items() if group in groups)

    def _groups_by_balancer(self) -> dict[str, frozenset[str]]:
        return {
            balancer.arn: groups_of(
                action for item in self._listeners(balancer) for action in item.actions
            )
            for balancer in list(self.load_balancers.values())
        }

    # Routing as data.

    def refresh(self) -> None:
        """Hand the present routing to the data plane."""
        with self._lock:
            for group in list(self.target_groups.values()):
                group.load_balancer_arns = list(self.balancers_of(group.arn))
            self._publish(tuple(self._balancer(item) for item in self.load_balancers.values()))

    def _refresh_anyway(self) -> None:
        # A health check must go on where the data plane could not follow one change.
        try:
            self.refresh()
        except Exception:
            log.exception("the data plane did not follow")

    def _balancer(self, found: FakeLoadBalancer) -> Balancer:
        listeners = tuple(self._listeners(found))
        used = groups_of(action for item in listeners for action in item.actions)
        return Balancer(
            arn=found.arn,
            name=found.name,
            address=found.dns_name,
            listeners=listeners,
            groups=tuple((group, self._routed(group)) for group in sorted(used)),
        )

    def _routed(self, group: str) -> Any:
        states = {end: health.state for end, health in self.table.targets(group).items()}
        return routed_targets(states)

    def _listeners(self, found: FakeLoadBalancer) -> Iterable[Listener]:
        for item in list(found.listeners.values()):
            yield Listener(
                arn=item.arn,
                port=int(item.port),
                rules=tuple(_rules(item)),
                default=_action(item.default_actions),
            )

    # Load balancers and listeners.

    def create_load_balancer(self, *args: Any, **kwargs: Any) -> FakeLoadBalancer:
        """Create a load balancer on a loopback address of its own."""
        if kwargs.get("loadbalancer_type") not in (None, "application"):
            raise ValidationError("The sandbox has application load balancers only")
        created = super().create_load_balancer(*args, **kwargs)
        taken = {item.dns_name for item in self.load_balancers.values()}
        created.dns_name = free_address(created.arn, taken)
        created.state = "active"
        return created

    def create_listener(self, *args: Any, **kwargs: Any) -> FakeListener:
        """Open a port on the load balancer's address."""
        _supported(kwargs["actions"])
        if kwargs["protocol"] != "HTTP":
            raise ValidationError("The sandbox's listeners speak HTTP only")
        self._port_is_free(kwargs["load_balancer_arn"], int(kwargs["port"]))
        created = super().create_listener(*args, **kwargs)
        try:
            self.refresh()
        except RuntimeError as error:
            super().delete_listener(created.arn)
            self.refresh()
            raise ValidationError(str(error)) from error
        return created

    def _port_is_free(self, balancer: str, port: int) -> None:
        found = self.load_balancers.get(balancer)
        if found is not None and not is_free(found.dns_name, port):
            raise ValidationError(f"Port {port} on {found.dns_name} is in use on this machine")

    def modify_listener(self, *args: Any, **kwargs: Any) -> FakeListener:
        """Change a listener; new weights serve when this returns."""
        actions = kwargs.get("actions") or (args[5] if len(args) > 5 else None)
        _supported(actions or [])
        with self._lock:
            changed = super().modify_listener(*args, **kwargs)
            _settle_default(changed)
        self.refresh()
        return changed

    def delete_listener(self, listener_arn: str) -> FakeListener:
        """Close a port."""
        deleted = super().delete_listener(listener_arn)
        self.refresh()
        return deleted

    def delete_load_balancer(self, arn: str) -> None:
        """Close every port of a load balancer that may go; one that is not there is gone."""
        found = self.load_balancers.get(arn)
        if found is not None and found.attrs["deletion_protection.enabled"] == "true":
            raise OperationNotPermitted(arn)
        super().delete_load_balancer(arn)
        self.refresh()

    # Rules.

    def create_rule(
        self,
        listener_arn: str,
        conditions: list[dict[str, Any]],
        priority: int,
        actions: list[dict[str, Any]],
        tags: list[dict[str, str]] | None = None,
    ) -> FakeListenerRule:
        """Add a rule to a listener."""
        _supported(actions, conditions)
        created = super().create_rule(listener_arn, conditions, int(priority), actions, tags)
        self.refresh()
        return created

    def modify_rule(
        self, rule_arn: str, conditions: list[dict[str, Any]], actions: list[dict[str, Any]]
    ) -> FakeRule:
        """Change a rule."""
        _supported(actions, conditions)
        changed = super().modify_rule(rule_arn, conditions, actions)
        self.refresh()
        return changed

    def delete_rule(self, arn: str) -> None:
        """Remove a rule."""
        super().delete_rule(arn)
        self.refresh()

    def set_rule_priorities(self, rule_priorities: list[dict[str, Any]]) -> list[FakeRule]:
        """Reorder rules."""
        changed = super().set_rule_priorities(rule_priorities)
        self.refresh()
        return list(changed)

    # Target groups and targets.

    def create_target_group(self, name: str, **kwargs: Any) -> FakeTargetGroup:
        """Create a target group of addresses; nothing here could reach another kind."""
        kind, protocol = kwargs.get("target_type"), kwargs.get("protocol")
        if kind != "ip" or protocol != "HTTP":
            raise ValidationError(
                "The sandbox's target groups take targets of type ip over HTTP only, "
                f"not {kind} over {protocol}"
            )
        return super().create_target_group(name, **kwargs)

    def modify_target_group_attributes(
        self, target_group_arn: str, attributes: dict[str, Any]
    ) -> None:
        """Change attributes; stickiness is not there to be switched on."""
        if str(attributes.get("stickiness.enabled")).lower() == "true":
            raise ValidationError("The sandbox's load balancer has no stickiness")
        super().modify_target_group_attributes(target_group_arn, attributes)

    def delete_target_group(self, target_group_arn: str) -> FakeTargetGroup:
        """Delete a target group and forget its targets."""
        deleted = super().delete_target_group(target_group_arn)
        self.table.drop_group(target_group_arn)
        return deleted

    def register_targets(self, target_group_arn: str, instances: list[Any]) -> None:
        """Register targets by address and port, and begin to check them."""
        group = self._group(target_group_arn)
        for target in instances:
            endpoint = _endpoint(group, target)
            if self.table.register(group.arn, endpoint):
                self.checker.watch(group.arn, endpoint)

    def deregister_targets(self, target_group_arn: str, instances: list[dict[str, Any]]) -> None:
        """Drain targets; they are gone after the group's deregistration delay."""
        group = self._group(target_group_arn)
        for target in instances:
            for endpoint in self._named(group, target):
                if self.table.drain(group.arn, endpoint):
                    self.checker.drain(group.arn, endpoint, self.drain_seconds(group.arn))

    def drain_seconds(self, target_group_arn: str) -> float:
        """Return a group's deregistration delay in sandbox seconds."""
        attributes = self._group(target_group_arn).attributes
        return float(attributes["deregistration_delay.timeout_seconds"])

    def describe_target_health(
        self, target_group_arn: str, targets: list[dict[str, Any]]
    ) -> list[FakeHealthStatus]:
        """Tell what the health checks saw."""
        group = self._group(target_group_arn)
        asked = [_endpoint(group, target) for target in targets or ()]
        return [
            self._status(group, endpoint)
            for endpoint in asked or self.table.targets(target_group_arn)
        ]

    def _status(self, group: FakeTargetGroup, endpoint: Endpoint) -> FakeHealthStatus:
        health = self.table.health(group.arn, endpoint)
        port = str(group.health_check_port)
        return FakeHealthStatus(
            endpoint.address,
            str(endpoint.port),
            port if port.isdigit() else str(endpoint.port),
            health.state,
            health.reason,
            health.description,
        )

    def _group(self, arn: str) -> FakeTargetGroup:
        found = self.target_groups.get(arn)
        if found is None:
            raise TargetGroupNotFoundError()
        return found

    def _named(self, group: FakeTargetGroup, target: dict[str, Any]) -> list[Endpoint]:
        if target.get("Port"):
            return [_endpoint(group, target)]
        return [end for end in self.table.targets(group.arn) if end.address == target["Id"]]


def _endpoint(group: FakeTargetGroup, target: dict[str, Any]) -> Endpoint:
    return Endpoint(target["Id"], int(target.get("Port") or group.port))


def _rules(listener: FakeListener) -> Iterable[Rule]:
    own = [rule for rule in listener.rules.values() if not rule.is_default]
    for rule in sorted(own, key=lambda rule: int(rule.priority)):
        conditions = tuple(condition_of(condition) for condition in rule.conditions)
        yield Rule(conditions, _action(rule.actions))


def _action(actions: list[FakeAction]) -> Action:
    return action_of([action.data for action in actions])


def _supported(
    actions: list[dict[str, Any]], conditions: list[dict[str, Any]] | None = None
) -> None:
    try:
        if actions:
            action_of(actions)
        for condition in conditions or ():
            condition_of(condition)
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _settle_default(listener: FakeListener) -> None:
    """Show the weights alone: ELBv2 drops the single group once there is a forward config."""
    for action in listener.default_actions:
        groups = (action.data.get("ForwardConfig") or {}).get("TargetGroups") or []
        if len(groups) > 1 and "TargetGroupArn" in action.data:
            del action.data["TargetGroupArn"]
            action.__dict__.pop("TargetGroupArn", None)
