"""Containers that the sandbox stands in for, because their image cannot be had here.

A stand-in is a process of this sandbox, in both ways of running tasks. It says what it is in the
first line of its log.
"""

import os
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sandbox.ecs.orders import ContainerOrder
from sandbox.ecs.process_runtime import ProcessContainer, start_process
from sandbox.ecs.references import parse_reference
from sandbox.ecs.runtime import Output, RunningContainer, Runtime, StartFailure, TaskNetwork, WayIn

# AWS Distro for OpenTelemetry, wherever it was mirrored to.
_COLLECTOR = "aws-otel-collector"
_OTLP_OVER_HTTP = 4318


@dataclass
class Collector(ProcessContainer):
    """The collector's stand-in; it has no file system of its own for `/healthcheck` to be in."""

    def passes(self, command: tuple[str, ...], timeout_seconds: float) -> bool:
        """Ask whether it is up, as the image's only health check does."""
        url = f"http://127.0.0.1:{self.ports[_OTLP_OVER_HTTP]}/"
        try:
            with urllib.request.urlopen(url, timeout=timeout_seconds) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@dataclass(frozen=True)
class WithStandIns:
    """A runtime that runs what it can, with stand-ins for the rest."""

    runtime: Runtime
    directory: Path
    endpoint_url: str

    @property
    def mode(self) -> Literal["container", "process"]:
        """Return how tasks run."""
        return self.runtime.mode

    def way_in(self, network: TaskNetwork) -> WayIn | None:
        """Return how a process gets into a task's network."""
        return self.runtime.way_in(network)

    def prepare(self, image: str) -> None:
        """Fetch an image, unless a stand-in serves for it."""
        if not is_collector(image):
            self.runtime.prepare(image)

    def start(
        self, order: ContainerOrder, network: TaskNetwork, output: Output
    ) -> RunningContainer:
        """Start a container, or what stands in for it."""
        if not is_collector(order.image):
            return self.runtime.start(order, network, output)
        return self._collector(order, network, output)

    def _collector(self, order: ContainerOrder, network: TaskNetwork, output: Output) -> Collector:
        ports = network.of(order)
        if _OTLP_OVER_HTTP not in ports:
            raise StartFailure(f"CannotStartContainerError: {order.name} has no port 4318")
        folder = self.directory / "tasks" / order.task_id / order.name
        folder.mkdir(parents=True, exist_ok=True)
        way_in = self.runtime.way_in(network)
        argv = [sys.executable, "-m", "sandbox.collector"]
        argv += [str(ports[_OTLP_OVER_HTTP]), self.endpoint_url]
        if way_in is not None:
            argv = [*way_in.prefix, *argv, str(way_in.pid)]
        started = start_process(
            argv,
            output,
            digest=None,
            ports=ports,
            folder=folder,
            directory=folder,
            environment={**os.environ, **order.environment},
        )
        return Collector(**vars(started))


def is_collector(image: str) -> bool:
    """Say whether an image is the collector that `infrastructure/` puts into tasks."""
    return parse_reference(image).repository.rpartition("/")[2] == _COLLECTOR
