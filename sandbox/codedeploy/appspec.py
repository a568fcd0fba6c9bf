"""Read an AppSpec for ECS, JSON or YAML; keys compare without case."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from sandbox.codedeploy.lifecycle import EVENT_NAMES, HOOKABLE

_PREFIX = (
    "The deployment failed because the AppSpec file that specifies the deployment configuration"
    " is missing or has an invalid configuration."
)


class InvalidAppSpec(Exception):
    """The AppSpec cannot be used; the text is what GetDeployment shows."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"{_PREFIX} {detail}")


@dataclass(frozen=True)
class AppSpec:
    """What an AppSpec asks for. `hooks` maps a lifecycle event to a Lambda function."""

    task_definition: str
    container_name: str
    container_port: int
    hooks: Mapping[str, str] = field(default_factory=dict)
    platform_version: str | None = None
    network_configuration: Mapping[str, Any] | None = None
    capacity_provider_strategy: tuple[Mapping[str, Any], ...] = ()


def read_appspec(content: str) -> AppSpec:
    """Return what the content says.

    Raises:
        InvalidAppSpec: it does not parse, or lacks a required value.
    """
    document = _parsed(content)
    if not isinstance(document, Mapping):
        raise InvalidAppSpec("The input AppSpec file is empty or is not a mapping.")
    properties = _service_properties(document)
    balancer = _value(properties, "LoadBalancerInfo", Mapping)
    return AppSpec(
        task_definition=_value(properties, "TaskDefinition", str),
        container_name=_value(balancer, "ContainerName", str),
        container_port=_port(_get(balancer, "ContainerPort")),
        hooks=_hooks(document),
        platform_version=_get(properties, "PlatformVersion"),
        network_configuration=_network(_get(properties, "NetworkConfiguration")),
        capacity_provider_strategy=_capacity(_get(properties, "CapacityProviderStrategy")),
    )


def _parsed(content: str) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        pass
    try:
        return yaml.safe_load(content)
    except yaml.YAMLError as error:
        text = "The input AppSpec file is a not well-formed yaml. The template cannot be parsed."
        raise InvalidAppSpec(text) from error


def _service_properties(document: Mapping[str, Any]) -> Mapping[str, Any]:
    resources = _get(document, "Resources")
    if not isinstance(resources, list) or len(resources) != 1:
        raise InvalidAppSpec("Resources must be a list with exactly one resource.")
    first = resources[0]
    resource = next(iter(first.values()), None) if isinstance(first, Mapping) else None
    if not isinstance(resource, Mapping) or _get(resource, "Type") != "AWS::ECS::Service":
        raise InvalidAppSpec("The resource must be of the type AWS::ECS::Service.")
    properties: Mapping[str, Any] = _value(resource, "Properties", Mapping)
    return properties


def _hooks(document: Mapping[str, Any]) -> dict[str, str]:
    names = {name.lower(): name for name in EVENT_NAMES}
    found: dict[str, str] = {}
    for entry in _get(document, "Hooks") or []:
        for key, function in dict(entry).items():
            event = names.get(str(key).lower())
            if event not in HOOKABLE or not isinstance(function, str):
                raise InvalidAppSpec(f"{key} is not a lifecycle event that can run a function.")
            found[event] = function
    return found


def _network(value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    vpc = _value(value, "AwsvpcConfiguration", Mapping)
    named = {
        "subnets": _get(vpc, "Subnets"),
        "securityGroups": _get(vpc, "SecurityGroups"),
        "assignPublicIp": _get(vpc, "AssignPublicIp"),
    }
    return {"awsvpcConfiguration": {key: item for key, item in named.items() if item is not None}}


def _capacity(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(
        {key[:1].lower() + key[1:]: item for key, item in dict(entry).items()}
        for entry in value or []
    )


def _get(mapping: Any, key: str) -> Any:
    if not isinstance(mapping, Mapping):
        return None
    return next((v for k, v in mapping.items() if str(k).lower() == key.lower()), None)


def _value(mapping: Any, key: str, kind: type[Any]) -> Any:
    value = _get(mapping, key)
    if not isinstance(value, kind) or not value:
        raise InvalidAppSpec(f"The property {key} is missing or has a wrong type.")
    return value


def _port(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdecimal():
        raise InvalidAppSpec("The property ContainerPort is missing or has a wrong type.")
    return int(value)
