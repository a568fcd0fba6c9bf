"""The settings of a service that have a size and a price: recommended ones and running ones."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import JsonValue

from delightful.frozen import Frozen

# The defaults of `infrastructure/service/variables.tf`; a test holds the two together.
DATABASE_DEFAULTS: dict[str, Any] = {
    "instance_class": "db.t4g.micro",
    "storage_gib": 20,
    "multi_az": False,
}
CACHE_DEFAULTS: dict[str, Any] = {"node_type": "cache.t4g.micro", "node_count": 1}
SERVICE_DEFAULTS: dict[str, Any] = {
    "cpu_units": 256,
    "memory_mib": 512,
    "desired_count": 2,
    "deployment_strategy": "blue_green",
    "termination_wait_minutes": 15,
    "log_retention_days": 30,
}
_TARGETS = ("cpu_percent", "memory_percent", "requests_per_task")


class DatabaseSize(Frozen):
    """Size and safety of a database."""

    engine: Literal["postgres", "mysql"]
    instance_class: str
    storage_gib: int
    multi_az: bool = False


class CacheSize(Frozen):
    """Size and safety of a cache."""

    node_type: str
    node_count: int = 1


class Settings(Frozen):
    """What a service runs with, as far as it has a size or a price.

    `requests_per_task` counts a minute, as Application Auto Scaling does.
    """

    cpu_units: int
    memory_mib: int
    min_count: int
    max_count: int
    cpu_percent: int | None = None
    memory_percent: int | None = None
    requests_per_task: int | None = None
    database: DatabaseSize | None = None
    cache: CacheSize | None = None
    deployment_strategy: Literal["blue_green", "rolling"] = "blue_green"
    bake_seconds: int = 60
    termination_wait_minutes: int = 15
    log_retention_days: int = 30


def settings_of(variables: Mapping[str, JsonValue], *, bake_seconds: int = 60) -> Settings:
    """Return the settings that the inputs of one apply of `infrastructure/service` come to."""
    given = {**SERVICE_DEFAULTS, **_said(variables)}
    scaling = _said(given.get("scaling"))
    count = given["desired_count"]
    return Settings(
        cpu_units=given["cpu_units"],
        memory_mib=given["memory_mib"],
        min_count=scaling.get("min_count", count),
        max_count=scaling.get("max_count", count),
        database=_database(given),
        cache=_cache(given),
        deployment_strategy=given["deployment_strategy"],
        bake_seconds=bake_seconds,
        termination_wait_minutes=given["termination_wait_minutes"],
        log_retention_days=given["log_retention_days"],
        **{name: scaling.get(name) for name in _TARGETS},
    )


def _database(given: Mapping[str, Any]) -> DatabaseSize | None:
    engine = _said(given.get("database")).get("engine")
    if engine is None:
        return None
    size = {**DATABASE_DEFAULTS, **_said(given.get("database_settings"))}
    return DatabaseSize(engine=engine, **{name: size[name] for name in DATABASE_DEFAULTS})


def _cache(given: Mapping[str, Any]) -> CacheSize | None:
    if not given.get("cache"):
        return None
    size = {**CACHE_DEFAULTS, **_said(given.get("cache_settings"))}
    return CacheSize(**{name: size[name] for name in CACHE_DEFAULTS})


def _said(value: object) -> dict[str, Any]:
    # Terraform writes an unset attribute as null: the default holds, as if it were absent.
    entries = value.items() if isinstance(value, Mapping) else ()
    return {name: entry for name, entry in entries if entry is not None}
