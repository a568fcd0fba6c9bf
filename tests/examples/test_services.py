"""The example services, run as the real processes they are."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples"
COMMIT = "c0ffee" + "0" * 34
NO_VARIABLES: Mapping[str, str] = MappingProxyType({})
COMMANDS = {"hello-python": [sys.executable, "server.py"], "hello-node": ["node", "server.js"]}
# Python runs these tests, so it is always there; node where it is installed.
RUNNABLE = [name for name, command in COMMANDS.items() if shutil.which(command[0])]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(name: str, variables: Mapping[str, str] = NO_VARIABLES) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start one example and wait until it says that it listens."""
    port = free_port()
    process = subprocess.Popen(
        COMMANDS[name],
        cwd=EXAMPLES / name,
        env={
            "PATH": os.environ["PATH"],
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "DELIGHTFUL_COMMIT": COMMIT,
            **variables,
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["message"] == "listening"
        yield process, port
    finally:
        process.kill()
        process.communicate()


def get(port: int, path: str, method: str = "GET") -> tuple[int, str | None, bytes]:
    """Make one request; return status, commit header and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, response.getheader("X-Delightful-Commit"), body


@pytest.mark.parametrize("name", RUNNABLE)
def test_every_answer_carries_the_commit(name: str) -> None:
    """Found, not found, refused or broken: each answer says which commit gave it."""
    with running(name) as (_, port):
        seen = {
            path: get(port, path, method)[:2]
            for method, path in [
                ("GET", "/"),
                ("GET", "/healthz"),
                ("GET", "/nothing"),
                ("GET", "/slow?milliseconds=-1"),
                ("POST", "/post"),
            ]
        }
    assert seen == {
        "/": (200, COMMIT),
        "/healthz": (200, COMMIT),
        "/nothing": (404, COMMIT),
        "/slow?milliseconds=-1": (400, COMMIT),
        "/post": (501, COMMIT),
    }


@pytest.mark.parametrize("name", RUNNABLE)
def test_requests_in_flight_finish_on_sigterm(name: str) -> None:
    """A request that began before SIGTERM gets its answer, then the process ends with 0."""
    with running(name) as (process, port):
        in_flight = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        in_flight.request("GET", "/slow?milliseconds=400")
        # Connections are accepted in turn: this answer means that the slow request is in.
        get(port, "/")
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        while json.loads(process.stdout.readline())["message"] != "draining":
            pass
        answer = in_flight.getresponse()
        assert (answer.status, answer.getheader("Connection")) == (200, "close")
        assert json.loads(answer.read()) == {"waited_milliseconds": 400}
        assert process.wait(timeout=5) == 0


@pytest.mark.parametrize("name", RUNNABLE)
def test_idle_connections_do_not_hold_the_end_up(name: str) -> None:
    """A kept-alive connection without a request is closed, so the process ends in a second."""
    with running(name) as (process, port):
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        kept.request("GET", "/")
        kept.getresponse().read()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=2) == 0
        kept.close()


@pytest.mark.parametrize("name", RUNNABLE)
def test_requests_are_logged_as_json(name: str) -> None:
    """One request is one line of JSON with method, path, status, duration and commit."""
    with running(name) as (process, port):
        get(port, "/healthz")
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
    wanted = {"method": "GET", "path": "/healthz", "status": 200, "commit": COMMIT}
    assert {key: line[key] for key in wanted} == wanted
    assert line["duration_milliseconds"] >= 0


@pytest.mark.parametrize("name", RUNNABLE)
def test_a_bad_port_is_told_in_one_line(name: str) -> None:
    """PORT that is no port ends the process at once with the value it got."""
    ended = subprocess.run(
        COMMANDS[name],
        cwd=EXAMPLES / name,
        env={"PATH": os.environ["PATH"], "PORT": "eighty"},
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    assert ended.returncode == 1
    assert "eighty" in ended.stderr
    assert ended.stderr.count("\n") == 1


class Collected(BaseHTTPRequestHandler):
    """A collector that keeps what it is sent."""

    def do_POST(self) -> None:
        """Take an export request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, json.loads(body)))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Any]:
    """Return a collector; its `requests` are what it was sent."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Collected)
    server.requests = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def spans_of(collector: Any) -> list[dict[str, Any]]:
    """Return every span that a collector was sent."""
    assert all(path == "/v1/traces" for path, _ in collector.requests)
    groups = [group for _, body in collector.requests for group in body["resourceSpans"]]
    return [span for group in groups for scope in group["scopeSpans"] for span in scope["spans"]]


def test_requests_become_spans_of_their_release(collector: Any) -> None:
    """Each request but a health check is told, below the caller's span; none is lost at the end."""
    traced = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
        "OTEL_SERVICE_NAME": "hello",
        "OTEL_RESOURCE_ATTRIBUTES": f"service.version={COMMIT},team=a%20b",
        "OTEL_TRACES_SAMPLER_ARG": "1",
    }
    with running("hello-python", traced) as (process, port):
        get(port, "/healthz")
        get(port, "/nothing")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        parent = f"00-{'a' * 32}-{'b' * 16}-01"
        connection.request("GET", "/", headers={"traceparent": parent})
        connection.getresponse().read()
        unsampled = f"00-{'c' * 32}-{'b' * 16}-00"
        connection.request("GET", "/", headers={"traceparent": unsampled})
        connection.getresponse().read()
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    missing, found = spans_of(collector)
    assert (missing["name"], missing["parentSpanId"]) == ("GET /nothing", "")
    assert (found["name"], found["traceId"]) == ("GET /", "a" * 32)
    assert (found["parentSpanId"], found["kind"]) == ("b" * 16, 2)
    resource = collector.requests[0][1]["resourceSpans"][0]["resource"]["attributes"]
    told = {one["key"]: one["value"]["stringValue"] for one in resource}
    assert told == {"service.name": "hello", "service.version": COMMIT, "team": "a b"}


def test_a_collector_that_is_not_there_costs_nothing() -> None:
    """The service answers and ends as without one."""
    nowhere = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    with running("hello-python", nowhere) as (process, port):
        assert get(port, "/")[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
