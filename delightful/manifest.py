"""The manifest `.delightful.yaml`: what a service says about itself, and always wins."""

import json
import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    WithJsonSchema,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from delightful.environment import (
    CACHE_VARIABLES,
    DATABASE_VARIABLES,
    REFERENCE_ARN_PATTERN,
    VARIABLE_PATTERN,
    is_secret_looking,
    is_secret_reference,
    variable_fault,
)
from delightful.fargate import pair_fault
from delightful.frozen import Frozen
from delightful.names import SERVICE_PATTERN, service_name_fault
from delightful.reading.path import URL_PATH_LENGTH, URL_PATH_PATTERN, url_path_fault


def _rule(code: str, reason: str, *, key: str = "", allowed: str = "") -> PydanticCustomError:
    # `code` is ours and stable; the reader of the file adds where the value stands.
    return PydanticCustomError(code, "{reason}", {"reason": reason, "key": key, "allowed": allowed})


def _service_name(text: str) -> str:
    allowed = service_name_fault(text)
    if allowed is not None:
        raise _rule("E_NAME", "not a service name", allowed=allowed)
    return text


def _url_path(text: str) -> str:
    reason = url_path_fault(text)
    if reason is not None:
        raise _rule("E_PATH", reason)
    return text


def _variable_name(text: str) -> str:
    reason = variable_fault(text)
    if reason is not None:
        raise _rule("E_ENV", reason)
    return text


def _secret_reference(text: str) -> str:
    if not is_secret_reference(text):
        raise _rule(
            "E_SECRET", "not a reference", allowed="the ARN of a secret or an SSM parameter"
        )
    return text


def _matcher(text: str) -> str:
    low, _, high = text.partition("-")
    if high and low > high:
        raise _rule("E_RANGE", "the range ends before it begins")
    return text


def _plain_date(value: object) -> object:
    # Pydantic would take a moment, or a count of seconds, for a date as well.
    if type(value) is date:
        return value
    try:
        if isinstance(value, str) and re.fullmatch(DATE_PATTERN, value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _rule("E_TYPE", "not a date", allowed="a date such as 2026-12-31, quoted")


def _no_secret_literals(variables: dict[str, str]) -> dict[str, str]:
    for name, value in variables.items():
        if is_secret_looking(name, value):
            raise _rule("E_SECRET", "looks like a secret: name it under `secrets`", key=name)
    return variables


DATE_PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
Day = Annotated[
    date,
    BeforeValidator(_plain_date),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{DATE_PATTERN}$"}),
]
ServiceName = Annotated[
    str,
    AfterValidator(_service_name),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^(?!internal-){SERVICE_PATTERN}$",
            "minLength": 2,
            "maxLength": 31,
        }
    ),
]
UrlPath = Annotated[
    str,
    AfterValidator(_url_path),
    WithJsonSchema(
        {"type": "string", "pattern": f"^{URL_PATH_PATTERN}$", "maxLength": URL_PATH_LENGTH}
    ),
]
Matcher = Annotated[
    str, StringConstraints(pattern=r"^[2-4][0-9]{2}(-[2-4][0-9]{2})?$"), AfterValidator(_matcher)
]
RelativePath = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", max_length=255)
]
Command = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1, max_length=1024)], ...],
    Field(min_length=1, max_length=64),
]
VariableName = Annotated[
    str,
    AfterValidator(_variable_name),
    WithJsonSchema({"type": "string", "pattern": f"^{VARIABLE_PATTERN}$"}),
]
EnvironmentVariables = Annotated[
    dict[VariableName, Annotated[str, StringConstraints(max_length=4096)]],
    Field(max_length=100, json_schema_extra={"additionalProperties": False}),
    AfterValidator(_no_secret_literals),
]
SecretReferences = Annotated[
    dict[
        VariableName,
        Annotated[
            str,
            AfterValidator(_secret_reference),
            WithJsonSchema({"type": "string", "pattern": f"^{REFERENCE_ARN_PATTERN}$"}),
        ],
    ],
    Field(max_length=100, json_schema_extra={"additionalProperties": False}),
]

DeploymentConfiguration = Literal[
    "CodeDeployDefault.ECSAllAtOnce",
    "CodeDeployDefault.ECSCanary10Percent5Minutes",
    "CodeDeployDefault.ECSCanary10Percent15Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
]


# By engine: the pattern of its versions, and how to say it.
DATABASE_VERSIONS = {
    "postgres": (r"1[4-9](\.[0-9]+)?", "14 or later, with a minor version or without: 16, 16.4"),
    "mysql": (r"8\.[04](\.[0-9]+)?", "8.0 or 8.4, with a patch or without: 8.4, 8.4.3"),
}


