"""ECS's refusals, in its own words."""

from collections.abc import Mapping
from typing import Any

from moto.ecs.exceptions import EcsClientException, ECSException, InvalidParameterException

_BY_CODEDEPLOY = (
    "on services with a CODE_DEPLOY deployment controller. "
    "Use AWS CodeDeploy to trigger a new deployment."
)
_CHANGED_BY_CODEDEPLOY = {
    "task_definition": f"Unable to update task definition {_BY_CODEDEPLOY}",
    "force_new_deployment": f"Cannot force a new deployment {_BY_CODEDEPLOY}",
    "network_configuration": f"Unable to update network parameters {_BY_CODEDEPLOY}",
    "load_balancers": f"Unable to update load balancers {_BY_CODEDEPLOY}",
    "service_registries": f"Unable to update service registries {_BY_CODEDEPLOY}",
    "platform_version": f"Unable to update platform version {_BY_CODEDEPLOY}",
    "capacity_provider_strategy": f"Unable to update capacity providers {_BY_CODEDEPLOY}",
}

# Fargate's memory in MiB by CPU units: lowest, highest, step.
_FARGATE_MEMORY = {
    256: (512, 2048, 512),
    512: (1024, 4096, 1024),
    1024: (2048, 8192, 1024),
    2048: (4096, 16384, 1024),
    4096: (8192, 30720, 1024),
    8192: (16384, 61440, 4096),
    16384: (32768, 122880, 8192),
}


class ConflictException(ECSException):
    """A client token that was used for something else."""

    def __init__(self, token: str) -> None:
        super().__init__(
            "ConflictException", f"The client token {token} was used with other parameters."
        )


def refuse_update(controller: str, settings: Mapping[str, Any]) -> None:
    """Refuse what a service under CodeDeploy takes from CodeDeploy only.

    Raises:
        InvalidParameterException: with ECS's message.
    """
    if controller != "CODE_DEPLOY":
        return
    for name, message in _CHANGED_BY_CODEDEPLOY.items():
        if settings.get(name):
            raise InvalidParameterException(message)


def refuse_fargate_size(cpu: str | None, memory: str | None) -> None:
    """Refuse a task size that Fargate does not have.

    Raises:
        EcsClientException: with ECS's message.
    """
    if cpu is None:
        raise EcsClientException("Fargate requires that 'cpu' be defined at the task level.")
    if memory is None:
        raise EcsClientException("Fargate requires that 'memory' be defined at the task level.")
    if not (str(cpu).isdigit() and str(memory).isdigit()):
        raise EcsClientException("Invalid 'cpu' setting for task.")
    if not has_fargate_size(int(cpu), int(memory)):
        raise EcsClientException(
            f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. "
            "See the Amazon ECS documentation for the valid values."
        )


def has_fargate_size(cpu_units: int, memory_mib: int) -> bool:
    """Say whether Fargate has the size; 256 units have 512, 1024 and 2048 MiB."""
    if cpu_units not in _FARGATE_MEMORY or (cpu_units, memory_mib) == (256, 1536):
        return False
    lowest, highest, step = _FARGATE_MEMORY[cpu_units]
    return lowest <= memory_mib <= highest and memory_mib % step == 0
