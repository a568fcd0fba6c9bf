"""The command `delightful` by fork: a process that has imported everything becomes it, each time.

Imports are most of what a command costs here, and no part of what a row is about. What is forked is
a process of its own, with its own session, variables and end, and runs the command's own `main`.
"""

import contextlib
import functools
import importlib
import json
import os
import select
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import certifi
from botocore.loaders import JSONFileLoader

# What the command sets before it imports Prefect, which here is imported already.
_QUIET = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
# What a deploy, a rollback and a recovery ask.
_SERVICES = (
    "cloudwatch",
    "codedeploy",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "elbv2",
    "iam",
    "logs",
    "s3",
    "secretsmanager",
    "ssm",
    "sts",
)


class WarmProcess:
    """A forked command, as far as `subprocess.Popen` would be asked about it."""

    def __init__(self, warm: "Warm", pid: int) -> None:
        self.pid = pid
        self._warm = warm

    def poll(self) -> int | None:
        """Return its exit code, negative where a signal ended it, or None while it runs."""
        return self._warm.ends.get(self.pid)

    def wait(self, timeout: float) -> int:
        """Return its exit code once it has ended. Raises TimeoutExpired."""
        with self._warm.changed:
            if self._warm.changed.wait_for(lambda: self.pid in self._warm.ends, timeout):
                return self._warm.ends[self.pid]
        raise subprocess.TimeoutExpired(str(self.pid), timeout)

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as the kernel does."""
        self.send_signal(signal.SIGKILL)


class Warm:
    """The process that forks commands; it ends when its standard input does."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.ends: dict[int, int] = {}
        self.changed = threading.Condition()
        self._started: list[int] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            env={**variables, **_QUIET},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, order: Mapping[str, Any]) -> WarmProcess:
        """Fork one command."""
        assert self._process.stdin is not None
        with self.changed:
            known = len(self._started)
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            assert self.changed.wait_for(lambda: len(self._started) > known, 180)
            return WarmProcess(self, self._started[-1])

    def stop(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        self._process.wait(timeout=30)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            with self.changed:
                if "started" in told:
                    # A number that one before it had, which ended long ago.
                    self.ends.pop(told["started"], None)
                    self._started.append(told["started"])
                else:
                    self.ends[told["ended"]] = told["code"]
                self.changed.notify_all()


def serve() -> None:
    """Fork a command for each order, and tell how each ended; returns in the child."""
    orders, tell = sys.stdin, os.dup(1)
    while True:
        if select.select([orders], [], [], 0.05)[0]:
            line = orders.readline()
            if not line:
                sys.exit()
            pid = os.fork()
            if pid == 0:
                os.close(tell)
                become(json.loads(line))
                return
            _say(tell, {"started": pid})
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                _say(tell, {"ended": ended[0], "code": os.waitstatus_to_exitcode(ended[1])})


def _say(descriptor: int, told: Mapping[str, int]) -> None:
    os.write(descriptor, f"{json.dumps(told)}\n".encode())


def become(order: Mapping[str, Any]) -> None:
    """Be as a shell would start the command."""
    os.setsid()
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["variables"])
    for descriptor, name in ((1, "output"), (2, "errors")):
        with Path(order[name]).open("wb") as said:
            os.dup2(said.fileno(), descriptor)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    sys.argv = ["delightful", *order["arguments"]]


def keep_read() -> None:
    """Keep what is read from files that never change, which a command would read each time anew.

    Those are AWS's descriptions of its services, and the authorities that certificates are from.
    """
    read = functools.cache(JSONFileLoader().load_file)
    JSONFileLoader.load_file = lambda _, path: read(path)
    ssl.create_default_context = functools.cache(ssl.create_default_context)
    ssl.create_default_context(cafile=certifi.where())
    session = boto3.Session("key", "secret", region_name="eu-central-1")
    for service in _SERVICES:
        session.client(service)


def import_all() -> None:
    """Import what the verbs of the rows need, which they import when they are called."""
    for verb in ("deploy", "rollback", "recover"):
        for name in (f"cli.verbs.{verb}", f"flows.{verb}"):
            importlib.import_module(name)
    importlib.import_module("rehearsal.preparation")


if __name__ == "__main__":
    from cli.main import main

    import_all()
    keep_read()
    serve()
    main()