class Said(Frozen):
    """A part of the manifest; it is written out as it was said, without the defaults.

    A stored manifest would otherwise come back with every default made explicit, and explicit
    values win over the environment's and the analyzer's.
    """

    @model_serializer(mode="wrap")
    def _only_what_was_said(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        return {name: value for name, value in written.items() if name in self.model_fields_set}


class HealthCheck(Said):
    """How the load balancer decides that a task may have traffic."""

    path: UrlPath = Field(default="/", description="Path that the load balancer asks.")
    matcher: Matcher = Field(
        default="200-399", description="Status, or range of them, that counts as healthy."
    )
    interval_seconds: int = Field(
        default=10, ge=5, le=300, description="Time between two health checks."
    )
    timeout_seconds: int = Field(
        default=5, ge=2, le=120, description="How long one may take; less than the interval."
    )
    healthy_threshold: int = Field(
        default=2, ge=2, le=10, description="Good answers in a row that make a task healthy."
    )
    unhealthy_threshold: int = Field(
        default=2, ge=2, le=10, description="Bad answers in a row that make it unhealthy."
    )

    @model_validator(mode="after")
    def _timeout_within_interval(self) -> Self:
        if self.timeout_seconds >= self.interval_seconds:
            allowed = f"less than interval_seconds, {self.interval_seconds}"
            key = "timeout_seconds"
            raise _rule("E_PAIR", "longer than the interval", key=key, allowed=allowed)
        return self


class Database(Said):
    """A database of the service's own; the environment decides its size and its safety."""

    engine: Literal["postgres", "mysql"] = Field(description="PostgreSQL or MySQL.")
    version: (
        Annotated[str, StringConstraints(pattern=r"^[0-9]{1,2}(\.[0-9]{1,3}){0,2}$")] | None
    ) = Field(
        default=None,
        description="Version of the engine, a minor one may follow; left out: 16, or 8.4 of MySQL.",
    )

    @model_validator(mode="after")
    def _version_of_the_engine(self) -> Self:
        pattern, allowed = DATABASE_VERSIONS[self.engine]
        if self.version is not None and not re.fullmatch(pattern, self.version):
            reason = f"no version of {self.engine}"
            raise _rule("E_PAIR", reason, key="version", allowed=allowed)
        return self


class Cache(Said):
    """A cache of the service's own; the environment decides its size and its safety."""

    engine: Literal["redis"] = Field(description="Redis.")


class Build(Said):
    """How the image is made."""

    dockerfile: RelativePath = Field(
        default="Dockerfile", description="Dockerfile, relative to the context."
    )
    context: RelativePath = Field(
        default=".", description="Folder that is sent to the build, relative to the manifest."
    )
    test_command: Command | None = Field(
        default=None, description="Command that tests the service before its image is pushed."
    )

    @model_validator(mode="after")
    def _inside_the_repository(self) -> Self:
        for key, path in (("dockerfile", self.dockerfile), ("context", self.context)):
            if ".." in path.split("/"):
                raise _rule("E_PATH", "leads out of the repository", key=key)
        return self


class Scaling(Said):
    """Between which bounds the number of tasks follows the load, and what it keeps to."""

    min_count: int | None = Field(default=None, ge=1, le=100, description="Fewest tasks.")
    max_count: int | None = Field(default=None, ge=1, le=100, description="Most tasks.")
    cpu_percent: int | None = Field(
        default=None, ge=10, le=95, description="Average CPU of the tasks to keep to."
    )
    memory_percent: int | None = Field(
        default=None, ge=10, le=95, description="Average memory of the tasks to keep to."
    )
    requests_per_task: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Requests a minute that one task shall have; for rolling only.",
    )

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        low, high = self.min_count, self.max_count
        if low is not None and high is not None and low > high:
            allowed = f"at least min_count, {low}"
            raise _rule("E_PAIR", "less than the fewest", key="max_count", allowed=allowed)
        return self


class Traffic(Said):
    """What the service is expected to bear; its size is worked out from it."""

    requests_per_second: int = Field(
        ge=1, le=100_000, description="Requests a second in the busiest minute of a usual day."
    )


class RolloutSettings(Said):
    """How traffic moves, and how long a new release is watched before it is good."""

    strategy: Literal["blue_green", "rolling"] = Field(
        default="blue_green", description="CodeDeploy blue/green, or ECS's own rolling update."
    )
    configuration: DeploymentConfiguration = Field(
        default="CodeDeployDefault.ECSAllAtOnce", description="In which steps traffic moves."
    )
    healthy_timeout_seconds: int = Field(
        default=300, ge=10, le=3600, description="How long new tasks may take to become healthy."
    )
    bake_seconds: int = Field(
        default=60, ge=0, le=86400, description="How long alarms are watched under full traffic."
    )
    termination_wait_minutes: int = Field(
        default=15, ge=0, le=2880, description="How long the earlier tasks stay up afterwards."
    )


class SmokeTest(Said):
    """One request that proves that the new release answers, before and after it has traffic."""

    path: UrlPath = Field(default="/", description="Path that is asked.")
    status: int = Field(default=200, ge=100, le=599, description="Status that must come back.")
    timeout_seconds: int = Field(
        default=5, ge=1, le=60, description="How long the whole answer may take."
    )


