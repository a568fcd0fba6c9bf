"""haproxy's configuration and runtime commands for one load balancer, as data.

Weights live in maps (`rand(10000)` → target group) and targets in pre-provisioned server slots,
so that a traffic shift and a change of targets go through the runtime socket and never reload.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise

from sandbox.load_balancer.routing import (
    Action,
    Balancer,
    Condition,
    Endpoint,
    FixedResponse,
    Forward,
    Listener,
    RoutedTarget,
    groups_of,
    wildcard_regex,
)

SLOTS_PER_GROUP = 256
SOCKET = "admin"
_BUCKETS = 10_000

# Fields are read by haproxy_log.py. Tr is -1 where no target answered.
_LOG_FORMAT = (
    '{"at":%Ts.%ms,"listener":"%f","group":"%b","address":"%si","port":"%sp","server":"%s",'
    '"status":%ST,"target_ms":%Tr,"ms":%Ta,"method":"%HM","path":"%[var(txn.path)]"}'
)

_GLOBAL = """\
global
    nbthread 1
    maxconn 2000
    no strict-limits
    log stdout len 4096 format raw local0
    stats socket unix@{socket} mode 600 level admin expose-fd listeners
    hard-stop-after 300s

defaults
    mode http
    log global
    log-format '{log_format}'
    option http-server-close
    option forwardfor
    retries 0
    timeout connect 10s
    timeout client 60s
    timeout server 60s
    timeout http-request 60s
    timeout http-keep-alive 60s

backend no-target
    # No group has a weight: the answer is the load balancer's own 503.
"""


@dataclass(frozen=True)
class Slots:
    """Which server slot of a group (backend name) carries which target."""

    by_group: Mapping[str, Mapping[Endpoint, int]]

    def placed(self, balancer: Balancer) -> "Slots":
        """Return the slots for a balancer: targets keep theirs, new ones get free ones.

        Raises:
            ValueError: a group has more targets than slots.
        """
        return Slots(
            {
                group: _placed(dict(self.by_group.get(group, {})), targets)
                for group, targets in balancer.groups
            }
        )


def _placed(held: dict[Endpoint, int], targets: Iterable[RoutedTarget]) -> dict[Endpoint, int]:
    wanted = [target.endpoint for target in targets]
    kept = {endpoint: slot for endpoint, slot in held.items() if endpoint in wanted}
    # The longest unused slot first: a connection that ends late meets no new target.
    free = (slot for slot in _rotation(held) if slot not in kept.values())
    for endpoint in wanted:
        if endpoint not in kept:
            slot = next(free, None)
            if slot is None:
                raise ValueError(f"more than {SLOTS_PER_GROUP} targets in one target group")
            kept[endpoint] = slot
    return kept


def _rotation(held: Mapping[Endpoint, int]) -> Iterator[int]:
    start = max(held.values(), default=0)
    return (1 + (start + step) % SLOTS_PER_GROUP for step in range(SLOTS_PER_GROUP))


def backend_name(group_arn: str) -> str:
    """Return the backend of a target group: its name and id."""
    return "-".join(group_arn.split("/")[-2:])


def frontend_name(listener_arn: str) -> str:
    """Return the frontend of a listener: its id."""
    return "listener-" + listener_arn.split("/")[-1]


def map_lines(forward: Forward) -> list[tuple[str, str]]:
    """Return the ranges of `rand(10000)` that go to each group, in proportion to the weights."""
    total = sum(weight for _, weight in forward.weights)
    if total == 0:
        return []
    sums = accumulate((weight for _, weight in forward.weights), initial=0)
    edges = [_BUCKETS * reached // total for reached in sums]
    return [
        (f"{low}:{high - 1}", backend_name(group))
        for (low, high), (group, _) in zip(pairwise(edges), forward.weights, strict=True)
        if high > low
    ]


def maps_of(balancer: Balancer) -> dict[str, list[tuple[str, str]]]:
    """Return the content of every map by its file name."""
    return {
        _map_name(listener, index): map_lines(action)
        for listener in balancer.listeners
        for index, action in enumerate(listener.actions)
        if isinstance(action, Forward)
    }


def _map_name(listener: Listener, index: int) -> str:
    return f"{frontend_name(listener.arn)}-{index}.map"


def structure_of(balancer: Balancer) -> object:
    """Return what cannot change through the runtime socket: a change of it reloads."""
    return (
        balancer.address,
        frozenset(group for group, _ in balancer.groups),
        tuple(
            (
                listener.port,
                listener.arn,
                tuple(rule.conditions for rule in listener.rules),
                tuple(a if isinstance(a, FixedResponse) else "forward" for a in listener.actions),
            )
            for listener in balancer.listeners
        ),
    )


def used_groups(balancer: Balancer) -> frozenset[str]:
    """Return the groups that some action forwards to."""
    return groups_of(action for listener in balancer.listeners for action in listener.actions)


def config_text(balancer: Balancer, slots: Slots) -> str:
    """Return the whole configuration, with the targets where they are now.

    Files are named relative to haproxy's working directory: no length or sign of the sandbox's own
    path can then break a socket's name or a line.
    """
    parts = [_GLOBAL.format(socket=SOCKET, log_format=_LOG_FORMAT)]
    parts += [_frontend(balancer, listener) for listener in balancer.listeners]
    parts += [_backend(group, targets, slots.by_group[group]) for group, targets in balancer.groups]
    return "\n".join(parts)


def _frontend(balancer: Balancer, listener: Listener) -> str:
    lines = [
        f"frontend {frontend_name(listener.arn)}",
        f"    bind {balancer.address}:{listener.port}",
        "    http-request set-var(txn.path) path,json(utf8ps)",
        "    http-request set-header X-Forwarded-Proto http",
        f"    http-request set-header X-Forwarded-Port {listener.port}",
        f"    http-request set-var(txn.rule) int({len(listener.rules)})",
    ]
    for index in reversed(range(len(listener.rules))):
        lines += _rule_match(index, listener.rules[index].conditions)
    for index, action in enumerate(listener.actions):
        lines.append(_act(listener, index, action))
    return "\n".join([*lines, "    default_backend no-target", ""])


def _rule_match(index: int, conditions: Iterable[Condition]) -> list[str]:
    lines, names = [], []
    for number, condition in enumerate(conditions):
        name = f"rule-{index}-{number}"
        names.append(name)
        lines += [f"    acl {name} {_acl(condition, value)}" for value in condition.values]
    # The lowest rule is set last, so the first rule that matches stands.
    lines.append(f"    http-request set-var(txn.rule) int({index}) if {' '.join(names)}")
    return lines


def _acl(condition: Condition, value: str) -> str:
    if condition.field == "http-request-method":
        return f"method {value}"
    pattern = f"'^{wildcard_regex(value)}$'"
    if condition.field == "path-pattern":
        return f"path -m reg {pattern}"
    if condition.field == "host-header":
        return f"req.hdr(host),field(1,:) -m reg -i {pattern}"
    return f"req.hdr({condition.header}) -m reg -i {pattern}"


def _act(listener: Listener, index: int, action: Action) -> str:
    chosen = f"if {{ var(txn.rule) -m int {index} }}"
    if isinstance(action, Forward):
        table = _map_name(listener, index)
        return f"    use_backend %[rand({_BUCKETS}),map_int({table},no-target)] {chosen}"
    body = body_name(listener, index)
    kind = f"content-type '{action.content_type}'"
    return f"    http-request return status {action.status} {kind} file {body} {chosen}"


def body_name(listener: Listener, index: int) -> str:
    """Return the file name of a fixed response's body."""
    return f"{frontend_name(listener.arn)}-{index}.body"


