"""What a service extension is, and what it is given."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sandbox.clock import SandboxClock
from sandbox.settings import SandboxSettings


@dataclass(frozen=True)
class Override:
    """Our Response class in the place of moto's, on every path that moto routes to it.

    `service` is moto's module name (`ecs`, `elbv2`, `awslambda`); `ours` subclasses `theirs`.
    `paths` are paths that moto does not route at all, dispatched to `ours` as well, in Flask's
    form (`/GetSamplingRules`, `/<path:rest>`).
    """

    service: str
    theirs: type[Any]
    ours: type[Any]
    paths: Sequence[str] = ()


@dataclass(frozen=True)
class SandboxContext:
    """Where an extension finds itself when it is started.

    `directory` is wiped when the sandbox starts and when it ends; an extension keeps its files in
    `directory / name`.
    `facts` is for the extension to fill: `tasks_mode` (container, process) comes from ecs,
    `load_balancer` (haproxy, aiohttp) from load_balancer; they end up in the description.
    `stopping` is set when the sandbox goes down: loops wait on it and leave.
    `sandbox_id` labels what outlives a process (containers), so that it can be found and removed.
    """

    account: str
    region: str
    clock: SandboxClock
    directory: Path
    sandbox_id: str
    endpoint_url: str
    registry: str
    settings: SandboxSettings
    facts: dict[str, str] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    report: Callable[[str], None] = print

    def backend(self, service: str) -> Any:
        """Return moto's backend of a service for the sandbox's account and region."""
        import moto.backends

        regions: Mapping[str, Any] = moto.backends.get_backend(service)[self.account]
        # Global services (iam, sts, s3) are kept by partition.
        return regions[self.region if self.region in regions else "aws"]


class Extension(Protocol):
    """One part of AWS that the sandbox does for real."""

    @property
    def name(self) -> str:
        """Return the name under which the extension reports and keeps its files."""

    @property
    def overrides(self) -> Sequence[Override]:
        """Return the Response classes that answer in the place of moto's."""

    def start(self, context: SandboxContext) -> None:
        """Begin: start threads and children. The endpoint answers only after every start."""

    def stop(self) -> None:
        """End what `start` began; called once, in the reverse order, also after a failed start."""
