"""The real Terraform against the sandbox: applied, planned again, destroyed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import boto3
import pytest
from pydantic import JsonValue

from blocks.delivery_environment import DeliveryEnvironment
from blocks.terraform.stack import TerraformStack
from delightful.reading.tfvars import read_tfvars
from delightful.release import StackOutputs
from rehearsal.preparation import INFRASTRUCTURE, sandbox_environment
from sandbox.description import SandboxDescription

Strategy = Literal["blue_green", "rolling"]
STRATEGIES: tuple[Strategy, ...] = ("blue_green", "rolling")
ENVIRONMENT = "bench"
PORTS = {"blue_green": 18080, "rolling": 18180}
SCALING: dict[Strategy, dict[str, JsonValue]] = {
    "blue_green": {"min_count": 1, "max_count": 4, "cpu_percent": 60, "memory_percent": 70},
    "rolling": {"min_count": 1, "max_count": 4, "requests_per_task": 1000},
}

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]


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


def test_applies_plans_empty_and_destroys(
    environment: DeliveryEnvironment, sandbox: SandboxDescription
) -> None:
    """Either strategy comes up, is stable under a second plan and a shift, and leaves nothing."""
    with ThreadPoolExecutor(max_workers=len(STRATEGIES)) as pool:
        lives = [pool.submit(live_and_die, environment, sandbox, way) for way in STRATEGIES]
    for life in lives:
        life.result()


def live_and_die(
    environment: DeliveryEnvironment, sandbox: SandboxDescription, strategy: Strategy
) -> None:
    """Take one service through all of its infrastructure's life."""
    service = f"life-{strategy.replace('_', '-')}"
    registry, stack = environment.stack("registry", service), environment.stack("service", service)
    apply(registry, {"service": service})
    assert not registry.plan({"service": service}).has_changes
    first = release(service, strategy, "1")
    outputs = StackOutputs.model_validate(apply(stack, first))
    assert_fits(outputs, strategy)
    if strategy == "blue_green":
        shift_to_green(outputs, sandbox)
    scale_out(outputs, sandbox)
    assert not stack.plan(first).has_changes
    assert_releases_without_touching_the_rest(stack, release(service, strategy, "2"))
    # A rollback applies the inputs of an earlier release: its number of tasks is not among them.
    assert_releases_without_touching_the_rest(stack, first)
    assert desired_count(outputs, sandbox) == 2
    stack.destroy(first)
    registry.destroy({"service": service})
    assert left_of(service, sandbox) == {"task definitions": 3}


def apply(stack: TerraformStack, variables: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Plan and apply, and return the outputs."""
    return stack.apply(stack.plan(variables)).outputs


def release(service: str, strategy: Strategy, mark: str) -> dict[str, JsonValue]:
    """Return the inputs of one release; its image is never pulled."""
    file = INFRASTRUCTURE / "environments" / "sandbox" / "service.tfvars"
    return read_tfvars(file.read_text(), file.name) | {
        "service": service,
        "environment": ENVIRONMENT,
        "image_tag": mark * 40,
        "image_digest": f"sha256:{mark * 64}",
        "deployment_strategy": strategy,
        "listener_port": PORTS[strategy],
        "test_listener_port": PORTS[strategy] + 1,
        "scaling": SCALING[strategy],
    }


def assert_fits(outputs: StackOutputs, strategy: Strategy) -> None:
    """Rolling has one target group and no CodeDeploy; blue/green has two of each and a test URL."""
    is_blue_green = strategy == "blue_green"
    assert len(outputs.target_group_arns) == (2 if is_blue_green else 1)
    assert len(outputs.alarm_names) == 3 * len(outputs.target_group_arns)
    assert (outputs.codedeploy_application_name is not None) == is_blue_green
    assert (outputs.test_listener_arn is not None) == is_blue_green
    assert (outputs.test_url is not None) == is_blue_green
    assert outputs.url.endswith(f":{PORTS[strategy]}")


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


def client(sandbox: SandboxDescription, service: str) -> Any:
    """Return a client of the sandbox."""
    return boto3.client(
        service,
        endpoint_url=sandbox.aws_endpoint_url,
        region_name=sandbox.region,
        aws_access_key_id=sandbox.access_key_id,
        aws_secret_access_key=sandbox.secret_access_key,
    )


def left_of(service: str, sandbox: SandboxDescription) -> dict[str, int]:
    """Count what bears the service's name in the account, by kind; nothing found is left out."""
    found = {kind: sum(service in name for name in names) for kind, names in everything(sandbox)}
    assert len(found) == 14
    return {kind: number for kind, number in found.items() if number}


def everything(sandbox: SandboxDescription) -> Iterator[tuple[str, list[str]]]:
    """Yield the names of all resources of the kinds that a service makes."""
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