class Allowance(Said):
    """One advisory that is known and borne for a while."""

    advisory: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{2,99}$")] = (
        Field(description="Id of the advisory, or one of its aliases: GHSA, CVE or PYSEC.")
    )
    reason: Annotated[str, StringConstraints(min_length=10, max_length=500)] = Field(
        description="Why it does no harm here."
    )
    until: Day = Field(description="Last day on which it is borne, as YYYY-MM-DD.")


class CompositionPolicy(Said):
    """What composition analysis lets through, where an environment asks for it."""

    severity: Literal["low", "medium", "high", "critical"] = Field(
        default="high", description="Mildest severity that counts; what is not rated counts always."
    )
    allow: Annotated[tuple[Allowance, ...], Field(max_length=100)] = Field(
        default=(), description="Advisories that are known and borne, each for a while."
    )


class Manifest(Said):
    """What a service says about itself. What is left out is recommended by the analyzer."""

    version: Literal[1] = Field(default=1, description="Version of this format.")
    service: ServiceName = Field(description="Name of the service and of its image repository.")
    port: int | None = Field(
        default=None, ge=1, le=65535, description="Port the container listens on."
    )
    start_command: Command | None = Field(
        default=None, description="Command that starts the service, instead of the image's own."
    )
    cpu_units: Literal[256, 512, 1024, 2048, 4096, 8192, 16384] | None = Field(
        default=None, description="CPU of one task; 1024 is one core."
    )
    memory_mib: int | None = Field(
        default=None, ge=512, le=122880, description="Memory of one task, legal with its CPU."
    )
    desired_count: int | None = Field(
        default=None, ge=1, le=100, description="How many tasks the service starts with."
    )
    scaling: Scaling = Field(
        default=Scaling(), description="How the number of tasks follows the load."
    )
    traffic: Traffic | None = Field(
        default=None, description="What the service is expected to bear."
    )
    tracing: bool | None = Field(
        default=None, description="Whether a collector beside the container brings traces to X-Ray."
    )
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 180, 365] | None = Field(
        default=None, description="How long logs are kept."
    )
    health_check: HealthCheck | None = Field(
        default=None, description="How the load balancer checks a task."
    )
    environment: EnvironmentVariables = Field(
        default_factory=dict, description="Environment variables of the container; no secrets."
    )
    secrets: SecretReferences = Field(
        default_factory=dict,
        description="Environment variables that ECS fills from Secrets Manager or SSM, by ARN.",
    )
    database: Database | None = Field(
        default=None, description="Database of the service's own; left out: none."
    )
    cache: Cache | None = Field(
        default=None, description="Cache of the service's own; left out: none."
    )
    build: Build = Field(default=Build(), description="How the image is made.")
    release_command: Command | None = Field(
        default=None,
        description="Command that runs once in the new image before any traffic moves to it, such "
        "as a migration.",
    )
    composition: CompositionPolicy = Field(
        default=CompositionPolicy(), description="What composition analysis lets through."
    )
    rollout: RolloutSettings = Field(default=RolloutSettings(), description="How traffic moves.")
    smoke_test: SmokeTest | None = Field(
        default=None, description="The request that proves a release, before and after the shift."
    )

    @model_validator(mode="after")
    def _size_is_sold(self) -> Self:
        allowed = pair_fault(self.cpu_units, self.memory_mib)
        if allowed is not None:
            reason = "Fargate does not sell this size"
            raise _rule("E_PAIR", reason, key="memory_mib", allowed=allowed)
        return self

    @model_validator(mode="after")
    def _starts_within_its_bounds(self) -> Self:
        least, most = self.scaling.min_count or 1, self.scaling.max_count or 100
        if self.desired_count is not None and not least <= self.desired_count <= most:
            allowed = f"{least} to {most}, the bounds of scaling"
            raise _rule("E_PAIR", "outside of its bounds", key="desired_count", allowed=allowed)
        return self

    @model_validator(mode="after")
    def _one_source_for_each_variable(self) -> Self:
        both = sorted(self.environment.keys() & self.secrets.keys())
        if both:
            raise _rule("E_ENV", f"{both[0]} is under `environment` too", key="secrets")
        return self

    @model_validator(mode="after")
    def _stores_are_told_once(self) -> Self:
        for store, names in (("database", DATABASE_VARIABLES), ("cache", CACHE_VARIABLES)):
            if getattr(self, store) is None:
                continue
            for key, variables in (("environment", self.environment), ("secrets", self.secrets)):
                taken = sorted(variables.keys() & names)
                if taken:
                    raise _rule("E_ENV", f"{taken[0]} is what `{store}` sets", key=key)
        return self


def manifest_schema() -> str:
    """Return the JSON Schema that `docs/manifest.schema.json` publishes, so editors complete it."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Manifest.model_json_schema(),
        "title": ".delightful.yaml",
    }
    return json.dumps(schema, indent=2) + "\n"
