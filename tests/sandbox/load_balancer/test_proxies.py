"""Both proxies under load: nothing is lost in a shift, everything is accounted."""

import contextlib
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from sandbox.load_balancer.accounting import AccessEntry
from sandbox.load_balancer.addresses import free_address
from sandbox.load_balancer.async_proxy import AsyncProxy
from sandbox.load_balancer.haproxy import HaproxyProxy, haproxy_path
from sandbox.load_balancer.proxy import Proxy
from sandbox.load_balancer.routing import (
    Balancer,
    Condition,
    Endpoint,
    FixedResponse,
    Forward,
    Listener,
    RoutedTarget,
    Rule,
)

pytestmark = pytest.mark.sandbox
BLUE = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/blue/aa"
GREEN = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/green/bb"
LISTENER = "arn:aws:elasticloadbalancing:us-east-1:1:listener/app/web/11/22"
KINDS = ["aiohttp", *(["haproxy"] if haproxy_path() else [])]


class Target(ThreadingHTTPServer):
    """A target that answers with its name, slowly on `/slow`."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.name = name
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def endpoint(self) -> Endpoint:
        """Return where it listens."""
        return Endpoint("127.0.0.1", self.server_port)


class Answer(BaseHTTPRequestHandler):
    """One answer of a target."""

    def do_GET(self) -> None:
        """Answer with the target's name."""
        time.sleep(0.8 if self.path == "/slow" else 0.002)
        self.respond(b"")

    def do_POST(self) -> None:
        """Answer with the target's name and what was sent."""
        self.respond(self.rfile.read(int(self.headers["Content-Length"])))

    def respond(self, sent: bytes) -> None:
        """Send one answer."""
        assert isinstance(self.server, Target)
        body = self.server.name.encode() + sent
        self.send_response(500 if self.path.startswith("/broken") else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Forwarded", self.headers.get("X-Forwarded-For", ""))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Bench:
    """A proxy with one balancer, changed step by step."""

    def __init__(self, proxy: Proxy, port: int, seed: str) -> None:
        self.proxy = proxy
        forward = Forward(((BLUE, 100), (GREEN, 0)))
        listener = Listener(LISTENER, port, (), forward)
        address = free_address(seed, ())
        self.balancer = Balancer(
            "arn:aws:x:us-east-1:1:loadbalancer/app/web/11", "web", address, (listener,), ()
        )
        self.url = f"http://{address}:{port}"
        self.groups: dict[str, tuple[RoutedTarget, ...]] = {BLUE: (), GREEN: ()}
        self.entries: list[AccessEntry] = []

    def weigh(self, blue: int, green: int) -> None:
        """Set the weights."""
        (listener,) = self.balancer.listeners
        shifted = replace(listener, default=Forward(((BLUE, blue), (GREEN, green))))
        self.balancer = replace(self.balancer, listeners=(shifted,))
        self.apply()

    def place(self, group: str, *targets: tuple[Endpoint, bool]) -> None:
        """Set a group's targets and whether they take new requests."""
        self.groups[group] = tuple(RoutedTarget(*target) for target in targets)
        self.apply()

    def apply(self) -> None:
        """Hand the routing to the proxy."""
        self.balancer = replace(self.balancer, groups=tuple(self.groups.items()))
        self.proxy.apply(self.balancer)

    def counted(self, number: int) -> list[AccessEntry]:
        """Wait until so many requests are accounted, and return their entries."""
        ends = time.monotonic() + 5
        while len(self.entries) < number and time.monotonic() < ends:
            self.entries += self.proxy.take_entries()
            time.sleep(0.02)
        time.sleep(0.1)
        self.entries += self.proxy.take_entries()
        return self.entries


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Return a bench for each proxy that runs on this machine."""
    executable = haproxy_path() if request.param == "haproxy" else None
    # Longer than a socket's name may be, and with signs that configurations do not like.
    directory = tmp_path / ("a long 'name' " * 8)
    directory.mkdir()
    proxy: Proxy = HaproxyProxy(executable, directory) if executable else AsyncProxy()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    yield Bench(proxy, port, str(tmp_path))
    proxy.close()


@pytest.fixture
def target() -> Iterator[Callable[[str], Target]]:
    """Return what starts a target by name."""
    started: list[Target] = []

    def start(name: str) -> Target:
        started.append(Target(name))
        return started[-1]

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def under_load(url: str, work: Callable[[], None]) -> list[tuple[int, str]]:
    """Do some work while four clients ask without pause; return every answer."""
    answers: list[tuple[int, str]] = []
    done = threading.Event()

    def ask() -> None:
        with httpx.Client(timeout=5, trust_env=False) as client:
            while not done.is_set():
                try:
                    answer = client.get(url)
                    answers.append((answer.status_code, answer.text))
                except httpx.HTTPError as error:
                    answers.append((0, repr(error)))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    work()
    done.set()
    for thread in threads:
        thread.join()
    return answers


def test_loses_nothing_over_four_shifts(bench: Bench, target: Callable[[str], Target]) -> None:
    """Shifts under load lose no request, and every request is accounted to its group."""
    bench.place(BLUE, (target("blue").endpoint, True))
    bench.place(GREEN, (target("green").endpoint, True))

    def shift() -> None:
        for weights in ((90, 10), (50, 50), (0, 100), (100, 0)):
            time.sleep(0.5)
            bench.weigh(*weights)
        time.sleep(0.3)

    answers = under_load(bench.url, shift)
    assert {status for status, _ in answers} == {200}
    seen = Counter(body for _, body in answers)
    assert seen["blue"] > 0
    assert seen["green"] > 0
    entries = bench.counted(len(answers))
    by_group = Counter(entry.target_group for entry in entries)
    assert by_group == {BLUE: seen["blue"], GREEN: seen["green"]}
    assert {entry.target_status for entry in entries} == {200}


def test_loses_nothing_while_targets_come_and_go(
    bench: Bench, target: Callable[[str], Target]
) -> None:
    """A target that drains before it is taken away costs no request."""
    one, two = target("one"), target("two")
    bench.place(BLUE, (one.endpoint, True))

    def replace_target() -> None:
        time.sleep(0.3)
        bench.place(BLUE, (one.endpoint, True), (two.endpoint, True))
        time.sleep(0.3)
        bench.place(BLUE, (one.endpoint, False), (two.endpoint, True))
        time.sleep(0.3)
        bench.place(BLUE, (two.endpoint, True))
        one.shutdown()
        time.sleep(0.3)

    answers = under_load(bench.url, replace_target)
    assert Counter(status for status, _ in answers) == {200: len(answers)}
    assert answers[-1] == (200, "two")


def test_loses_nothing_when_a_listener_is_added(
    bench: Bench, target: Callable[[str], Target]
) -> None:
    """A change that makes haproxy reload hands the open sockets over."""
    bench.place(BLUE, (target("blue").endpoint, True))
    (listener,) = bench.balancer.listeners
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]

    def add_listener() -> None:
        time.sleep(0.5)
        second = replace(listener, arn=f"{LISTENER}3", port=port)
        bench.balancer = replace(bench.balancer, listeners=(listener, second))
        bench.apply()
        time.sleep(0.5)

    answers = under_load(bench.url, add_listener)
    assert {status for status, _ in answers} == {200}
    assert httpx.get(f"http://{bench.balancer.address}:{port}").text == "blue"


def test_weight_100_is_all_of_it(bench: Bench, target: Callable[[str], Target]) -> None:
    """Once the shift call has returned, no request goes to the old group."""
    bench.place(BLUE, (target("blue").endpoint, True))
    bench.place(GREEN, (target("green").endpoint, True))
    bench.weigh(0, 100)
    with httpx.Client(trust_env=False) as client:
        assert {client.get(bench.url).text for _ in range(50)} == {"green"}


def test_request_in_flight_survives_shift_and_drain(
    bench: Bench, target: Callable[[str], Target]
) -> None:
    """A request that has begun is finished where it began."""
    blue = target("blue")
    bench.place(BLUE, (blue.endpoint, True))
    bench.place(GREEN, (target("green").endpoint, True))
    answers: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: answers.append(httpx.get(f"{bench.url}/slow")))
    asking.start()
    time.sleep(0.3)
    bench.weigh(0, 100)
    bench.place(BLUE, (blue.endpoint, False))
    asking.join()
    assert (answers[0].status_code, answers[0].text) == (200, "blue")


def test_answers_for_itself_where_no_target_can(
    bench: Bench, target: Callable[[str], Target]
) -> None:
    """No target is 503, a target that refuses is 502; both are the balancer's own."""
    bench.place(BLUE)
    assert httpx.get(bench.url).status_code == 503
    gone = target("gone")
    bench.place(BLUE, (gone.endpoint, True))
    gone.shutdown()
    gone.server_close()
    assert httpx.get(bench.url).status_code == 502
    first, second = bench.counted(2)
    assert (first.status, first.target, first.target_status) == (503, None, None)
    assert (second.status, second.target) == (502, str(gone.endpoint))
    assert second.target_status is None


def test_tells_the_targets_errors_from_its_own(
    bench: Bench, target: Callable[[str], Target]
) -> None:
    """A 500 of the target is accounted as the target's, with path and time."""
    blue = target("blue")
    bench.place(BLUE, (blue.endpoint, True))
    httpx.get(f"{bench.url}/broken?x=1")
    (entry,) = bench.counted(1)
    assert (entry.status, entry.target_status) == (500, 500)
    assert (entry.method, entry.path, entry.listener) == ("GET", "/broken", LISTENER)
    assert entry.target == str(blue.endpoint)
    assert entry.target_milliseconds is not None
    assert abs(entry.at - time.time()) < 10


def test_bodies_and_headers_pass(bench: Bench, target: Callable[[str], Target]) -> None:
    """Bodies go both ways whole, and the target learns who asked."""
    bench.place(BLUE, (target("blue").endpoint, True))
    body = b"x" * 300_000
    answer = httpx.post(bench.url, content=body)
    assert answer.content == b"blue" + body
    assert answer.headers["X-Forwarded"].startswith("127.")


def test_rules_come_before_the_default(bench: Bench, target: Callable[[str], Target]) -> None:
    """The first rule that matches decides; a fixed response needs no target."""
    bench.place(BLUE, (target("blue").endpoint, True))
    (listener,) = bench.balancer.listeners
    rules = (
        Rule((Condition("path-pattern", ("/no/*",)),), FixedResponse(404, "text/plain", 'a "b"')),
        Rule((Condition("path-pattern", ("/no*",)),), FixedResponse(403, "text/plain", "c")),
    )
    bench.balancer = replace(bench.balancer, listeners=(replace(listener, rules=rules),))
    bench.apply()
    answers = [httpx.get(bench.url + path) for path in ("/no/x", "/not", "/yes")]
    seen = [(answer.status_code, answer.text) for answer in answers]
    assert seen == [(404, 'a "b"'), (403, "c"), (200, "blue")]


def test_comes_back_when_its_process_is_killed(
    bench: Bench, target: Callable[[str], Target]
) -> None:
    """A proxy whose process is killed serves again, with the targets where they were."""
    bench.place(BLUE, (target("blue").endpoint, True))
    for process in children_of(os.getpid()):
        os.kill(process, signal.SIGKILL)
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        bench.proxy.keep_up()
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(bench.url).text == "blue":
                return
    raise AssertionError("nothing serves any more")


def children_of(parent: int) -> list[int]:
    """Return the haproxy processes that a process started."""
    stats = [path.read_text() for path in Path("/proc").glob("[0-9]*/stat")]
    named = [stat for stat in stats if "(haproxy)" in stat]
    return [int(stat.split()[0]) for stat in named if int(stat.split()[3]) == parent]


def test_closes_the_port_of_a_removed_balancer(bench: Bench) -> None:
    """A deleted load balancer answers nobody."""
    bench.apply()
    assert httpx.get(bench.url).status_code == 503
    bench.proxy.remove(bench.balancer.arn)
    with pytest.raises(httpx.ConnectError):
        httpx.get(bench.url)
