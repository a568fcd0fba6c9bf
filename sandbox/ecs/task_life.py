"""The life of one task, told in order, in a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.ecs.orders import ContainerCheck, ContainerOrder
from sandbox.ecs.output import LogStream
from sandbox.ecs.records import EcsTask, now
from sandbox.ecs.references import parse_reference
from sandbox.ecs.runtime import (
    RunningContainer,
    Runtime,
    StartFailure,
    TaskNetwork,
    task_network,
)
from sandbox.ecs.usage import Usage
from sandbox.load_balancer.routing import Endpoint

log = logging.getLogger(__name__)

_SHORTEST_GRACE_WALL_SECONDS = 2.0
_DRAIN_POLL_WALL_SECONDS = 0.05
_SHORTEST_CHECK_WALL_SECONDS = 0.5


@dataclass(frozen=True)
class Surroundings:
    """What a task meets: runtime, clock, load balancers, logs, secrets, and who to wake.

    `variables` returns what the platform puts into the environment of a task's container, by the
    container's name; `announce` tells the world the state that a task has come to.
    """

    runtime: Runtime
    clock: SandboxClock
    load_balancers: Callable[[], Any]
    logs: Callable[[], Any]
    secret: Callable[[str], str]
    variables: Callable[[EcsTask, str], Mapping[str, str]]
    announce: Callable[[EcsTask], None]
    changed: Callable[[], None]


@dataclass
class _Part:
    """A container of the task while it runs."""

    order: ContainerOrder
    container: RunningContainer
    stream: LogStream | None
    failures: int = 0
    next_check: float = 0.0
    checks_count_from: float = 0.0


@dataclass
class TaskLife:
    """One task from PROVISIONING to STOPPED."""

    task: EcsTask
    around: Surroundings
    _parts: list[_Part] = field(default_factory=list)
    _stop_asked: threading.Event = field(default_factory=threading.Event)
    _woken: threading.Event = field(default_factory=threading.Event)
    _is_hurried: bool = False
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start the task's thread."""
        self._thread = threading.Thread(
            target=self._live, name=f"task-{self.task.id[:8]}", daemon=True
        )
        self._thread.start()

    def ask_to_stop(self, code: str, reason: str) -> None:
        """Have the task drained and stopped; the first reason stands."""
        task = self.task
        if task.desired_status == "STOPPED":
            return
        task.desired_status = "STOPPED"
        task.stop_code, task.stopped_reason = code, reason
        task.stopping_at = now()
        self._stop_asked.set()
        self._woken.set()

    def hurry(self) -> None:
        """Stop without draining: the sandbox goes down."""
        self._is_hurried = True
        self.ask_to_stop("UserInitiated", "The sandbox stops")

    def join(self, timeout_seconds: float) -> None:
        """Wait for the end."""
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def _live(self) -> None:
        try:
            self._provision()
            self._launch()
            self._serve()
        except StartFailure as failure:
            self._end("TaskFailedToStart", str(failure))
        except Exception as error:
            log.exception("task %s broke", self.task.id)
            self._end("TaskFailedToStart", f"The sandbox failed: {error}")
        self._wind_down()

    def _end(self, code: str, reason: str) -> None:
        self.ask_to_stop(code, reason)

    def _move(self, status: str) -> None:
        self.task.move(status)
        self.around.announce(self.task)
        self.around.changed()

    # On its way up.

    def _provision(self) -> None:
        self._move("PENDING")
        self.task.pull_started_at = now()
        for order in self.task.own_orders:
            if not self._stop_asked.is_set():
                self.around.runtime.prepare(order.image)
        self.task.pull_stopped_at = now()

    def _launch(self) -> None:
        if self._stop_asked.is_set():
            return
        self._move("ACTIVATING")
        network = task_network(self.task.own_orders)
        # Those that the task stands and falls with come first: the others join their network.
        for order in sorted(self.task.own_orders, key=lambda order: not order.is_essential):
            self._start(order, network)
        self._register()
        self.task.started_at = now()
        self.task.connectivity = "CONNECTED"
        self.task.own_running_since = self.around.clock.seconds()
        self._move("RUNNING")

    def _start(self, order: ContainerOrder, network: TaskNetwork) -> None:
        stream = LogStream(self.around.logs, order.log) if order.log else None
        try:
            given = self.around.variables(self.task, order.name)
            whole = _with_environment(order, given, self.around.secret)
            write = stream.write if stream else _drop
            container = self.around.runtime.start(whole, network, write)
        except StartFailure:
            if stream:
                stream.close()
            raise
        self._parts.append(self._part(order, container, stream))
        record = self.task.container(order.name)
        record |= {"lastStatus": "RUNNING", "runtimeId": container.runtime_id}
        record["imageDigest"] = container.digest or parse_reference(order.image).digest
        record["networkBindings"] = _bindings(container.ports)
        threading.Thread(target=self._wait_for, args=(container,), daemon=True).start()

    def _part(
        self, order: ContainerOrder, container: RunningContainer, stream: LogStream | None
    ) -> _Part:
        part, at = _Part(order, container, stream), self.around.clock.seconds()
        if order.check:
            part.next_check = at + order.check.interval_seconds
            part.checks_count_from = at + order.check.start_period_seconds
        return part

    def _wait_for(self, container: RunningContainer) -> None:
        while container.wait(3600.0) is None:
            pass
        self._woken.set()

    def _register(self) -> None:
        for balancer in self.task.own_load_balancers:
            group, port = balancer["targetGroupArn"], int(balancer["containerPort"])
            named = balancer["containerName"]
            part = next(part for part in self._parts if part.order.name == named)
            if port not in part.container.ports:
                raise StartFailure(f"The container {named} does not publish port {port}")
            endpoint = Endpoint("127.0.0.1", part.container.ports[port])
            self.task.own_targets.append((group, endpoint))
            self.around.load_balancers().register_targets(group, [_target(endpoint)])

    # While it runs.

    def usage(self) -> Usage | None:
        """Return what all of its containers used; None where no container can be seen."""
        seen = [used for part in tuple(self._parts) if (used := part.container.usage())]
        return sum(seen[1:], seen[0]) if seen else None

    def _serve(self) -> None:
        while not self._stop_asked.is_set():
            self._woken.wait(self._until_next_check())
            self._woken.clear()
            for part in self._parts:
                self._note_exit(part)
            for part in self._parts:
                if part.order.check and part.container.exit_code() is None:
                    self._check(part, part.order.check)

    def _until_next_check(self) -> float | None:
        due = [part.next_check for part in self._parts if part.order.check]
        if not due:
            return None
        return max(0.0, self.around.clock.wall_seconds(min(due) - self.around.clock.seconds()))

    def _note_exit(self, part: _Part) -> None:
        record, code = self.task.container(part.order.name), part.container.exit_code()
        if code is None:
            return
        record |= {"lastStatus": "STOPPED", "exitCode": code}
        if part.order.is_essential:
            self._end("EssentialContainerExited", "Essential container in task exited")

    def _check(self, part: _Part, check: ContainerCheck) -> None:
        if self.around.clock.seconds() < part.next_check:
            return
        timeout = max(self.around.clock.wall_seconds(check.timeout_seconds), 1.0)
        passed = part.container.passes(check.command, timeout)
        at = self.around.clock.seconds()
        shortest = _SHORTEST_CHECK_WALL_SECONDS * self.around.clock.speed
        part.next_check = at + max(check.interval_seconds, shortest)
        if passed:
            part.failures = 0
        elif at >= part.checks_count_from:
            part.failures += 1
        if passed or part.failures >= check.retries:
            self._set_health(part, "HEALTHY" if passed else "UNHEALTHY")

    def _set_health(self, part: _Part, status: str) -> None:
        record = self.task.container(part.order.name)
        if record["healthStatus"] == status:
            return
        record["healthStatus"] = status
        if part.order.is_essential:
            self.task.health_status = status
        if status == "UNHEALTHY" and self.task.own_service is None and part.order.is_essential:
            self._end("EssentialContainerExited", "Task failed container health checks")
        self.around.changed()

    # On its way down.

    def _wind_down(self) -> None:
        self._move("DEACTIVATING")
        self._leave_load_balancers()
        self._move("STOPPING")
        for part in self._parts:
            self._stop(part)
        self.task.execution_stopped_at = now()
        self._move("DEPROVISIONING")
        for record in self.task.containers:
            record["lastStatus"] = "STOPPED"
        self.task.stopped_at = now()
        self._move("STOPPED")

    def _leave_load_balancers(self) -> None:
        for group, endpoint in self.task.own_targets:
            try:
                self.around.load_balancers().deregister_targets(group, [_target(endpoint)])
            except Exception as error:
                log.info("target group %s is gone: %s", group, error)
        if self._serves_still():
            self._wait_until_drained()

    def _serves_still(self) -> bool:
        behind = {str(balancer["containerName"]) for balancer in self.task.own_load_balancers}
        alive = any(
            part.container.exit_code() is None for part in self._parts if part.order.name in behind
        )
        return alive and not self._is_hurried

    def _wait_until_drained(self) -> None:
        while self._serves_still() and any(self._drains(*one) for one in self.task.own_targets):
            time.sleep(_DRAIN_POLL_WALL_SECONDS)

    def _drains(self, group: str, endpoint: Endpoint) -> bool:
        return bool(self.around.load_balancers().table.health(group, endpoint).state == "draining")

    def _stop(self, part: _Part) -> None:
        wall = self.around.clock.wall_seconds(part.order.stop_timeout_seconds)
        grace = 0.5 if self._is_hurried else max(wall, _SHORTEST_GRACE_WALL_SECONDS)
        code = part.container.exit_code()
        if code is None:
            code = part.container.stop(grace)
        part.container.dispose()
        if part.stream:
            part.stream.close()
        self.task.container(part.order.name)["exitCode"] = code


def _with_environment(
    order: ContainerOrder, given: Mapping[str, str], secret: Callable[[str], str]
) -> ContainerOrder:
    values = {name: secret(source) for name, source in order.secrets.items()}
    return replace(order, environment={**given, **order.environment, **values})


def _target(endpoint: Endpoint) -> dict[str, Any]:
    return {"Id": endpoint.address, "Port": endpoint.port}


def _bindings(ports: Mapping[int, int]) -> list[dict[str, Any]]:
    return [
        {"bindIP": "127.0.0.1", "containerPort": inner, "hostPort": outer, "protocol": "tcp"}
        for inner, outer in ports.items()
    ]


def _drop(line: str) -> None:
    """Take the output of a container without a log."""
