"""Routing as data, and what haproxy is told of it."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.load_balancer.haproxy_config import (
    SLOTS_PER_GROUP,
    Slots,
    config_text,
    map_lines,
    structure_of,
    target_commands,
)
from sandbox.load_balancer.metrics import dimension_of
from sandbox.load_balancer.routing import (
    Balancer,
    Condition,
    Endpoint,
    FixedResponse,
    Forward,
    Listener,
    RoutedTarget,
    Rule,
    action_of,
    routed_targets,
)

BLUE = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/blue/aa"
GREEN = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/green/bb"
ONE, TWO = Endpoint("127.0.0.1", 1001), Endpoint("127.0.0.1", 1002)


def balancer(weights: tuple[int, int] = (100, 0), *targets: RoutedTarget) -> Balancer:
    """Return a balancer with blue and green behind one listener."""
    forward = Forward(((BLUE, weights[0]), (GREEN, weights[1])))
    listener = Listener("arn:x:listener/app/web/1/2", 8080, (), forward)
    return Balancer(
        "arn:lb/app/web/1", "web", "127.9.9.9", (listener,), ((BLUE, targets), (GREEN, ()))
    )


def test_unhealthy_targets_get_nothing_while_one_is_healthy() -> None:
    """New requests go to healthy targets only."""
    assert routed_targets({ONE: "healthy", TWO: "unhealthy"}) == (
        RoutedTarget(ONE, True),
        RoutedTarget(TWO, False),
    )


def test_fails_open_when_all_are_unhealthy() -> None:
    """A group without a healthy target forwards to every unhealthy one, never to a new one."""
    states = {ONE: "unhealthy", TWO: "initial"}
    assert routed_targets(states) == (RoutedTarget(ONE, True), RoutedTarget(TWO, False))


def test_draining_targets_get_no_new_request() -> None:
    """A draining target finishes what it has."""
    assert routed_targets({ONE: "draining"}) == (RoutedTarget(ONE, False),)


def test_weights_are_read_from_the_forward_config() -> None:
    """The forward config wins over the single group beside it."""
    groups = [{"TargetGroupArn": BLUE, "Weight": 90}, {"TargetGroupArn": GREEN, "Weight": 10}]
    action = {"Type": "forward", "TargetGroupArn": BLUE, "ForwardConfig": {"TargetGroups": groups}}
    assert action_of([action]) == Forward(((BLUE, 90), (GREEN, 10)))


def test_refuses_actions_it_does_not_do() -> None:
    """An action without a data plane behind it is an error, not a silence."""
    with pytest.raises(ValueError, match="redirect"):
        action_of([{"Type": "redirect"}])


@given(st.lists(st.integers(0, 999), min_size=1, max_size=5))
def test_map_covers_every_draw_exactly_once(weights: list[int]) -> None:
    """Whatever the weights, each of the 10,000 draws belongs to exactly one group."""
    forward = Forward(tuple((f"a/b/g/{n}", weight) for n, weight in enumerate(weights)))
    ranges = [tuple(map(int, key.split(":"))) for key, _ in map_lines(forward)]
    covered = sum(high - low + 1 for low, high in ranges)
    assert covered == (10_000 if sum(weights) else 0)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(ranges))


def test_weight_zero_has_no_draw() -> None:
    """A group at weight 0 gets nothing at all."""
    assert map_lines(Forward(((BLUE, 100), (GREEN, 0)))) == [("0:9999", "blue-aa")]


def test_a_shift_changes_no_structure() -> None:
    """Weights and targets change at run time; a new port needs a reload."""
    before = balancer((100, 0))
    assert structure_of(before) == structure_of(balancer((0, 100), RoutedTarget(ONE, True)))
    other = replace(before, listeners=(replace(before.listeners[0], port=8081),))
    assert structure_of(before) != structure_of(other)


def test_targets_keep_their_slots() -> None:
    """A target stays in its slot, a new one gets a slot that was not used last."""
    first = Slots({}).placed(balancer((1, 0), RoutedTarget(ONE, True)))
    both = first.placed(balancer((1, 0), RoutedTarget(ONE, True), RoutedTarget(TWO, True)))
    assert both.by_group[BLUE][ONE] == first.by_group[BLUE][ONE]
    assert len(set(both.by_group[BLUE].values())) == 2


def test_too_many_targets_are_refused() -> None:
    """More targets than slots is an error that says so."""
    many = [RoutedTarget(Endpoint("127.0.0.1", n), True) for n in range(SLOTS_PER_GROUP + 1)]
    with pytest.raises(ValueError, match="more than"):
        Slots({}).placed(balancer((1, 0), *many))


def test_commands_drain_before_they_remove() -> None:
    """A target that stops taking requests drains; one that is gone is closed."""
    ready = balancer((1, 0), RoutedTarget(ONE, True))
    draining = balancer((1, 0), RoutedTarget(ONE, False))
    empty = balancer((1, 0))
    slots = Slots({}).placed(ready)
    slot = f"blue-aa/slot{slots.by_group[BLUE][ONE]}"
    assert target_commands(empty, Slots({BLUE: {}}), ready, slots) == [
        f"set server {slot} addr 127.0.0.1 port 1001",
        f"set server {slot} state ready",
    ]
    assert target_commands(ready, slots, draining, slots) == [f"set server {slot} state drain"]
    gone = target_commands(draining, slots, empty, slots.placed(empty))
    assert gone == [f"set server {slot} state maint", f"shutdown sessions server {slot}"]


def test_rules_hold_by_wildcard() -> None:
    """`*` and `?` match as in ELB, hosts without regard to case or port."""
    assert Condition("path-pattern", ("/api/*",)).holds("GET", "/api/x", {})
    assert not Condition("path-pattern", ("/api/*",)).holds("GET", "/API/x", {})
    assert Condition("host-header", ("*.example.com",)).holds(
        "GET", "/", {"Host": "A.Example.com:80"}
    )
    assert Condition("http-request-method", ("POST",)).holds("POST", "/", {})


def test_config_names_every_part() -> None:
    """The configuration binds the listener, maps its weights and answers fixed responses."""
    rule = Rule((Condition("path-pattern", ("/x*",)),), FixedResponse(404, "text/plain", "no"))
    plain = balancer((1, 0), RoutedTarget(ONE, True))
    ruled = replace(plain, listeners=(replace(plain.listeners[0], rules=(rule,)),))
    text = config_text(ruled, Slots({}).placed(ruled))
    assert "bind 127.9.9.9:8080" in text
    assert "use_backend %[rand(10000),map_int(" in text
    assert "http-request return status 404" in text
    assert "server slot1 127.0.0.1:1001" in text or "127.0.0.1:1001\n" in text


def test_dimensions_are_cloudwatchs() -> None:
    """Dimensions are the ARN's last part, without `loadbalancer/`."""
    arn = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/web/12"
    assert dimension_of(arn) == "app/web/12"
    assert dimension_of(BLUE) == "targetgroup/blue/aa"
