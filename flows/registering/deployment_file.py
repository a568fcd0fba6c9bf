"""deployments.yaml for one work pool: which pool it is, and what Prefect is to apply.

Values of an environment are named `{{ platform.… }}`, a path in the document that its platform
publishes. Prefect leaves empty what it cannot fill in; here that is an error.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from pydantic import JsonValue

from delightful.errors import ConfigError
from delightful.frozen import Frozen

PoolType = Literal["process", "ecs"]
FILE = "deployments.yaml"

_PLACEHOLDER = re.compile(r"\{\{\s*platform\.([a-z0-9_.]+)\s*\}\}")


class WorkPool(Frozen):
    """A work pool: its name, its type, and the job variables that every run in it has."""

    name: str
    type: PoolType
    description: str
    job_variables: dict[str, JsonValue]


def work_pool(
    document: Mapping[str, Any], pool_type: PoolType, platform: Mapping[str, JsonValue]
) -> WorkPool:
    """Return the pool of a type, its values taken from what the platform publishes.

    Raises:
        ConfigError: E_DEPLOYMENTS, the platform does not publish a value, or publishes an empty
            one.
    """
    written = document["definitions"]["work_pools"][pool_type]
    return WorkPool.model_validate(
        {"type": pool_type, **cast(dict[str, Any], _filled(written, platform))}
    )


def deployments_for(
    document: Mapping[str, Any], pool: WorkPool, environment: str, services: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the document with every Prefect deployment in one pool, for one environment.

    Each schedule becomes one for each of the services, named by its slug; one that names its
    environments is left out of all others.

    A task of an ECS pool has the project's files in its working directory, wherever that is; a
    process finds them where the file is applied, which is Prefect's own default.

    Raises:
        ConfigError: E_DEPLOYMENTS, a placeholder is left that Prefect would make empty.
    """
    prepared = {
        **{name: value for name, value in document.items() if name != "definitions"},
        "deployments": [
            _in_pool(one, pool, environment) | _schedules(one, environment, services)
            for one in document["deployments"]
        ],
    }
    if pool.type == "ecs":
        step = {"prefect.deployments.steps.set_working_directory": {"directory": "."}}
        prepared["pull"] = [step]
    _refuse_placeholders(prepared)
    return prepared


def _in_pool(deployment: Mapping[str, Any], pool: WorkPool, environment: str) -> dict[str, Any]:
    return {
        **deployment,
        "work_pool": {**deployment["work_pool"], "name": pool.name},
        "parameters": {**deployment["parameters"], "environment": environment},
    }


def _schedules(
    deployment: Mapping[str, Any], environment: str, services: Sequence[str]
) -> dict[str, Any]:
    if "schedules" not in deployment:
        return {}
    return {
        "schedules": [
            {**_without_environments(schedule), "slug": name, "parameters": {"service": name}}
            for schedule in deployment["schedules"]
            if environment in schedule.get("environments", (environment,))
            for name in services
        ]
    }


def _without_environments(schedule: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schedule.items() if name != "environments"}


def _filled(value: Any, platform: Mapping[str, JsonValue]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, platform) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, platform) for one in value]
    if not isinstance(value, str) or "{{" not in value:
        return value
    named = _PLACEHOLDER.fullmatch(value)
    if named is None:
        raise _unknown(value)
    return _published(platform, named[1])


def _published(platform: Mapping[str, JsonValue], path: str) -> JsonValue:
    found: Any = platform
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    if found in (None, "", []):
        raise ConfigError(
            "E_DEPLOYMENTS",
            f"{FILE}: {path} is wanted for the work pool, and the platform does not publish it",
            hint="apply infrastructure/platform of the environment with its Prefect, then register",
        )
    return cast(JsonValue, found)


def _refuse_placeholders(value: Any) -> None:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            _refuse_placeholders(one)
    elif isinstance(value, str) and "{{" in value:
        raise _unknown(value)


def _unknown(value: str) -> ConfigError:
    return ConfigError(
        "E_DEPLOYMENTS",
        f"{FILE}: {value} is no value that is known here, and Prefect would leave it empty",
        hint="write the value out, or name one that the platform publishes: {{ platform.… }}",
    )
