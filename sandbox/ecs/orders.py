"""What is asked of a runtime for one container, read from the task definition and overrides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DEFAULT_STOP_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class LogTarget:
    """Where the container's output goes."""

    group: str
    stream: str
    creates_group: bool


@dataclass(frozen=True)
class ContainerCheck:
    """The health check of a container definition; times in sandbox seconds."""

    command: tuple[str, ...]
    interval_seconds: int = 30
    timeout_seconds: int = 5
    retries: int = 3
    start_period_seconds: int = 0


@dataclass(frozen=True)
class ContainerOrder:
    """One container to run. `command` and `entry_point` are None where the image decides."""

    task_id: str
    name: str
    image: str
    entry_point: tuple[str, ...] | None
    command: tuple[str, ...] | None
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    working_directory: str | None
    user: str | None
    ports: tuple[int, ...]
    is_essential: bool
    stop_timeout_seconds: int
    cpu_units: int | None
    memory_mib: int | None
    log: LogTarget | None
    check: ContainerCheck | None


def container_order(
    definition: Mapping[str, Any],
    override: Mapping[str, Any],
    task_id: str,
    task_memory_mib: int | None = None,
) -> ContainerOrder:
    """Return the order for a container definition with RunTask's override of it."""
    command = override.get("command") or definition.get("command")
    return ContainerOrder(
        task_id=task_id,
        name=definition["name"],
        image=definition["image"],
        entry_point=_words(definition.get("entryPoint")),
        command=_words(command),
        environment=_pairs(definition) | _pairs(override),
        secrets={item["name"]: item["valueFrom"] for item in definition.get("secrets") or ()},
        working_directory=definition.get("workingDirectory"),
        user=definition.get("user"),
        ports=tuple(int(item["containerPort"]) for item in definition.get("portMappings") or ()),
        is_essential=bool(definition.get("essential", True)),
        stop_timeout_seconds=int(definition.get("stopTimeout") or DEFAULT_STOP_TIMEOUT_SECONDS),
        cpu_units=override.get("cpu") or definition.get("cpu") or None,
        memory_mib=override.get("memory") or definition.get("memory") or task_memory_mib,
        log=log_target(definition, task_id),
        check=container_check(definition.get("healthCheck")),
    )


def _words(command: Any) -> tuple[str, ...] | None:
    return tuple(command) if command else None


def _pairs(source: Mapping[str, Any]) -> dict[str, str]:
    return {item["name"]: item.get("value", "") for item in source.get("environment") or ()}


def log_target(definition: Mapping[str, Any], task_id: str) -> LogTarget | None:
    """Return where `awslogs` sends the output, None for another driver or none."""
    configuration = definition.get("logConfiguration") or {}
    options = configuration.get("options") or {}
    if configuration.get("logDriver") != "awslogs" or "awslogs-group" not in options:
        return None
    prefix = options.get("awslogs-stream-prefix")
    stream = f"{prefix}/{definition['name']}/{task_id}" if prefix else task_id
    creates = options.get("awslogs-create-group") == "true"
    return LogTarget(options["awslogs-group"], stream, creates)


def container_check(settings: Mapping[str, Any] | None) -> ContainerCheck | None:
    """Return a container's health check, None where there is none."""
    command = tuple((settings or {}).get("command") or ())
    if settings is None or not command or command[0] == "NONE":
        return None
    return ContainerCheck(
        command,
        int(settings.get("interval") or 30),
        int(settings.get("timeout") or 5),
        int(settings.get("retries") or 3),
        int(settings.get("startPeriod") or 0),
    )
