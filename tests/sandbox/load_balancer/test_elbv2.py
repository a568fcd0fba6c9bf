"""ELBv2's calls over a data plane: target health as the checks saw it."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox
_numbers = itertools.count(1)


class Answer(BaseHTTPRequestHandler):
    """Answers with the status that the server holds."""

    def do_GET(self) -> None:
        """Answer a check or a request."""
        self.send_response(getattr(self.server, "status", 200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Any]:
    """Return a target of this process; set its `status`."""
    found = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=found.serve_forever, args=(0.02,), daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


@dataclass
class Place:
    """A load balancer with a listener and two groups, the second not behind it."""

    elbv2: Any
    balancer: str
    listener: str
    group: str
    unused: str
    url: str

    def health(self, group: str | None = None) -> list[dict[str, str]]:
        """Describe the health of every target of a group."""
        answer = self.elbv2.describe_target_health(TargetGroupArn=group or self.group)
        return [item["TargetHealth"] for item in answer["TargetHealthDescriptions"]]

    def register(self, port: int, group: str | None = None) -> None:
        """Register a port of this machine."""
        targets = [{"Id": "127.0.0.1", "Port": port}]
        self.elbv2.register_targets(TargetGroupArn=group or self.group, Targets=targets)


@pytest.fixture
def place(client: Callable[[str], Any]) -> Place:
    """Return a place of its own in the shared sandbox."""
    ec2, elbv2, number = client("ec2"), client("elbv2"), next(_numbers)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=f"us-east-1{z}")
        for n, z in enumerate("ab")
    ]
    created = elbv2.create_load_balancer(
        Name=f"elb-{number}", Subnets=[subnet["Subnet"]["SubnetId"] for subnet in subnets]
    )["LoadBalancers"][0]
    used, unused = (
        elbv2.create_target_group(
            Name=f"{name}-{number}",
            Protocol="HTTP",
            Port=80,
            VpcId=vpc,
            TargetType="ip",
            HealthCheckIntervalSeconds=10,
            HealthCheckTimeoutSeconds=5,
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=2,
            Matcher={"HttpCode": "200"},
        )["TargetGroups"][0]["TargetGroupArn"]
        for name in ("used", "unused")
    )
    listener = elbv2.create_listener(
        LoadBalancerArn=created["LoadBalancerArn"],
        Port=8800 + number,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": used}],
    )["Listeners"][0]["ListenerArn"]
    url = f"http://{created['DNSName']}:{8800 + number}/"
    return Place(elbv2, created["LoadBalancerArn"], listener, used, unused, url)


def until(claim: Callable[[], Any]) -> Any:
    """Wait, at most 10 s, until something is true."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        if seen := claim():
            return seen
        time.sleep(0.05)
    raise AssertionError("it did not come true in 10 s")


def test_target_comes_into_service_and_leaves(place: Place, server: Any) -> None:
    """AWS's own waiters see a target become healthy, drain, and be gone."""
    elbv2 = place.elbv2
    place.register(server.server_port)
    waiter = elbv2.get_waiter("target_in_service")
    waiter.wait(TargetGroupArn=place.group, WaiterConfig={"Delay": 1, "MaxAttempts": 10})
    assert httpx.get(place.url).status_code == 200
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "20"}]
    elbv2.modify_target_group_attributes(TargetGroupArn=place.group, Attributes=delay)
    target = {"Id": "127.0.0.1", "Port": server.server_port}
    elbv2.deregister_targets(TargetGroupArn=place.group, Targets=[target])
    (health,) = place.health()
    assert (health["State"], health["Reason"]) == ("draining", "Target.DeregistrationInProgress")
    assert httpx.get(place.url).status_code == 503
    gone = elbv2.get_waiter("target_deregistered")
    waiting = {"Delay": 1, "MaxAttempts": 10}
    gone.wait(TargetGroupArn=place.group, Targets=[target], WaiterConfig=waiting)
    assert place.health() == []


def test_unhealthy_group_says_why_and_fails_open(place: Place, server: Any) -> None:
    """A target with the wrong status is unhealthy, with the code; alone it still serves."""
    place.register(server.server_port)
    until(lambda: place.health()[0]["State"] == "healthy")
    server.status = 500
    until(lambda: place.health()[0]["State"] == "unhealthy")
    (health,) = place.health()
    assert health["Reason"] == "Target.ResponseCodeMismatch"
    assert health["Description"] == "Health checks failed with these codes: [500]"
    assert httpx.get(place.url).status_code == 500
    server.status = 200
    until(lambda: place.health()[0]["State"] == "healthy")


