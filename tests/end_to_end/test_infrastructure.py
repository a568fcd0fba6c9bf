"""The real Terraform against the sandbox: applied, planned again, destroyed, swept."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from pydantic import JsonValue

from blocks.delivery_environment import DeliveryEnvironment
from blocks.terraform.stack import TerraformStack
from delightful.release import StackOutputs
from rehearsal.preparation import sandbox_environment
from sandbox import lifecycle
from sandbox.description import SandboxDescription
from tests.end_to_end.stacks import ENVIRONMENT, PORTS, Strategy, apply, client, release, stores
from tests.end_to_end.stage import Stage, json_of

# Each strategy with the stores its service asks for, and the port of its database.
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


@contextmanager
def on_platform(sandbox: SandboxDescription, state: Path) -> Iterator[DeliveryEnvironment]:
    """Apply a platform that is stable, yield its environment, and destroy it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(state))
        bench = sandbox_environment(sandbox).model_copy(update={"environment": ENVIRONMENT})
        platform = bench.stack("platform")
        apply(platform, {"environment": ENVIRONMENT})
        assert not platform.plan({"environment": ENVIRONMENT}).has_changes
        yield bench
        platform.destroy({"environment": ENVIRONMENT})


def test_applies_plans_empty_is_destroyed_and_swept(
    environment: DeliveryEnvironment, sandbox: SandboxDescription, tmp_path: Path
) -> None:
    """Either strategy comes up with its stores, stays under a second plan and a shift, and goes.

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
    """Take one service through all of its infrastructure's life; return its name."""
    service = f"life-{strategy.replace('_', '-')}"
    registry, stack = environment.stack("registry", service), environment.stack("service", service)
    apply(registry, {"service": service})
    assert not registry.plan({"service": service}).has_changes
    asked, port = ASKED[strategy]
    first = release(service, strategy, "1") | asked
    outputs = StackOutputs.model_validate(apply(stack, first))
    assert_fits(outputs, strategy)
    assert_is_told_of_its_stores(outputs, sandbox, asked, port)
    assert_lets_in_its_own_tasks_only(service, sandbox, port)
    if strategy == "blue_green":
        shift_to_green(outputs, sandbox)
    scale_out(outputs, sandbox)
    again = stack.plan(first)
    assert [change.address for change in again.summary.changes] == []
    assert not again.has_changes
    assert_releases_without_touching_the_rest(stack, release(service, strategy, "2") | asked)
    # A rollback applies the inputs of an earlier release: its number of tasks is not among them.
    assert_releases_without_touching_the_rest(stack, first)
    assert desired_count(outputs, sandbox) == 2
    stack.destroy(first)
    registry.destroy({"service": service})
    assert left_of(service, sandbox) == {"task definitions": 3}
    return service


def assert_sweeps_what_is_left(person: Stage, service: str) -> None:
    """Said first, then done, then nothing more to do: of either status no revision is left."""
    named = ("sweep", "--service", service, "--environment", ENVIRONMENT, "--json")
    said = person.command(*named, "--dry-run")
    assert said.returncode == 0, said.stderr
    assert [one["reason"] for one in json_of(said)["revisions"]] == ["the service is gone"] * 3
    assert left_of(service, person.sandbox) == {"task definitions": 3}
    done = person.command(*named)
    assert (done.returncode, json_of(done)) == (0, json_of(said))
    assert left_of(service, person.sandbox) == {}
    assert json_of(person.command(*named))["revisions"] == []


def assert_fits(outputs: StackOutputs, strategy: Strategy) -> None:
    """Rolling has one target group and no CodeDeploy; blue/green has two of each and a test URL."""
    is_blue_green = strategy == "blue_green"
    assert len(outputs.target_group_arns) == (2 if is_blue_green else 1)
    assert len(outputs.alarm_names) == 3 * len(outputs.target_group_arns)
    assert (outputs.codedeploy_application_name is not None) == is_blue_green
    assert (outputs.test_listener_arn is not None) == is_blue_green
    assert (outputs.test_url is not None) == is_blue_green
    assert outputs.url.endswith(f":{PORTS[strategy]}")


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


def shift_to_green(outputs: StackOutputs, sandbox: SandboxDescription) -> None:
    """Move all traffic as a rollout engine does; no plan may want to undo it."""
    green = {"Type": "forward", "TargetGroupArn": outputs.target_group_arns[1]}
    balancer = client(sandbox, "elbv2")
    balancer.modify_listener(ListenerArn=outputs.listener_arn, DefaultActions=[green])


