"""What the stand-in reads of the collector's configuration, and what it cannot do of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class UnusableConfig(Exception):
    """A configuration that this stand-in cannot follow, with the reason."""


@dataclass(frozen=True)
class Config:
    """The port of OTLP over HTTP, where segments go, and what of a span is searchable."""

    http_port: int
    region: str
    indexed: frozenset[str]


def read_config(text: str) -> Config:
    """Read AOT_CONFIG_CONTENT; JSON only, which is what `infrastructure/` writes.

    Raises:
        UnusableConfig: it is missing, broken, or its traces do not go from OTLP to X-Ray.
    """
    try:
        config = json.loads(text)
        pipeline = config["service"]["pipelines"]["traces"]
        for kind, name in (("receivers", "otlp"), ("exporters", "awsxray")):
            _check(config, pipeline, kind, name)
        for name in pipeline.get("processors") or ():
            _check(config, pipeline, "processors", name)
        exporter = config["exporters"]["awsxray"] or {}
        endpoint = config["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
        return Config(
            http_port=int(endpoint.rpartition(":")[2]),
            region=str(exporter["region"]),
            indexed=frozenset(exporter.get("indexed_attributes") or ()),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnusableConfig(f"AOT_CONFIG_CONTENT cannot be followed: {error!r}") from error


def _check(config: Mapping[str, Any], pipeline: Mapping[str, Any], kind: str, name: str) -> None:
    if name not in pipeline[kind]:
        raise UnusableConfig(f"traces have no {name} among their {kind}")
    if name not in config[kind]:
        raise UnusableConfig(f"{kind} do not define {name}")
