"""Run containers as plain processes, from files pulled by digest.

Only images labelled `delightful.packaging=files` run so: their command works outside a container.
"""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sandbox import children
from sandbox.ecs.images import PACKAGING_LABEL, ImageStore, UnpackedImage, copied
from sandbox.ecs.orders import ContainerOrder
from sandbox.ecs.output import pump
from sandbox.ecs.references import parse_reference
from sandbox.ecs.runtime import Output, StartFailure, TaskNetwork
from sandbox.ecs.task_endpoint import METADATA_VARIABLE
from sandbox.ecs.usage import Usage, usage_of

_SIGNAL_EXIT_BASE = 128
_ON_LOCALHOST = re.compile(r"\b(?:localhost|127\.0\.0\.1):(\d{1,5})\b")


@dataclass
class ProcessContainer:
    """A container that is a process."""

    process: subprocess.Popen[bytes]
    digest: str | None
    ports: dict[int, int]
    folder: Path
    directory: Path
    environment: Mapping[str, str]
    output: threading.Thread
    _stopping: threading.Lock = field(default_factory=threading.Lock)

    @property
    def runtime_id(self) -> str:
        """Return the process id."""
        return str(self.process.pid)

    def exit_code(self) -> int | None:
        """Return the exit code, None while it runs."""
        return _as_container(self.process.poll())

    def wait(self, timeout_seconds: float) -> int | None:
        """Wait for the end."""
        try:
            return _as_container(self.process.wait(timeout_seconds))
        except subprocess.TimeoutExpired:
            return None

    def stop(self, grace_seconds: float) -> int:
        """End the process as a container ends: its first process is told, the rest is killed."""
        with self._stopping:
            self.process.terminate()
            self.wait(grace_seconds)
            code = children.stop(self.process, grace_seconds=0.0)
        return _as_container(code) or 0

    def passes(self, command: tuple[str, ...], timeout_seconds: float) -> bool:
        """Run a health check command; `CMD-SHELL` has its own shell, as in an image."""
        argv = list(command[1:]) if command[0] == "CMD" else ["/bin/sh", "-c", command[-1]]
        try:
            child = children.spawn(
                argv,
                cwd=self.directory,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            return False
        try:
            return child.wait(timeout_seconds) == 0
        except subprocess.TimeoutExpired:
            children.stop(child, grace_seconds=0.5)
            return False

    def usage(self) -> Usage | None:
        """Return what the process and its children used."""
        return usage_of(self.process.pid)

    def dispose(self) -> None:
        """Take the process's files away, once its last output is read."""
        children.stop(self.process, grace_seconds=0.0)
        if mark := self.environment.get(METADATA_VARIABLE):
            children.kill_marked(METADATA_VARIABLE, mark)
        self.output.join(timeout=5)
        shutil.rmtree(self.folder, ignore_errors=True)


class ProcessRuntime:
    """Starts processes."""

    mode: Literal["process"] = "process"

    def __init__(self, directory: Path, store: ImageStore) -> None:
        self._directory = directory
        self._store = store

    def way_in(self, network: TaskNetwork) -> None:
        """Say that every process is in this machine's network."""

    def prepare(self, image: str) -> None:
        """Fetch and unpack an image."""
        self._image(image)

    def start(
        self, order: ContainerOrder, network: TaskNetwork, output: Output
    ) -> ProcessContainer:
        """Start a process from an image's files, with a free port in PORT."""
        image = self._image(order.image)
        folder = self._directory / "tasks" / order.task_id / order.name
        root = copied(image, folder / "root")
        directory = _inside(root, order.working_directory or image.working_directory)
        environment = process_environment(
            image.environment, order, network, _inside(folder, "home")
        )
        return start_process(
            command_of(order, image),
            output,
            digest=image.digest,
            ports=network.of(order),
            folder=folder,
            directory=directory,
            environment=environment,
        )

    def _image(self, name: str) -> UnpackedImage:
        image = self._store.pull(parse_reference(name))
        if image.labels.get(PACKAGING_LABEL) != "files":
            raise StartFailure(
                f"CannotStartContainerError: {name} is not labelled {PACKAGING_LABEL}=files, and "
                "this sandbox runs tasks as processes; it needs a container engine"
            )
        return image


def command_of(order: ContainerOrder, image: UnpackedImage) -> list[str]:
    """Return the argument list, by Docker's rule: a new entry point drops the image's command."""
    if order.entry_point is not None:
        return [*order.entry_point, *(order.command or ())]
    command = image.command if order.command is None else order.command
    return [*image.entry_point, *command]


def process_environment(
    image: Mapping[str, str], order: ContainerOrder, network: TaskNetwork, home: Path
) -> dict[str, str]:
    """Return a task's variables: the image's, the task's, and where it shall listen.

    Processes of all tasks share one localhost: where a variable names a container port of this task
    on it, it names the port that stands for it here.
    """
    ports = network.of(order)
    listen = {"HOST": "127.0.0.1", "PORT": str(next(iter(ports.values())))} if ports else {}
    theirs = {name: _reached(value, network) for name, value in order.environment.items()}
    path = os.environ.get("PATH", os.defpath)
    basic = {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8"}
    return {**basic, **image, **theirs, **listen}


def _reached(value: str, network: TaskNetwork) -> str:
    def here(match: re.Match[str]) -> str:
        port = network.ports.get(int(match[1]))
        return match[0] if port is None else f"127.0.0.1:{port}"

    return _ON_LOCALHOST.sub(here, value)


def start_process(
    argv: list[str],
    output: Output,
    *,
    digest: str | None,
    ports: dict[int, int],
    folder: Path,
    directory: Path,
    environment: Mapping[str, str],
) -> ProcessContainer:
    """Start a process that stands for a container; `folder` goes with it, it runs in `directory`.

    Raises:
        StartFailure: there is no such program.
    """
    process = _spawn(argv, directory, environment)
    reader = pump(process, output)
    return ProcessContainer(process, digest, ports, folder, directory, environment, reader)


def _inside(root: Path, directory: str) -> Path:
    found = root / directory.lstrip("/")
    found.mkdir(parents=True, exist_ok=True)
    return found


def _spawn(
    argv: list[str], directory: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    if not argv:
        raise StartFailure("CannotStartContainerError: no command specified")
    try:
        return children.spawn(
            argv,
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        raise StartFailure(
            "CannotStartContainerError: failed to create task: runtime create failed: "
            f'exec: "{argv[0]}": {error.strerror}'
        ) from error


def _as_container(code: int | None) -> int | None:
    return _SIGNAL_EXIT_BASE - code if code is not None and code < 0 else code