def _backend(group: str, targets: Iterable[RoutedTarget], held: Mapping[Endpoint, int]) -> str:
    by_slot = {held[target.endpoint]: target for target in targets}
    lines = [
        f"backend {backend_name(group)}",
        "    balance roundrobin",
        "    http-response set-var(txn.answered) bool(true)",
        # A target that refuses is a 502; haproxy's own word for it is 503.
        "    http-after-response set-status 502 if { status 503 } "
        "!{ var(txn.answered) -m bool } { nbsrv gt 0 }",
    ]
    for slot in range(1, SLOTS_PER_GROUP + 1):
        target = by_slot.get(slot)
        where = target.endpoint if target else "127.0.0.1:1"
        disabled = "" if target and target.takes_new_requests else " disabled"
        lines.append(f"    server slot{slot} {where}{disabled}")
    return "\n".join([*lines, ""])


def target_commands(before: Balancer, held: Slots, after: Balancer, placed: Slots) -> list[str]:
    """Return the runtime commands that take the targets from one state to the next."""
    old = {group: dict(_states(targets)) for group, targets in before.groups}
    commands = []
    for group, targets in after.groups:
        new, known = dict(_states(targets)), old.get(group, {})
        name = backend_name(group)
        for endpoint in known.keys() - new.keys():
            commands += _retire(f"{name}/slot{held.by_group[group][endpoint]}")
        for endpoint, ready in new.items():
            server = f"{name}/slot{placed.by_group[group][endpoint]}"
            commands += _move(server, endpoint, known.get(endpoint), ready)
    return commands


def _states(targets: Iterable[RoutedTarget]) -> Iterator[tuple[Endpoint, bool]]:
    return ((target.endpoint, target.takes_new_requests) for target in targets)


def _retire(server: str) -> list[str]:
    return [f"set server {server} state maint", f"shutdown sessions server {server}"]


def _move(server: str, endpoint: Endpoint, was_ready: bool | None, ready: bool) -> list[str]:
    if was_ready == ready:
        return []
    address = f"set server {server} addr {endpoint.address} port {endpoint.port}"
    placing = [address] if was_ready is None else []
    if ready:
        return [*placing, f"set server {server} state ready"]
    return placing if was_ready is None else [f"set server {server} state drain"]
