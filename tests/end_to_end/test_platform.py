"""The platform with its control plane, for real: applied, planned again, destroyed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import JsonValue

from blocks.delivery_environment import DeliveryEnvironment
from flows.environment import environment_variables
from flows.registering.deployment_file import FILE, work_pool
from flows.registering.registration import PROJECT
from rehearsal.preparation import sandbox_environment
from sandbox.description import SandboxDescription
from tests.end_to_end.stacks import apply, client, stores

ENVIRONMENT = "control"
NAME = f"delightful-{ENVIRONMENT}"

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(900)]


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep Terraform's work directories in the test's own folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def test_control_plane_applies_plans_empty_and_leaves_nothing(sandbox: SandboxDescription) -> None:
    """With staging's own settings it comes up, is stable, is told of tasks, and goes."""
    control, variables = environment(sandbox, ENVIRONMENT, "staging")
    platform = control.stack("platform")
    outputs = apply(platform, variables)
    again = platform.plan(variables)
    assert [change.address for change in again.summary.changes] == []
    assert not again.has_changes
    assert published(sandbox) == {key: outputs.get(key) for key in published(sandbox)}
    assert_says_what_flow_runs_have(sandbox)
    assert_runs_server_services_and_worker(sandbox)
    assert_tells_the_worker_of_its_cluster_alone(sandbox, outputs)
    platform.destroy(variables)
    assert left(sandbox) == {}


def test_production_is_planned_with_its_own_settings(sandbox: SandboxDescription) -> None:
    """What production's variable file says is enough for what production demands."""
    production, variables = environment(sandbox, "production", "production")
    variables["prefect_https"] = {
        "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/0123",
        "domain_name": "prefect.example.com",
    }
    changes = production.stack("platform").plan(variables).summary.changes
    kinds = [change.type for change in changes]
    assert kinds.count("aws_nat_gateway") == 3
    assert kinds.count("aws_ecs_service") == 3
    assert "aws_flow_log" in kinds


def environment(
    sandbox: SandboxDescription, name: str, like: str
) -> tuple[DeliveryEnvironment, dict[str, JsonValue]]:
    """Return an environment with another's settings, and what an account adds to them."""
    made = sandbox_environment(sandbox).model_copy(
        update={"environment": name, "variables_directory": f"environments/{like}"}
    )
    client(sandbox, "secretsmanager").create_secret(
        Name=f"delightful/{name}/prefect-auth", SecretString="prefect:for-this-test"
    )
    image = f"registry.example.com/prefect@sha256:{'1' * 64}"
    images: dict[str, JsonValue] = {"server": image, "worker": image}
    return made, environment_variables(made, "platform") | {
        "prefect_images": images,
        "flow_task_role_arn": f"arn:aws:iam::{sandbox.account}:role/delightful/{name}-worker",
    }


def published(sandbox: SandboxDescription) -> dict[str, Any]:
    """Return what services and clients read."""
    found = client(sandbox, "ssm").get_parameter(Name=f"/delightful/{ENVIRONMENT}/platform")
    document: dict[str, Any] = json.loads(found["Parameter"]["Value"])
    return document


def assert_says_what_flow_runs_have(sandbox: SandboxDescription) -> None:
    """The ECS work pool of deployments.yaml finds every value in what is published."""
    document = yaml.safe_load((PROJECT / FILE).read_text())
    pool = work_pool(document, "ecs", published(sandbox))
    assert pool.name == "delightful-ecs"
    assert str(pool.job_variables["task_role_arn"]).endswith(f"/{ENVIRONMENT}-worker")


def assert_runs_server_services_and_worker(sandbox: SandboxDescription) -> None:
    """Three services want tasks; their images do not exist, so none is waited for."""
    ecs = client(sandbox, "ecs")
    named = [f"{NAME}-prefect-{part}" for part in ("server", "background", "worker")]
    services = ecs.describe_services(cluster=NAME, services=named)["services"]
    assert [service["desiredCount"] for service in services] == [1, 1, 1]
    assert {service["status"] for service in services} == {"ACTIVE"}


