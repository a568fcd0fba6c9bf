"""The health checker: one asyncio loop in a thread of its own, one task per registered target."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from sandbox.clock import SandboxClock
from sandbox.load_balancer.health import (
    CHECKING,
    NOT_IN_USE,
    NOT_REGISTERED,
    REGISTERING,
    CheckOutcome,
    CheckSettings,
)
from sandbox.load_balancer.routing import Endpoint
from sandbox.load_balancer.targets import TargetTable

# Shorter than this a check says more about a busy machine than about the target.
_SHORTEST_TIMEOUT_WALL_SECONDS = 2.0
# A program takes the wall's time to start, however fast the sandbox's clock.
_START_WALL_SECONDS = 8.0
_SHORTEST_INTERVAL_WALL_SECONDS = 0.5
_REACHABLE_POLL_WALL_SECONDS = 0.1
_UNUSED_POLL_WALL_SECONDS = 0.1


class LoopThread:
    """An asyncio loop that runs in a daemon thread."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())

    def call(self, work: Coroutine[Any, Any, Any], timeout_seconds: float = 30.0) -> Any:
        """Run a coroutine on the loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_seconds)

    def stop(self) -> None:
        """End the loop and its thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=5)


class Groups(Protocol):
    """What the checker asks of the target groups; None and False for one that is gone."""

    def check_settings(self, group: str) -> CheckSettings | None:
        """Return a group's health check."""

    def is_in_use(self, group: str) -> bool:
        """Say whether a listener or rule forwards to the group, whatever the weight."""


class HealthChecker:
    """Checks every registered target and writes what it sees into the table."""

    def __init__(self, table: TargetTable, groups: Groups, clock: SandboxClock) -> None:
        self._table, self._groups, self._clock = table, groups, clock
        self._thread = LoopThread("health-checks")
        self._tasks: dict[tuple[str, Endpoint], asyncio.Task[None]] = {}

    def watch(self, group: str, endpoint: Endpoint) -> None:
        """Begin to check a target that was just registered."""
        self._replace((group, endpoint), lambda: self._check_always(group, endpoint))

    def drain(self, group: str, endpoint: Endpoint, delay_seconds: float) -> None:
        """Stop checking a target and forget it after the deregistration delay."""
        self._replace((group, endpoint), lambda: self._forget(group, endpoint, delay_seconds))

    def stop(self) -> None:
        """End every check."""
        self._thread.stop()

    def _replace(
        self, key: tuple[str, Endpoint], work: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        def swap() -> None:
            if before := self._tasks.pop(key, None):
                before.cancel()
            self._tasks[key] = self._thread.loop.create_task(work())

        self._thread.loop.call_soon_threadsafe(swap)

    async def _forget(self, group: str, endpoint: Endpoint, delay_seconds: float) -> None:
        await asyncio.sleep(self._clock.wall_seconds(delay_seconds))
        self._table.remove(group, endpoint)

    async def _check_always(self, group: str, endpoint: Endpoint) -> None:
        while (settings := self._groups.check_settings(group)) is not None:
            if not self._groups.is_in_use(group):
                self._table.set_health(group, endpoint, NOT_IN_USE)
                await asyncio.sleep(_UNUSED_POLL_WALL_SECONDS)
                continue
            await self._enter_use(group, endpoint, settings)
            self._table.record(group, endpoint, await self._check(endpoint, settings), settings)
            if self._table.health(group, endpoint) == NOT_REGISTERED:
                return
            await self._pause(group, settings)

    async def _enter_use(self, group: str, endpoint: Endpoint, settings: CheckSettings) -> None:
        if self._table.health(group, endpoint) not in (REGISTERING, NOT_IN_USE):
            return
        self._table.set_health(group, endpoint, REGISTERING)
        await self._until_reachable(endpoint, settings)
        self._table.set_health(group, endpoint, CHECKING)

    async def _until_reachable(self, endpoint: Endpoint, settings: CheckSettings) -> None:
        interval = self._clock.wall_seconds(settings.interval_seconds)
        ends = time.monotonic() + max(interval, _START_WALL_SECONDS)
        # Asked, not only connected to: an engine's port forwarder accepts before the program does.
        while time.monotonic() < ends:
            if (await self._check(endpoint, settings)).error != "refused":
                return
            await asyncio.sleep(_REACHABLE_POLL_WALL_SECONDS)

    async def _pause(self, group: str, settings: CheckSettings) -> None:
        interval = self._clock.wall_seconds(settings.interval_seconds)
        ends = time.monotonic() + max(interval, _SHORTEST_INTERVAL_WALL_SECONDS)
        while (left := ends - time.monotonic()) > 0 and self._groups.is_in_use(group):
            await asyncio.sleep(min(left, 1.0))

    async def _check(self, endpoint: Endpoint, settings: CheckSettings) -> CheckOutcome:
        timeout = max(
            self._clock.wall_seconds(settings.timeout_seconds), _SHORTEST_TIMEOUT_WALL_SECONDS
        )
        try:
            return await asyncio.wait_for(_ask(_checked(endpoint, settings), settings), timeout)
        except TimeoutError:
            return CheckOutcome(error="timeout")
        except (OSError, ValueError, IndexError, asyncio.IncompleteReadError):
            return CheckOutcome(error="refused")


def _checked(endpoint: Endpoint, settings: CheckSettings) -> Endpoint:
    return endpoint._replace(port=settings.port or endpoint.port)


async def _ask(endpoint: Endpoint, settings: CheckSettings) -> CheckOutcome:
    reader, writer = await asyncio.open_connection(*endpoint)
    try:
        if not settings.is_http:
            return CheckOutcome()
        writer.write(
            f"GET {settings.path} HTTP/1.1\r\nHost: {endpoint}\r\n"
            "User-Agent: ELB-HealthChecker/2.0\r\nConnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        status_line = await reader.readline()
        outcome = CheckOutcome(status=int(status_line.split()[1]))
        await reader.read(65536)
        return outcome
    finally:
        writer.close()
