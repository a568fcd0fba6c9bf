"""Terraform's stacks in a sandbox, for tests that apply them themselves."""

from collections.abc import Iterator
from typing import Any, Literal

import boto3
from pydantic import JsonValue

from blocks.terraform.stack import TerraformStack
from delightful.reading.tfvars import read_tfvars
from rehearsal.preparation import INFRASTRUCTURE
from sandbox.description import SandboxDescription

Strategy = Literal["blue_green", "rolling"]
ENVIRONMENT = "bench"
PORTS = {"blue_green": 18080, "rolling": 18180}
SCALING: dict[Strategy, dict[str, JsonValue]] = {
    "blue_green": {"min_count": 1, "max_count": 4, "cpu_percent": 60, "memory_percent": 70},
    "rolling": {"min_count": 1, "max_count": 4, "requests_per_task": 1000},
}


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


def client(sandbox: SandboxDescription, service: str) -> Any:
    """Return a client of the sandbox."""
    return boto3.client(
        service,
        endpoint_url=sandbox.aws_endpoint_url,
        region_name=sandbox.region,
        aws_access_key_id=sandbox.access_key_id,
        aws_secret_access_key=sandbox.secret_access_key,
    )


def stores(sandbox: SandboxDescription) -> Iterator[tuple[str, list[str]]]:
    """Yield the names of what holds data, by kind."""
    caches = client(sandbox, "elasticache")
    databases = client(sandbox, "rds").describe_db_instances()["DBInstances"]
    yield "databases", [entry["DBInstanceIdentifier"] for entry in databases]
    groups = caches.describe_replication_groups()["ReplicationGroups"]
    yield "replication groups", [group["ReplicationGroupId"] for group in groups]
    nodes = caches.describe_cache_clusters()["CacheClusters"]
    yield "cache nodes", [node["CacheClusterId"] for node in nodes]
    subnets = caches.describe_cache_subnet_groups()["CacheSubnetGroups"]
    yield "cache subnet groups", [group["CacheSubnetGroupName"] for group in subnets]
    values = caches.describe_cache_parameter_groups()["CacheParameterGroups"]
    yield "cache parameter groups", [group["CacheParameterGroupName"] for group in values]
    yield "queues", client(sandbox, "sqs").list_queues().get("QueueUrls", [])
    yield "buckets", [entry["Name"] for entry in client(sandbox, "s3").list_buckets()["Buckets"]]
