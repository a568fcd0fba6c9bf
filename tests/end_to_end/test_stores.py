"""Services with stores of their own, for real: applied, planned again, destroyed."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from pydantic import JsonValue

from blocks.delivery_environment import DeliveryEnvironment
from delightful.release import StackOutputs
from sandbox import lifecycle
from sandbox.description import SandboxDescription
from tests.end_to_end.stage import Stage, json_of
from tests.end_to_end.test_infrastructure import (
    ENVIRONMENT,
    Strategy,
    apply,
    client,
    left_of,
    on_platform,
    release,
    shift_to_green,
)
from tests.end_to_end.test_platform import stores

# Each with what it asks for, and the port of its database.
ASKED: dict[Strategy, tuple[dict[str, JsonValue], int]] = {
    "blue_green": (
        {"database": {"engine": "postgres", "version": "16"}, "cache": {"engine": "redis"}},
        5432,
    ),
    "rolling": ({"database": {"engine": "mysql"}}, 3306),
}

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def sandbox(sandbox_with_prefect: SandboxDescription) -> SandboxDescription:
    """Return a sandbox whose Prefect knows its environments: the sweep is a flow."""
    return sandbox_with_prefect


@pytest.fixture(scope="module")
def environment(
    sandbox: SandboxDescription, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeliveryEnvironment]:
    """Return an environment of its own in the sandbox, with a platform that is gone afterwards."""
    with on_platform(sandbox, tmp_path_factory.mktemp("state")) as bench:
        yield bench


def test_stores_apply_plan_empty_and_are_destroyed(
    environment: DeliveryEnvironment, sandbox: SandboxDescription, tmp_path: Path
) -> None:
    """Blue/green with PostgreSQL and Redis, rolling with MySQL: each is stable, and goes whole.

    What releases could be rolled back to outlives the destroy; the sweep takes that too.
    """
    with ThreadPoolExecutor(max_workers=len(ASKED)) as pool:
        lives = [pool.submit(live_and_die, environment, sandbox, way) for way in ASKED]
    services = [life.result() for life in lives]
    lifecycle.wait_until_ready(sandbox)
    with temporary_settings({PREFECT_API_URL: sandbox.prefect_api_url}):
        environment.save(ENVIRONMENT)
    person = Stage(sandbox, tmp_path)
    for service in services:
        assert_sweeps_what_is_left(person, service)


def live_and_die(
    environment: DeliveryEnvironment, sandbox: SandboxDescription, strategy: Strategy
) -> str:
    """Take one service with its stores through its infrastructure's life; return its name."""
    service = f"store-{strategy.replace('_', '-')}"
    registry, stack = environment.stack("registry", service), environment.stack("service", service)
    apply(registry, {"service": service})
    asked, port = ASKED[strategy]
    inputs = release(service, strategy, "1") | asked
    outputs = StackOutputs.model_validate(apply(stack, inputs))
    if strategy == "blue_green":
        shift_to_green(outputs, sandbox)
    again = stack.plan(inputs)
    assert [change.address for change in again.summary.changes] == []
    assert not again.has_changes
    assert_is_told_of_its_stores(outputs, sandbox, asked, port)
    assert_lets_in_its_own_tasks_only(service, sandbox, port)
    stack.destroy(inputs)
    registry.destroy({"service": service})
    assert left_of(service, sandbox) == {"task definitions": 1}
    assert {kind: names for kind, names in stores_of(service, sandbox).items() if names} == {}
    return service


def assert_sweeps_what_is_left(person: Stage, service: str) -> None:
    """Said first, then done, then nothing more to do: of either status no revision is left."""
    named = ("sweep", "--service", service, "--environment", ENVIRONMENT, "--json")
    said = person.command(*named, "--dry-run")
    assert said.returncode == 0, said.stderr
    assert [one["reason"] for one in json_of(said)["revisions"]] == ["the service is gone"]
    assert left_of(service, person.sandbox) == {"task definitions": 1}
    done = person.command(*named)
    assert (done.returncode, json_of(done)) == (0, json_of(said))
    assert left_of(service, person.sandbox) == {}
    assert json_of(person.command(*named))["revisions"] == []


def assert_is_told_of_its_stores(
    outputs: StackOutputs, sandbox: SandboxDescription, asked: dict[str, JsonValue], port: int
) -> None:
    """The container gets addresses as variables, and the password by a reference that is right."""
    described = client(sandbox, "ecs").describe_task_definition(
        taskDefinition=outputs.task_definition_arn
    )
    (container,) = [
        one
        for one in described["taskDefinition"]["containerDefinitions"]
        if one["name"] == outputs.container_name
    ]
    told = {one["name"]: one["value"] for one in container["environment"]}
    secrets = {one["name"]: one["valueFrom"] for one in container["secrets"]}
    assert told["DATABASE_PORT"] == str(port)
    assert told["DATABASE_HOST"]
    assert ("REDIS_URL" in told) == ("cache" in asked)
    arn, _, key = secrets["DATABASE_PASSWORD"].removesuffix("::").rpartition(":")
    value = client(sandbox, "secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    assert key == "password"
    assert json.loads(value)[key]


def assert_lets_in_its_own_tasks_only(service: str, sandbox: SandboxDescription, port: int) -> None:
    """The database's security group names the tasks' group and its own port, nothing else."""
    groups = client(sandbox, "ec2").describe_security_groups()["SecurityGroups"]
    named: dict[str, Any] = {group["GroupName"]: group for group in groups}
    (rule,) = named[f"{service}-{ENVIRONMENT}-database"]["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["IpRanges"]) == (port, port, [])
    (allowed,) = rule["UserIdGroupPairs"]
    assert allowed["GroupId"] == named[f"{service}-{ENVIRONMENT}-task"]["GroupId"]


def stores_of(service: str, sandbox: SandboxDescription) -> dict[str, list[str]]:
    """Return what holds a service's data, by kind, and what belongs to it."""
    rds = client(sandbox, "rds")
    found = dict(stores(sandbox))
    found["database subnet groups"] = [
        group["DBSubnetGroupName"] for group in rds.describe_db_subnet_groups()["DBSubnetGroups"]
    ]
    found["database parameter groups"] = [
        group["DBParameterGroupName"]
        for group in rds.describe_db_parameter_groups()["DBParameterGroups"]
    ]
    return {kind: [name for name in names if service in name] for kind, names in found.items()}
