"""What a task runtime is: it starts containers, and says truthfully what became of them."""

from collections.abc import Callable
from typing import Literal, Protocol

from sandbox.ecs.orders import ContainerOrder

Output = Callable[[str], None]
"""Takes one line of a container's output."""


class StartFailure(Exception):
    """A container that never ran; the message is what ECS writes as stoppedReason."""


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

    def dispose(self) -> None:
        """Remove what is left of it once it has ended."""


class Runtime(Protocol):
    """Starts containers."""

    @property
    def mode(self) -> Literal["container", "process"]:
        """Return how tasks run."""

    def prepare(self, image: str) -> None:
        """Fetch an image.

        Raises:
            StartFailure: it cannot be pulled.
        """

    def start(self, order: ContainerOrder, output: Output) -> RunningContainer:
        """Start a container of a prepared image.

        Raises:
            StartFailure: it cannot be started.
        """
