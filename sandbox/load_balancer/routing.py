"""What a load balancer does with a request, as data: listeners, rules, weights, targets."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple


class Endpoint(NamedTuple):
    """Where a target listens."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"


@dataclass(frozen=True)
class RoutedTarget:
    """A registered target, and whether new requests may go to it."""

    endpoint: Endpoint
    takes_new_requests: bool


@dataclass(frozen=True)
class Forward:
    """Forward to target groups (ARNs) in proportion to their weights."""

    weights: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class FixedResponse:
    """Answer without asking a target."""

    status: int
    content_type: str
    body: str


Action = Forward | FixedResponse


@dataclass(frozen=True)
class Condition:
    """One condition of a rule; any of the values will do. `*` and `?` are wildcards."""

    field: Literal["path-pattern", "host-header", "http-request-method", "http-header"]
    values: tuple[str, ...]
    header: str | None = None

    def holds(self, method: str, path: str, headers: Mapping[str, str]) -> bool:
        """Say whether a request meets the condition; header names are looked up as given."""
        if self.field == "path-pattern":
            return self._matches(path)
        if self.field == "http-request-method":
            return method in self.values
        name = "Host" if self.field == "host-header" else self.header or ""
        value = headers.get(name, "")
        return self._matches(value.split(":")[0] if self.field == "host-header" else value)

    def _matches(self, text: str) -> bool:
        flags = 0 if self.field == "path-pattern" else re.IGNORECASE
        return any(re.fullmatch(wildcard_regex(value), text, flags) for value in self.values)


@dataclass(frozen=True)
class Rule:
    """A listener rule: every condition must hold."""

    conditions: tuple[Condition, ...]
    action: Action


@dataclass(frozen=True)
class Listener:
    """A port of a load balancer; `rules` in the order of their priority."""

    arn: str
    port: int
    rules: tuple[Rule, ...]
    default: Action

    @property
    def actions(self) -> tuple[Action, ...]:
        """Return every action, the default last."""
        return (*(rule.action for rule in self.rules), self.default)


@dataclass(frozen=True)
class Balancer:
    """One load balancer as the proxy shall run it."""

    arn: str
    name: str
    address: str
    listeners: tuple[Listener, ...]
    groups: tuple[tuple[str, tuple[RoutedTarget, ...]], ...]


def wildcard_regex(pattern: str) -> str:
    """Return the regular expression of a pattern with `*` and `?`."""
    wild = {"*": ".*", "?": "."}
    return "".join(
        wild.get(sign) or (sign if sign.isalnum() else f"\\x{ord(sign):02x}") for sign in pattern
    )


def groups_of(actions: Iterable[Action]) -> frozenset[str]:
    """Return the target groups that the actions forward to, whatever their weight."""
    forwards = (action for action in actions if isinstance(action, Forward))
    return frozenset(arn for forward in forwards for arn, _ in forward.weights)


def routed_targets(states: Mapping[Endpoint, str]) -> tuple[RoutedTarget, ...]:
    """Decide which targets of a group take new requests.

    The healthy ones; where there is none, every unhealthy one (a group fails open).
    """
    usable = "healthy" if "healthy" in states.values() else "unhealthy"
    return tuple(RoutedTarget(endpoint, state == usable) for endpoint, state in states.items())


def action_of(actions: Sequence[Mapping[str, Any]]) -> Action:
    """Read an ELBv2 action list; the last action is the one that answers.

    Raises:
        ValueError: an action that the sandbox's load balancer does not do.
    """
    action = actions[-1]
    if action.get("Type") == "forward":
        return Forward(_weights(action))
    if action.get("Type") == "fixed-response":
        settings = action["FixedResponseConfig"]
        return FixedResponse(
            int(settings["StatusCode"]),
            settings.get("ContentType") or "text/plain",
            settings.get("MessageBody") or "",
        )
    raise ValueError(f"the sandbox's load balancer has no action {action.get('Type')!r}")


def _weights(action: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    config = action.get("ForwardConfig") or {}
    if (config.get("TargetGroupStickinessConfig") or {}).get("Enabled") in (True, "true"):
        raise ValueError("the sandbox's load balancer has no group stickiness")
    groups = config.get("TargetGroups") or []
    if groups:
        return tuple((group["TargetGroupArn"], int(group.get("Weight", 1))) for group in groups)
    return ((action["TargetGroupArn"], 1),)


_CONFIGS = {
    "path-pattern": "PathPatternConfig",
    "host-header": "HostHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "http-header": "HttpHeaderConfig",
}


def condition_of(condition: Mapping[str, Any]) -> Condition:
    """Read an ELBv2 rule condition.

    Raises:
        ValueError: a condition that the sandbox's load balancer does not know.
    """
    field = condition.get("Field")
    if field not in _CONFIGS:
        raise ValueError(f"the sandbox's load balancer has no condition {field!r}")
    settings = condition.get(_CONFIGS[field]) or {}
    values = settings.get("Values") or condition.get("Values") or ()
    header = settings.get("HttpHeaderName")
    return Condition(field, tuple(values), header)