def scale_out(outputs: StackOutputs, sandbox: SandboxDescription) -> None:
    """Move the number of tasks as Application Auto Scaling does; no plan may want to undo it."""
    scaler = client(sandbox, "application-autoscaling")
    (target,) = scaler.describe_scalable_targets(
        ServiceNamespace="ecs",
        ResourceIds=[f"service/{outputs.cluster_name}/{outputs.service_name}"],
    )["ScalableTargets"]
    assert target["MaxCapacity"] == 4
    client(sandbox, "ecs").update_service(
        cluster=outputs.cluster_name, service=outputs.service_name, desiredCount=2
    )


def desired_count(outputs: StackOutputs, sandbox: SandboxDescription) -> int:
    """Return how many tasks the service shall have."""
    services = client(sandbox, "ecs").describe_services(
        cluster=outputs.cluster_name, services=[outputs.service_name]
    )["services"]
    return int(services[0]["desiredCount"])


def assert_releases_without_touching_the_rest(
    stack: TerraformStack, variables: dict[str, JsonValue]
) -> None:
    """A new image is a new task definition and nothing else."""
    saved = stack.plan(variables)
    assert [change.type for change in saved.summary.changes] == ["aws_ecs_task_definition"]
    assert saved.summary.dangers == ()
    stack.apply(saved)


def left_of(service: str, sandbox: SandboxDescription) -> dict[str, int]:
    """Count what bears the service's name in the account, by kind; nothing found is left out."""
    found = {kind: sum(service in name for name in names) for kind, names in everything(sandbox)}
    assert len(found) == 23
    return {kind: number for kind, number in found.items() if number}


def everything(sandbox: SandboxDescription) -> Iterator[tuple[str, list[str]]]:
    """Yield the names of all resources of the kinds that a service makes."""
    yield from stores(sandbox)
    balancer, ecs, watch = (client(sandbox, name) for name in ("elbv2", "ecs", "cloudwatch"))
    groups = client(sandbox, "ec2").describe_security_groups()["SecurityGroups"]
    rules = client(sandbox, "xray").get_sampling_rules()["SamplingRuleRecords"]
    logs = client(sandbox, "logs").describe_log_groups()["logGroups"]
    repositories = client(sandbox, "ecr").describe_repositories()["repositories"]
    yield "security groups", [group["GroupName"] for group in groups]
    yield "sampling rules", [rule["SamplingRule"]["RuleName"] for rule in rules]
    yield "log groups", [group["logGroupName"] for group in logs]
    yield "repositories", [repository["repositoryName"] for repository in repositories]
    yield "roles", [role["RoleName"] for role in client(sandbox, "iam").list_roles()["Roles"]]
    yield "applications", client(sandbox, "codedeploy").list_applications()["applications"]
    yield "task definitions", ecs.list_task_definitions()["taskDefinitionArns"]
    yield "services", living_services(ecs)
    yield "alarms", [alarm["AlarmName"] for alarm in watch.describe_alarms()["MetricAlarms"]]
    yield (
        "dashboards",
        [entry["DashboardName"] for entry in watch.list_dashboards()["DashboardEntries"]],
    )
    scaler = client(sandbox, "application-autoscaling")
    targets = scaler.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    yield "scalable targets", [target["ResourceId"] for target in targets]
    policies = scaler.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    yield "scaling policies", [policy["PolicyName"] for policy in policies]
    rds = client(sandbox, "rds")
    subnets = rds.describe_db_subnet_groups()["DBSubnetGroups"]
    yield "database subnet groups", [group["DBSubnetGroupName"] for group in subnets]
    settings = rds.describe_db_parameter_groups()["DBParameterGroups"]
    yield "database parameter groups", [group["DBParameterGroupName"] for group in settings]
    balancers = balancer.describe_load_balancers()["LoadBalancers"]
    yield "load balancers", [entry["LoadBalancerName"] for entry in balancers]
    target_groups = balancer.describe_target_groups()["TargetGroups"]
    yield "target groups", [group["TargetGroupName"] for group in target_groups]


def living_services(ecs: Any) -> list[str]:
    """Return the ECS services that are not yet gone; ECS goes on describing those that are."""
    cluster = f"delightful-{ENVIRONMENT}"
    listed = ecs.list_services(cluster=cluster)["serviceArns"]
    if not listed:
        return []
    services = ecs.describe_services(cluster=cluster, services=listed)["services"]
    return [service["serviceName"] for service in services if service["status"] != "INACTIVE"]