def assert_tells_the_worker_of_its_cluster_alone(
    sandbox: SandboxDescription, outputs: dict[str, Any]
) -> None:
    """The rule hands this cluster's task states to the queue in the form the observer reads."""
    cluster = outputs["cluster_arn"]
    tell(sandbox, f"{cluster}-other", "other")
    tell(sandbox, cluster, "ours")
    # Those of the control plane's own tasks, which find no image, are among them.
    told = list(received(sandbox, outputs["prefect"]["task_event_queue_name"]))
    assert {event["detail-type"] for event in told} == {"ECS Task State Change"}
    assert {event["detail"]["clusterArn"] for event in told} == {cluster}
    assert [event["detail"]["taskArn"] for event in told].count("ours") == 1


def received(sandbox: SandboxDescription, queue_name: str) -> Iterator[dict[str, Any]]:
    """Take everything out of a queue."""
    queues = client(sandbox, "sqs")
    url = queues.get_queue_url(QueueName=queue_name)["QueueUrl"]
    while messages := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            yield json.loads(message["Body"])
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def tell(sandbox: SandboxDescription, cluster_arn: str, task_arn: str) -> None:
    """Say that a task stopped, as ECS says it."""
    detail = {"clusterArn": cluster_arn, "taskArn": task_arn, "lastStatus": "STOPPED"}
    entry = {
        "Source": "aws.ecs",
        "DetailType": "ECS Task State Change",
        "Detail": json.dumps(detail),
    }
    client(sandbox, "events").put_events(Entries=[entry])


def left(sandbox: SandboxDescription) -> dict[str, list[str]]:
    """Return what still bears the environment's name, by kind; what is gone is left out."""
    found = {
        kind: [name for name in names if ENVIRONMENT in name] for kind, names in all_of(sandbox)
    }
    assert len(found) == 18
    return {kind: names for kind, names in found.items() if names}


def all_of(sandbox: SandboxDescription) -> Iterator[tuple[str, list[str]]]:
    """Yield the names of everything that a platform makes, by kind."""
    yield from network(sandbox)
    yield from stores(sandbox)
    ecs, balancer = client(sandbox, "ecs"), client(sandbox, "elbv2")
    yield "clusters", living_clusters(ecs)
    yield "task definitions", ecs.list_task_definitions()["taskDefinitionArns"]
    balancers = balancer.describe_load_balancers()["LoadBalancers"]
    yield "load balancers", [entry["LoadBalancerName"] for entry in balancers]
    groups = balancer.describe_target_groups()["TargetGroups"]
    yield "target groups", [group["TargetGroupName"] for group in groups]
    yield "roles", [role["RoleName"] for role in client(sandbox, "iam").list_roles()["Roles"]]
    logs = client(sandbox, "logs").describe_log_groups()["logGroups"]
    yield "log groups", [group["logGroupName"] for group in logs]
    alarms = client(sandbox, "cloudwatch").describe_alarms()["MetricAlarms"]
    yield "alarms", [alarm["AlarmName"] for alarm in alarms]
    yield "rules", [rule["Name"] for rule in client(sandbox, "events").list_rules()["Rules"]]


def living_clusters(ecs: Any) -> list[str]:
    """Return the clusters that are not yet gone; ECS goes on listing those that are."""
    clusters = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
    return [cluster["clusterName"] for cluster in clusters if cluster["status"] != "INACTIVE"]


def network(sandbox: SandboxDescription) -> Iterator[tuple[str, list[str]]]:
    """Yield the tags of what the network consists of, by kind."""
    ec2 = client(sandbox, "ec2")
    yield "networks", [json.dumps(vpc.get("Tags")) for vpc in ec2.describe_vpcs()["Vpcs"]]
    gateways = ec2.describe_nat_gateways()["NatGateways"]
    alive = [gateway for gateway in gateways if gateway["State"] != "deleted"]
    yield "gateways", [json.dumps(gateway.get("Tags")) for gateway in alive]
    endpoints = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    existing = [endpoint for endpoint in endpoints if endpoint["State"] != "deleted"]
    yield "endpoints", [json.dumps(endpoint.get("Tags")) for endpoint in existing]
