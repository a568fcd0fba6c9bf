"""The inputs of `infrastructure/service`, merged in their order of precedence."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from delightful.errors import ConfigError
from delightful.fargate import pair_fault
from delightful.manifest import Manifest
from delightful.release import Image
from delightful.text import escaped

Variables = Mapping[str, JsonValue]

# All that an analysis may suggest: sizes, waits and thresholds of the service itself, never who
# reaches it, what runs in it or under which name.
RECOMMENDABLE = frozenset(
    {
        "container_port",
        "start_command",
        "cpu_units",
        "memory_mib",
        "desired_count",
        "environment_variables",
        "health_check",
        "health_check_grace_seconds",
        "deployment_strategy",
        "deployment_configuration",
        "termination_wait_minutes",
        "deregistration_delay_seconds",
        "log_retention_days",
        "alarm_error_rate_percent",
        "alarm_latency_p99_seconds",
        "alarm_unhealthy_minutes",
        "xray_sampling_rate",
    }
)

# What a service keeps its data in, and how safely.
STORES = frozenset({"database", "database_settings", "cache", "cache_settings"})

_TOP_LEVEL = {
    "port": "container_port",
    "start_command": "start_command",
    "cpu_units": "cpu_units",
    "memory_mib": "memory_mib",
    "desired_count": "desired_count",
    "scaling": "scaling",
    "tracing": "tracing",
    "log_retention_days": "log_retention_days",
    "health_check": "health_check",
    "environment": "environment_variables",
    "secrets": "secrets",
    "database": "database",
    "cache": "cache",
}
_ROLLOUT = {
    "strategy": "deployment_strategy",
    "configuration": "deployment_configuration",
    "termination_wait_minutes": "termination_wait_minutes",
}


def service_variables(
    *, environment: Variables, recommended: Variables, manifest: Manifest, image: Image
) -> dict[str, JsonValue]:
    """Return the complete inputs of one apply: each source wins over the one before it.

    `environment` holds the values of `infrastructure/environments/<name>/service.tfvars`, its name
    under "environment" among them; then come the reviewed recommendation and what the manifest says
    explicitly. Maps (environment variables, secrets, scaling, health check) are merged key by
    key. The
    image's tag and digest are added last.

    Raises:
        ConfigError: E_TFVARS, the recommendation sets what it may not; E_PAIR, what comes from
            different sources does not go together: cpu and memory, or a scaling by requests and
            blue/green.
    """
    forbidden = sorted(recommended.keys() - RECOMMENDABLE)
    if forbidden:
        raise ConfigError(
            "E_TFVARS",
            f"recommendation {escaped(forbidden[0])}: not the analyzer's to set "
            f"(allowed {', '.join(sorted(RECOMMENDABLE))})",
            hint="take the key out of terraform.tfvars.json, or analyze again",
        )
    merged: dict[str, JsonValue] = dict(environment)
    for source in (recommended, manifest_variables(manifest)):
        merged = _merged(merged, source)
    _check_size(merged)
    _check_scaling(merged)
    return merged | {
        "service": manifest.service,
        "image_tag": image.tag,
        "image_digest": image.digest,
    }


def manifest_variables(manifest: Manifest) -> dict[str, JsonValue]:
    """Return the manifest's explicit values under the names that Terraform knows."""
    given: dict[str, Any] = manifest.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    rollout = given.get("rollout", {})
    return {
        **{name: given[key] for key, name in _TOP_LEVEL.items() if key in given},
        **{name: rollout[key] for key, name in _ROLLOUT.items() if key in rollout},
    }


def restored_variables(earlier: Variables, now: Variables) -> dict[str, JsonValue]:
    """Return an earlier release's inputs, with the stores as they are now.

    An earlier release that asked for no database must not delete one; a store that is there no
    more is asked for as it was.
    """
    kept = {name: now[name] for name in STORES if now.get(name) is not None}
    return {**earlier, **kept}


def without_stores(variables: Variables) -> dict[str, JsonValue]:
    """Return what of the inputs comes back with an earlier release."""
    return {name: value for name, value in variables.items() if name not in STORES}


def variables_in(document: JsonValue, file: str) -> dict[str, JsonValue]:
    """Return the variables of a `terraform.tfvars.json` that was read.

    Raises:
        ConfigError: E_TFVARS, it is no mapping.
    """
    if not isinstance(document, dict):
        raise ConfigError(
            "E_TFVARS", f"{escaped(file)}: not a JSON object", hint="analyze the commit again"
        )
    return document


def sha256_of(variables: Variables) -> str:
    """Return the hex digest of the variables' canonical JSON: equal inputs, equal digest."""
    text = json.dumps(variables, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _merged(below: Variables, above: Variables) -> dict[str, JsonValue]:
    merged = dict(below)
    for name, value in above.items():
        under = merged.get(name)
        both = isinstance(under, dict) and isinstance(value, dict)
        merged[name] = {**under, **value} if both else value  # type: ignore[dict-item]
    return merged


def _check_size(variables: Variables) -> None:
    cpu, memory = variables.get("cpu_units"), variables.get("memory_mib")
    if not isinstance(cpu, int) or not isinstance(memory, int):
        return
    allowed = pair_fault(cpu, memory)
    if allowed is not None:
        raise ConfigError(
            "E_PAIR",
            f"memory_mib: Fargate does not sell this size (got {memory}, allowed {allowed})",
            hint="set cpu_units and memory_mib together in .delightful.yaml",
        )


def _check_scaling(variables: Variables) -> None:
    scaling = variables.get("scaling")
    counts = isinstance(scaling, dict) and scaling.get("requests_per_task") is not None
    if counts and variables.get("deployment_strategy", "blue_green") != "rolling":
        raise ConfigError(
            "E_PAIR",
            "scaling.requests_per_task: counts the requests of one target group, and blue_green "
            "moves from one to the other (allowed with rollout.strategy rolling)",
            hint="keep to cpu_percent or memory_percent in .delightful.yaml, or deploy by rolling",
        )
