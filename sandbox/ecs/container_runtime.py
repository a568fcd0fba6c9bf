"""Run containers with podman or docker, where one of them really works."""

import base64
import contextlib
import json
import os
import subprocess
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sandbox import children
from sandbox.containers import LABEL, note_image
from sandbox.ecs.images import ImageStore
from sandbox.ecs.orders import ContainerOrder
from sandbox.ecs.output import pump
from sandbox.ecs.references import parse_reference
from sandbox.ecs.runtime import Output, StartFailure, TaskNetwork, WayIn
from sandbox.ecs.usage import Usage, usage_of

_PULL_TIMEOUT_SECONDS = 600.0
_COMMAND_TIMEOUT_SECONDS = 60.0
# What `podman run` and `docker run` exit with when the engine itself failed, not the container.
_ENGINE_FAILED = 125


@dataclass(frozen=True)
class Engine:
    """A container engine that was seen to work: its executable, and the variables it needs."""

    executable: str
    kind: Literal["podman", "docker"]
    environment: tuple[tuple[str, str], ...] = ()

    def run(
        self, *arguments: str, timeout_seconds: float = _COMMAND_TIMEOUT_SECONDS
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command of the engine to its end."""
        try:
            return subprocess.run(
                [self.executable, *arguments],
                env=os.environ | dict(self.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=timeout_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            return subprocess.CompletedProcess(error.cmd, 124, "", "timed out")

    def pid(self, container: str) -> int:
        """Return the first process of a container as this machine sees it, 0 where it does not."""
        found = self.run("container", "inspect", "--format", "{{.State.Pid}}", container)
        return int(found.stdout) if found.stdout.strip().isdigit() else 0


@dataclass
class EngineContainer:
    """A container of an engine; `process` is the attached client, which ends with it."""

    engine: Engine
    name: str
    digest: str | None
    ports: dict[int, int]
    process: subprocess.Popen[bytes]
    output: threading.Thread
    _pid: int | None = None

    @property
    def runtime_id(self) -> str:
        """Return the container's name."""
        return self.name

    def exit_code(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self.process.poll()

    def wait(self, timeout_seconds: float) -> int | None:
        """Wait for the end."""
        try:
            return self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, grace_seconds: float) -> int:
        """Stop the container."""
        grace = str(max(0, round(grace_seconds)))
        self.engine.run(
            "stop", "-t", grace, self.name, timeout_seconds=grace_seconds + _COMMAND_TIMEOUT_SECONDS
        )
        code = self.wait(_COMMAND_TIMEOUT_SECONDS)
        return 137 if code is None else code

    def passes(self, command: tuple[str, ...], timeout_seconds: float) -> bool:
        """Run a health check command in the container."""
        argv = command[1:] if command[0] == "CMD" else ("/bin/sh", "-c", command[-1])
        done = self.engine.run("exec", self.name, *argv, timeout_seconds=timeout_seconds)
        return done.returncode == 0

    def usage(self) -> Usage | None:
        """Return what the container's processes used, where this machine shows them."""
        if self._pid is None:
            self._pid = self.engine.pid(self.name)
        return usage_of(self._pid) if self._pid else None

    def dispose(self) -> None:
        """Remove the container."""
        self.engine.run("rm", "-f", "-v", self.name)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        children.stop(self.process, grace_seconds=0.0)
        self.output.join(timeout=5)


class ContainerRuntime:
    """Starts containers."""

    mode: Literal["container"] = "container"

    def __init__(
        self,
        engine: Engine,
        store: ImageStore,
        directory: Path,
        sandbox_id: str,
        password: Callable[[], str],
        registry: str,
    ) -> None:
        self._engine, self._store, self._sandbox_id = engine, store, sandbox_id
        self._password, self._registry = password, registry
        self._run = directory.parent
        self._login = directory / "login"
        self._login.mkdir(parents=True, exist_ok=True)

    def way_in(self, network: TaskNetwork) -> WayIn | None:
        """Return the owner of a task's network; without root's rights, podman's are lent."""
        pid = self._engine.pid(network.owner) if network.owner else 0
        is_lent = self._engine.kind == "podman" and os.geteuid() != 0
        prefix = (self._engine.executable, "unshare") if is_lent else ()
        return WayIn(pid, prefix) if pid else None

    def prepare(self, image: str) -> None:
        """Pull an image by digest."""
        reference, digest = self._resolved(image)
        if self._engine.run("image", "inspect", reference).returncode == 0 and digest:
            return
        if parse_reference(reference).registry == self._registry:
            note_image(self._run, reference)
        pull = self._pull_arguments(reference)
        done = self._engine.run(*pull, timeout_seconds=_PULL_TIMEOUT_SECONDS)
        if done.returncode != 0:
            reason = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise StartFailure(f"CannotPullContainerError: {reason[0]}")

    def start(self, order: ContainerOrder, network: TaskNetwork, output: Output) -> EngineContainer:
        """Run a container: the task's first publishes all ports, the others join its network."""
        reference, digest = self._resolved(order.image)
        ports = network.of(order)
        name = f"delightful-{order.task_id[:12]}-{order.name}-{uuid.uuid4().hex[:6]}"
        arguments = run_arguments(order, name, reference, network, self._sandbox_id)
        process = children.spawn(
            [self._engine.executable, *arguments],
            env=os.environ | dict(self._engine.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        last: list[str] = []

        def keep(line: str) -> None:
            last[:] = [line]
            output(line)

        container = EngineContainer(self._engine, name, digest, ports, process, pump(process, keep))
        self._wait_until_created(container, last)
        network.owner = network.owner or name
        return container

    def _resolved(self, image: str) -> tuple[str, str | None]:
        reference = parse_reference(image)
        if reference.registry != self._registry:
            return image, reference.digest
        digest = reference.digest or self._store.digest_of(reference)
        return reference.at(digest), digest

    def _pull_arguments(self, reference: str) -> list[str]:
        secret = base64.b64encode(f"AWS:{self._password()}".encode()).decode()
        login = self._login / "config.json"
        login.touch(mode=0o600)
        login.write_text(json.dumps({"auths": {self._registry: {"auth": secret}}}))
        if self._engine.kind == "docker":
            return ["--config", str(self._login), "pull", "--quiet", reference]
        plain = ["--tls-verify=false"] if reference.startswith(f"{self._registry}/") else []
        return ["pull", "--quiet", *plain, "--authfile", str(login), reference]

    def _wait_until_created(self, container: EngineContainer, last: Sequence[str]) -> None:
        # A container is running once the engine says so, or has ended with a code of its own.
        for _ in range(600):
            if (code := container.wait(0.05)) is not None:
                if code == _ENGINE_FAILED:
                    container.dispose()
                    raise StartFailure(f"CannotStartContainerError: {' '.join(last)}")
                return
            state = self._engine.run(
                "container", "inspect", "--format", "{{.State.Status}}", container.name
            )
            if state.stdout.strip() in ("running", "exited", "stopped"):
                return
        container.dispose()
        raise StartFailure("ContainerRuntimeTimeoutError: Could not transition to started")


def run_arguments(
    order: ContainerOrder,
    name: str,
    reference: str,
    network: TaskNetwork,
    sandbox_id: str,
) -> list[str]:
    """Return the engine's `run` arguments for a container."""
    # The stop timeout counts where the container is removed by force, after the sandbox's end.
    arguments = ["run", "--name", name, "--stop-timeout", "1", "--pull", "never"]
    arguments += ["--label", f"{LABEL}={sandbox_id}"]
    if network.owner is not None:
        arguments += ["--network", f"container:{network.owner}"]
    else:
        for container_port, port in network.ports.items():
            arguments += ["--publish", f"127.0.0.1:{port}:{container_port}"]
    for variable, value in order.environment.items():
        arguments += ["--env", f"{variable}={value}"]
    if order.memory_mib:
        arguments += ["--memory", f"{order.memory_mib}m"]
    if order.working_directory:
        arguments += ["--workdir", order.working_directory]
    if order.user:
        arguments += ["--user", order.user]
    if order.entry_point:
        arguments += ["--entrypoint", order.entry_point[0]]
    return [*arguments, reference, *(order.entry_point or ())[1:], *(order.command or ())]
