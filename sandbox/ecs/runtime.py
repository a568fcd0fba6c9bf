"""What a task runtime is: it starts containers, and says truthfully what became of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from sandbox.ecs.orders import ContainerOrder
from sandbox.ecs.ports import task_port
from sandbox.ecs.usage import Usage

Output = Callable[[str], None]
"""Takes one line of a container's output."""


class StartFailure(Exception):
    """A container that never ran; the message is what ECS writes as stoppedReason."""


@dataclass
class TaskNetwork:
    """What the containers of one task share, as under awsvpc: localhost and its ports.

    `ports` has the loopback port of each container port; `owner` is the container whose network
    the others join, where the runtime has networks.
    """

    ports: dict[int, int]
    owner: str | None = None

    def of(self, order: ContainerOrder) -> dict[int, int]:
        """Return the ports of one container."""
        return {port: self.ports[port] for port in order.ports}


def task_network(orders: Sequence[ContainerOrder]) -> TaskNetwork:
    """Return a network with a free loopback port for every container port of a task."""
    return TaskNetwork({port: task_port() for order in orders for port in order.ports})


@dataclass(frozen=True)
class WayIn:
    """A process in a task's network, and what to start a program with so that it may enter it."""

    pid: int
    prefix: tuple[str, ...] = ()


class RunningContainer(Protocol):
    """A container that was started."""

    @property
    def digest(self) -> str | None:
        """Return the digest of the image's manifest that runs."""

    @property
    def runtime_id(self) -> str:
        """Return the runtime's own id of it."""

    @property
    def ports(self) -> dict[int, int]:
        """Return the loopback port by container port."""

    def exit_code(self) -> int | None:
        """Return the exit code, None while it runs."""

    def wait(self, timeout_seconds: float) -> int | None:
        """Wait for the end; return the exit code, None if it still runs."""

    def stop(self, grace_seconds: float) -> int:
        """End it: SIGTERM, SIGKILL after the grace; return the exit code."""

    def passes(self, command: tuple[str, ...], timeout_seconds: float) -> bool:
        """Run a health check command (`CMD …` or `CMD-SHELL …`) in it."""

    def usage(self) -> Usage | None:
        """Return what it used so far; None where that cannot be seen."""

    def dispose(self) -> None:
        """Remove what is left of it once it has ended."""


class Runtime(Protocol):
    """Starts containers."""

    @property
    def mode(self) -> Literal["container", "process"]:
        """Return how tasks run."""

    def way_in(self, network: TaskNetwork) -> WayIn | None:
        """Return how a process gets into a task's network; None where it is this machine's."""

    def prepare(self, image: str) -> None:
        """Fetch an image.

        Raises:
            StartFailure: it cannot be pulled.
        """

    def start(
        self, order: ContainerOrder, network: TaskNetwork, output: Output
    ) -> RunningContainer:
        """Start a container of a prepared image in its task's network.

        Raises:
            StartFailure: it cannot be started.
        """
