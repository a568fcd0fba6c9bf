"""The manifest `.delightful.yaml`: what a service says about itself, and always wins."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from delightful.frozen import Frozen

ServiceName = Annotated[str, StringConstraints(pattern=r"\A[a-z][a-z0-9-]{1,30}\Z")]
UrlPath = Annotated[str, StringConstraints(pattern=r"\A/[A-Za-z0-9._~/-]*\Z", max_length=1024)]
Command = Annotated[tuple[str, ...], Field(min_length=1)]
EnvironmentVariables = dict[
    Annotated[str, StringConstraints(pattern=r"\A[A-Za-z_][A-Za-z0-9_]*\Z", max_length=255)], str
]

DeploymentConfiguration = Literal[
    "CodeDeployDefault.ECSAllAtOnce",
    "CodeDeployDefault.ECSCanary10Percent5Minutes",
    "CodeDeployDefault.ECSCanary10Percent15Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
]


class HealthCheck(Frozen):
    """How the load balancer decides that a task may have traffic."""

    path: UrlPath = "/"
    matcher: Annotated[str, StringConstraints(pattern=r"\A[2-4]\d\d(-[2-4]\d\d)?\Z")] = "200-399"
    interval_seconds: Annotated[int, Field(ge=5, le=300)] = 10
    timeout_seconds: Annotated[int, Field(ge=2, le=120)] = 5
    healthy_threshold: Annotated[int, Field(ge=2, le=10)] = 2
    unhealthy_threshold: Annotated[int, Field(ge=2, le=10)] = 2


class Build(Frozen):
    """How the image is made."""

    dockerfile: str = "Dockerfile"
    context: str = "."
    test_command: Command | None = None


class RolloutSettings(Frozen):
    """How traffic moves, and how long a new release is watched before it is good."""

    strategy: Literal["blue_green", "rolling"] = "blue_green"
    configuration: DeploymentConfiguration = "CodeDeployDefault.ECSAllAtOnce"
    healthy_timeout_seconds: Annotated[int, Field(ge=10, le=3600)] = 300
    bake_seconds: Annotated[int, Field(ge=0, le=86400)] = 60
    termination_wait_minutes: Annotated[int, Field(ge=0, le=2880)] = 15


class SmokeTest(Frozen):
    """One request that proves that the new release answers, before and after it has traffic."""

    path: UrlPath = "/"
    status: Annotated[int, Field(ge=100, le=599)] = 200
    timeout_seconds: Annotated[int, Field(ge=1, le=60)] = 5


class Manifest(Frozen):
    """The whole of `.delightful.yaml`. None means: left to the analyzer's recommendation."""

    version: Literal[1] = 1
    service: ServiceName
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    start_command: Command | None = None
    cpu_units: Literal[256, 512, 1024, 2048, 4096, 8192, 16384] | None = None
    memory_mib: Annotated[int, Field(ge=512, le=122880)] | None = None
    desired_count: Annotated[int, Field(ge=1, le=100)] | None = None
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 180, 365] | None = None
    health_check: HealthCheck | None = None
    environment: EnvironmentVariables = Field(default_factory=dict)
    secrets: EnvironmentVariables = Field(default_factory=dict)
    build: Build = Build()
    rollout: RolloutSettings = RolloutSettings()
    smoke_test: SmokeTest | None = None