def test_group_behind_no_listener_is_unused(place: Place, server: Any) -> None:
    """Targets are checked as soon as a listener forwards to their group, even at weight 0."""
    place.register(server.server_port, place.unused)
    until(lambda: place.health(place.unused)[0].get("Reason") == "Target.NotInUse")
    groups = [
        {"TargetGroupArn": place.group, "Weight": 100},
        {"TargetGroupArn": place.unused, "Weight": 0},
    ]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    changed = place.elbv2.modify_listener(ListenerArn=place.listener, DefaultActions=[action])
    assert "TargetGroupArn" not in changed["Listeners"][0]["DefaultActions"][0]
    until(lambda: place.health(place.unused)[0]["State"] == "healthy")


def test_two_targets_may_share_an_address(place: Place, server: Any) -> None:
    """Targets are told apart by port, so that tasks on one machine are several."""
    place.register(server.server_port)
    place.register(1)
    until(lambda: sorted(item["State"] for item in place.health()) == ["healthy", "unhealthy"])
    assert httpx.get(place.url).status_code == 200


def test_matcher_can_be_changed(place: Place) -> None:
    """ModifyTargetGroup changes the codes that count as healthy."""
    matcher = {"HttpCode": "200-499"}
    place.elbv2.modify_target_group(TargetGroupArn=place.group, Matcher=matcher)
    answer = place.elbv2.describe_target_groups(TargetGroupArns=[place.group])
    assert answer["TargetGroups"][0]["Matcher"] == matcher


def test_refuses_what_has_no_data_plane(place: Place) -> None:
    """HTTPS, redirects, stickiness and functions are refused aloud; nothing pretends."""
    redirect = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}
    with pytest.raises(ClientError, match="no action 'redirect'"):
        place.elbv2.modify_listener(ListenerArn=place.listener, DefaultActions=[redirect])
    forward = [{"Type": "forward", "TargetGroupArn": place.group}]
    sticky = [{"Key": "stickiness.enabled", "Value": "true"}]
    with pytest.raises(ClientError, match="no stickiness"):
        place.elbv2.modify_target_group_attributes(TargetGroupArn=place.group, Attributes=sticky)
    with pytest.raises(ClientError, match="not lambda"):
        place.elbv2.create_target_group(Name="functions", TargetType="lambda")
    with pytest.raises(ClientError, match="HTTP only"):
        place.elbv2.create_listener(
            LoadBalancerArn=place.balancer, Port=443, Protocol="HTTPS", DefaultActions=forward
        )


def test_refuses_a_port_that_is_taken(place: Place) -> None:
    """A second listener on a port of the same load balancer is refused."""
    forward = [{"Type": "forward", "TargetGroupArn": place.group}]
    with pytest.raises(ClientError):
        place.elbv2.create_listener(
            LoadBalancerArn=place.balancer,
            Port=int(place.url.rstrip("/").rsplit(":", 1)[1]),
            Protocol="HTTP",
            DefaultActions=forward,
        )


def test_a_protected_load_balancer_stays(place: Place) -> None:
    """It refuses to be deleted until its protection is switched off."""

    def protect(value: str) -> None:
        attribute = {"Key": "deletion_protection.enabled", "Value": value}
        place.elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=place.balancer, Attributes=[attribute]
        )

    protect("true")
    with pytest.raises(ClientError, match="OperationNotPermitted") as refused:
        place.elbv2.delete_load_balancer(LoadBalancerArn=place.balancer)
    assert "deletion protection is enabled" in str(refused.value)
    protect("false")
    place.elbv2.delete_load_balancer(LoadBalancerArn=place.balancer)


def test_every_request_is_in_the_access_log(place: Place, server: Any, sandbox: Any) -> None:
    """The access log has one line per request, with listener, group, target and status."""
    place.register(server.server_port)
    until(lambda: place.health()[0]["State"] == "healthy")
    for number in range(5):
        httpx.get(f"{place.url}{number}")
    path = sandbox.directory / "run" / "load_balancer" / "access.jsonl"

    def mine() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        found = [line for line in lines if line["listener"] == place.listener]
        return found if len(found) >= 5 else []

    lines = until(mine)
    assert [line["path"] for line in lines] == [f"/{number}" for number in range(5)]
    assert {line["target_group"] for line in lines} == {place.group}
    assert {line["target"] for line in lines} == {f"127.0.0.1:{server.server_port}"}
    assert {line["status"] for line in lines} == {200}
