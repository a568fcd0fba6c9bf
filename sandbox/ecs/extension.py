"""The ECS extension: chooses how tasks run, and puts our backend in moto's place."""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from moto.ecs.models import ecs_backends

from sandbox.aws.extension import Override, SandboxContext
from sandbox.containers import note_engine
from sandbox.ecs.backend import EcsBackend
from sandbox.ecs.container_runtime import ContainerRuntime
from sandbox.ecs.engines import working_engine
from sandbox.ecs.images import ImageStore
from sandbox.ecs.metrics import UsageMeter, add_source, remove_source
from sandbox.ecs.process_runtime import ProcessRuntime
from sandbox.ecs.records import EcsTask, now
from sandbox.ecs.responses import EcsResponse, theirs
from sandbox.ecs.runtime import Runtime
from sandbox.ecs.secret_values import secret_value
from sandbox.ecs.stand_ins import WithStandIns
from sandbox.ecs.state_changes import state_change
from sandbox.ecs.task_endpoint import TaskEndpoint
from sandbox.ecs.task_life import Surroundings
from sandbox.events.delivery import deliver
from sandbox.registry.tokens import TOKENS

log = logging.getLogger(__name__)


class EcsExtension:
    """ECS whose tasks run."""

    name = "ecs"

    def __init__(self) -> None:
        self.backend: EcsBackend | None = None
        self._meter: UsageMeter
        self._context: SandboxContext
        self._endpoint: TaskEndpoint

    @property
    def overrides(self) -> Sequence[Override]:
        """Return ECS's Response of ours."""
        return (Override("ecs", theirs, EcsResponse),)

    def start(self, context: SandboxContext) -> None:
        """Choose the runtime and start the scheduler."""
        directory = context.directory / self.name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        self._context = context
        runtime = WithStandIns(chosen_runtime(context, directory), directory, context.endpoint_url)
        context.facts["tasks_mode"] = runtime.mode
        self.backend = EcsBackend(context.region, context.account, context.clock, context.stopping)
        self._endpoint = TaskEndpoint(context, self.backend.known_task)
        self._endpoint.start()
        self.backend.around = Surroundings(
            runtime=runtime,
            clock=context.clock,
            load_balancers=lambda: context.backend("elbv2"),
            logs=lambda: context.backend("logs"),
            secret=lambda source: secret_value(context.backend, source),
            # A container has a loopback of its own, from which neither is reached.
            variables=self._endpoint.variables if runtime.mode == "process" else _no_variables,
            announce=lambda task: deliver(context.backend, state_change(task, now())),
            changed=self.backend.scheduler.wake,
        )
        ecs_backends[context.account][context.region] = self.backend
        self._meter = UsageMeter(self.backend, context.settings.speed)
        add_source(self._meter.measure)
        self.backend.scheduler.start()

    def stop(self) -> None:
        """Stop every task."""
        if self.backend is None:
            return
        self._context.stopping.set()
        remove_source(self._meter.measure)
        self.backend.scheduler.stop()
        self.backend.stop_all()
        self._endpoint.stop()
        self.backend = None


def _no_variables(task: EcsTask, container: str) -> dict[str, str]:
    return {}


def chosen_runtime(context: SandboxContext, directory: Path) -> Runtime:
    """Return the runtime that the settings ask for; `auto` takes an engine if one works.

    Raises:
        RuntimeError: containers are asked for and no engine runs one.
    """
    store = ImageStore(directory / "images", context.registry, lambda: TOKENS.issue().password)
    wanted = context.settings.tasks
    engine = None if wanted == "process" else working_engine(directory)
    if engine is None:
        if wanted == "container":
            raise RuntimeError("no container engine here runs a container; try tasks=process")
        return ProcessRuntime(directory, store)
    note_engine(context.directory, engine.executable)
    return ContainerRuntime(
        engine,
        store,
        directory,
        context.sandbox_id,
        lambda: TOKENS.issue().password,
        context.registry,
    )
