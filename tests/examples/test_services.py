"""The example services, run as the real processes they are."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
COMMIT = "c0ffee" + "0" * 34
COMMANDS = {"hello-python": [sys.executable, "server.py"], "hello-node": ["node", "server.js"]}
# Python runs these tests, so it is always there; node where it is installed.
RUNNABLE = [name for name, command in COMMANDS.items() if shutil.which(command[0])]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(name: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
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
