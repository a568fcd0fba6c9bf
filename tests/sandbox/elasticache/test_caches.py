"""ElastiCache through botocore: what Terraform reads back and waits for."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.description import SandboxDescription

pytestmark = pytest.mark.sandbox


def client(sandbox: SandboxDescription, service: str) -> Any:
    """Return a client of the sandbox."""
    session = boto3.Session(
        sandbox.access_key_id, sandbox.secret_access_key, region_name=sandbox.region
    )
    return session.client(service, endpoint_url=sandbox.aws_endpoint_url)


@pytest.fixture(scope="module")
def caches(sandbox: SandboxDescription) -> Any:
    """Return ElastiCache's client."""
    return client(sandbox, "elasticache")


@pytest.fixture(scope="module")
def subnet_ids(sandbox: SandboxDescription) -> list[str]:
    """Return the subnets of the account's default network."""
    found = client(sandbox, "ec2").describe_subnets()["Subnets"]
    return [subnet["SubnetId"] for subnet in found][:2]


def test_a_group_has_its_nodes_and_they_end_with_it(caches: Any, subnet_ids: list[str]) -> None:
    """Each node is a cache cluster with the group's settings; nothing of it is left."""
    caches.create_cache_subnet_group(
        CacheSubnetGroupName="nodes", CacheSubnetGroupDescription="of a test", SubnetIds=subnet_ids
    )
    caches.create_cache_parameter_group(
        CacheParameterGroupName="nodes", CacheParameterGroupFamily="redis7", Description="of a test"
    )
    caches.create_replication_group(
        ReplicationGroupId="nodes",
        ReplicationGroupDescription="of a test",
        Engine="redis",
        EngineVersion="7.1",
        CacheNodeType="cache.t4g.micro",
        NumCacheClusters=2,
        CacheSubnetGroupName="nodes",
        CacheParameterGroupName="nodes",
        SecurityGroupIds=["sg-1"],
    )
    (group,) = caches.describe_replication_groups(ReplicationGroupId="nodes")["ReplicationGroups"]
    assert group["MemberClusters"] == ["nodes-001", "nodes-002"]
    (node,) = caches.describe_cache_clusters(CacheClusterId="nodes-002")["CacheClusters"]
    assert node["CacheParameterGroup"]["CacheParameterGroupName"] == "nodes"
    assert node["SecurityGroups"] == [{"SecurityGroupId": "sg-1", "Status": "active"}]
    assert (node["EngineVersion"], node["CacheNodeType"]) == ("7.1.0", "cache.t4g.micro")
    assert_is_in_use(lambda: caches.delete_cache_subnet_group(CacheSubnetGroupName="nodes"))
    assert_is_in_use(lambda: caches.delete_cache_parameter_group(CacheParameterGroupName="nodes"))
    caches.delete_replication_group(ReplicationGroupId="nodes")
    caches.delete_cache_subnet_group(CacheSubnetGroupName="nodes")
    caches.delete_cache_parameter_group(CacheParameterGroupName="nodes")
    assert caches.describe_replication_groups()["ReplicationGroups"] == []
    assert caches.describe_cache_clusters()["CacheClusters"] == []
    assert caches.describe_cache_subnet_groups()["CacheSubnetGroups"] == []


def assert_is_in_use(delete: Any) -> None:
    """A part of a living group is not deleted."""
    with pytest.raises(ClientError, match=r"InUse|InvalidCacheParameterGroupState"):
        delete()


def test_parameters_are_what_a_user_set(caches: Any) -> None:
    """Terraform compares its own with those of the source `user`."""
    name = {"CacheParameterGroupName": "values"}
    caches.create_cache_parameter_group(
        **name, CacheParameterGroupFamily="redis7", Description="of a test"
    )
    policy = {"ParameterName": "maxmemory-policy", "ParameterValue": "noeviction"}
    caches.modify_cache_parameter_group(**name, ParameterNameValues=[policy])
    (shown,) = caches.describe_cache_parameters(**name, Source="user")["Parameters"]
    assert policy.items() <= shown.items()
    caches.reset_cache_parameter_group(**name, ParameterNameValues=[policy])
    assert caches.describe_cache_parameters(**name, Source="user")["Parameters"] == []
    caches.delete_cache_parameter_group(**name)
    with pytest.raises(ClientError, match="CacheParameterGroupNotFound"):
        caches.describe_cache_parameter_groups(**name)


def test_a_change_is_what_is_read_back(caches: Any) -> None:
    """Security groups and version of a group change with it."""
    caches.create_replication_group(
        ReplicationGroupId="changing", ReplicationGroupDescription="before", Engine="redis"
    )
    caches.modify_replication_group(
        ReplicationGroupId="changing",
        ReplicationGroupDescription="after",
        SecurityGroupIds=["sg-2"],
        EngineVersion="7.2",
    )
    (group,) = caches.describe_replication_groups(ReplicationGroupId="changing")[
        "ReplicationGroups"
    ]
    (node,) = caches.describe_cache_clusters(CacheClusterId="changing-001")["CacheClusters"]
    assert group["Description"] == "after"
    assert node["SecurityGroups"][0]["SecurityGroupId"] == "sg-2"
    assert node["EngineVersion"] == "7.2.0"
    caches.delete_replication_group(ReplicationGroupId="changing")


def test_a_group_of_unknown_parts_is_refused(caches: Any) -> None:
    """What a name stands for must be there first."""
    with pytest.raises(ClientError, match="CacheParameterGroupNotFound"):
        caches.create_replication_group(
            ReplicationGroupId="lost",
            ReplicationGroupDescription="of a test",
            CacheParameterGroupName="nowhere",
        )
