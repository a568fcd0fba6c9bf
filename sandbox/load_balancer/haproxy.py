"""The proxy on haproxy: one process per load balancer, steered through its runtime socket."""

import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sandbox import children
from sandbox.load_balancer.accounting import AccessEntry
from sandbox.load_balancer.haproxy_config import (
    SOCKET,
    Slots,
    body_name,
    config_text,
    maps_of,
    structure_of,
    target_commands,
)
from sandbox.load_balancer.haproxy_log import LogReader
from sandbox.load_balancer.routing import Balancer, FixedResponse

log = logging.getLogger(__name__)

_START_TIMEOUT_SECONDS = 10.0
_COMMAND_TIMEOUT_SECONDS = 5.0
# The socket takes a request of up to one buffer (16 KiB); commands are sent in batches below it.
_BATCH = 40


def haproxy_path() -> str | None:
    """Return where haproxy is, also where only root's PATH has it; None if it does not run."""
    path = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
    if path is None:
        return None
    works = subprocess.run([path, "-v"], capture_output=True, check=False).returncode == 0
    return path if works else None


@dataclass
class _Instance:
    """One load balancer's process, and what it was told last."""

    directory: Path
    balancer: Balancer
    slots: Slots
    reader: LogReader
    process: subprocess.Popen[bytes] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)


class HaproxyProxy:
    """Carries the traffic of every load balancer with haproxy."""

    kind: Literal["haproxy"] = "haproxy"

    def __init__(self, executable: str, directory: Path) -> None:
        self._executable = executable
        self._directory = directory
        self._instances: dict[str, _Instance] = {}
        self._ended: list[_Instance] = []

    def apply(self, balancer: Balancer) -> None:
        """Follow `balancer`: by runtime commands, or by a seamless reload where it must be."""
        instance = self._instances.get(balancer.arn)
        if instance is None:
            instance = self._instances[balancer.arn] = self._new(balancer)
        with instance.lock:
            if _is_alive(instance) and structure_of(instance.balancer) == structure_of(balancer):
                self._adjust(instance, balancer)
            else:
                self._reload(instance, balancer)

    def remove(self, arn: str) -> None:
        """End a load balancer's process."""
        instance = self._instances.pop(arn, None)
        if instance is not None:
            self._end(instance)
            self._ended.append(instance)

    def keep_up(self) -> None:
        """Start a load balancer again whose process ended by itself."""
        for instance in tuple(self._instances.values()):
            with instance.lock:
                if instance.process is not None and not _is_alive(instance):
                    log.warning("haproxy of %s ended; starting it again", instance.balancer.name)
                    self._reload(instance, instance.balancer)

    def take_entries(self) -> list[AccessEntry]:
        """Return the requests that were logged since the last call."""
        instances = [*self._instances.values(), *self._ended]
        return [entry for instance in instances for entry in instance.reader.take()]

    def close(self) -> None:
        """End every process."""
        for arn in tuple(self._instances):
            self.remove(arn)

    def _new(self, balancer: Balancer) -> _Instance:
        directory = self._directory / balancer.arn.rsplit("/", 1)[-1]
        directory.mkdir(parents=True, exist_ok=True)
        reader = LogReader(directory / "haproxy.log", balancer.arn)
        return _Instance(directory, balancer, Slots({}), reader)

    def _adjust(self, instance: _Instance, balancer: Balancer) -> None:
        placed = instance.slots.placed(balancer)
        commands = target_commands(instance.balancer, instance.slots, balancer, placed)
        before = maps_of(instance.balancer)
        for name, lines in maps_of(balancer).items():
            if before[name] != lines:
                commands += _map_commands(instance, name, lines)
        self._say(instance, commands)
        instance.balancer, instance.slots = balancer, placed

    def _reload(self, instance: _Instance, balancer: Balancer) -> None:
        slots = instance.slots.placed(balancer)
        instance.reader.know(balancer)
        if balancer.listeners:
            _write_files(instance.directory, balancer, slots)
            self._start(instance)
        else:
            self._end(instance)
        instance.balancer, instance.slots = balancer, slots

    def _start(self, instance: _Instance) -> None:
        before = instance.process if _is_alive(instance) else None
        argv = [self._executable, "-db", "-f", str(instance.directory / "haproxy.cfg")]
        if before is not None:
            argv += ["-x", SOCKET, "-sf", str(before.pid)]
        with (
            (instance.directory / "haproxy.log").open("ab") as out,
            (instance.directory / "haproxy.err").open("ab") as err,
        ):
            process = children.spawn(
                argv, cwd=instance.directory, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
        self._wait_until_answering(instance, process)
        instance.process = process
        if before is not None:
            threading.Thread(target=before.wait, daemon=True).start()

    def _wait_until_answering(self, instance: _Instance, process: subprocess.Popen[bytes]) -> None:
        ends = time.monotonic() + _START_TIMEOUT_SECONDS
        while time.monotonic() < ends:
            if process.poll() is not None:
                break
            try:
                if f"Pid: {process.pid}\n" in _ask(instance, "show info"):
                    return
            except OSError:
                pass
            time.sleep(0.02)
        children.stop(process, grace_seconds=0.0)
        reason = (instance.directory / "haproxy.err").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"haproxy did not start for {instance.balancer.name}: {reason}")

    def _say(self, instance: _Instance, commands: Sequence[str]) -> None:
        for start in range(0, len(commands), _BATCH):
            answer = _ask(instance, *commands[start : start + _BATCH]).strip()
            if answer:
                log.debug("haproxy answered: %s", answer)

    def _end(self, instance: _Instance) -> None:
        if instance.process is not None:
            children.stop(instance.process, grace_seconds=1.0)
            instance.process = None


def _is_alive(instance: _Instance) -> bool:
    return instance.process is not None and instance.process.poll() is None


def _write_files(directory: Path, balancer: Balancer, slots: Slots) -> None:
    for name, lines in maps_of(balancer).items():
        text = "".join(f"{key} {value}\n" for key, value in lines)
        (directory / name).write_text(text)
    for listener in balancer.listeners:
        for index, action in enumerate(listener.actions):
            if isinstance(action, FixedResponse):
                (directory / body_name(listener, index)).write_text(action.body)
    text = config_text(balancer, slots)
    (directory / "haproxy.cfg").write_text(text)


def _map_commands(instance: _Instance, name: str, lines: Sequence[tuple[str, str]]) -> list[str]:
    """Replace a map in one step: no request meets half of the old and half of the new."""
    version = _ask(instance, f"prepare map {name}").strip().rpartition(" ")[2]
    entries = [f"add map @{version} {name} {key} {value}" for key, value in lines]
    return [*entries, f"commit map @{version} {name}"]


def _ask(instance: _Instance, *commands: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_COMMAND_TIMEOUT_SECONDS)
        _connect(connection, instance.directory)
        connection.sendall((";".join(commands) + "\n").encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def _connect(connection: socket.socket, directory: Path) -> None:
    if sys.platform != "linux":
        connection.connect(str(directory / SOCKET))
        return
    # A socket's name is at most 107 bytes, a directory's descriptor is always short.
    descriptor = os.open(directory, os.O_PATH)
    try:
        connection.connect(f"/proc/self/fd/{descriptor}/{SOCKET}")
    finally:
        os.close(descriptor)
