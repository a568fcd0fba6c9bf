"""ElastiCache's state for one region: moto's, with parameter groups and members of groups."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from moto.core.exceptions import ServiceException
from moto.elasticache import urls as elasticache_urls
from moto.elasticache.models import CacheSubnetGroup, ElastiCacheBackend, ReplicationGroup

from sandbox.elasticache.members import MemberCluster
from sandbox.elasticache.parameters import ParameterGroup

_KINDS = "cluster|snapshot|subnetgroup|replicationgroup|user|parametergroup"
# What ModifyReplicationGroup changes beyond what moto knows.
_CHANGEABLE = (
    *("engine_version", "cache_parameter_group_name", "security_group_ids"),
    *("preferred_maintenance_window", "snapshot_window", "auto_minor_version_upgrade"),
    *("transit_encryption_enabled", "transit_encryption_mode"),
)


class ElastiCacheRefusal(ServiceException):
    """An error of ElastiCache."""


class SandboxElastiCacheBackend(ElastiCacheBackend):
    """moto's ElastiCache, where what is deleted is gone."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.arn_regex = re.compile(rf"^arn:aws[a-z-]*:elasticache:.*:[0-9]*:({_KINDS}):.*$")
        self.parameter_groups: dict[str, ParameterGroup] = {}

    @property
    def _url_module(self) -> Any:
        """Return moto's paths: it looks for them beside the class."""
        return elasticache_urls

    def _arn(self, kind: str, name: str) -> str:
        return (
            f"arn:{self.partition}:elasticache:{self.region_name}:{self.account_id}:{kind}:{name}"
        )

    # Parameter groups.

    def create_parameter_group(
        self, name: str, family: str, description: str, tags: list[dict[str, str]] | None
    ) -> ParameterGroup:
        """Make a parameter group.

        Raises:
            ElastiCacheRefusal: the name is taken.
        """
        if name in self.parameter_groups:
            raise ElastiCacheRefusal(
                "CacheParameterGroupAlreadyExists", f"CacheParameterGroup {name} already exists."
            )
        group = ParameterGroup(name, family, description, self._arn("parametergroup", name))
        self.parameter_groups[name] = group
        if tags:
            self.tagging_service.tag_resource(group.arn, tags)
        return group

    def parameter_group(self, name: str) -> ParameterGroup:
        """Return a parameter group.

        Raises:
            ElastiCacheRefusal: there is none of this name.
        """
        if name not in self.parameter_groups:
            raise ElastiCacheRefusal(
                "CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found."
            )
        return self.parameter_groups[name]

    def delete_parameter_group(self, name: str) -> None:
        """Forget a parameter group.

        Raises:
            ElastiCacheRefusal: unknown, or in use.
        """
        group = self.parameter_group(name)
        users = [g.cache_parameter_group_name for g in self.replication_groups.values()]
        if name in users:
            raise ElastiCacheRefusal(
                "InvalidCacheParameterGroupState",
                f"One or more cache clusters use the parameter group {name}.",
            )
        self.tagging_service.delete_all_tags_for_resource(group.arn)
        del self.parameter_groups[name]

    # Subnet groups.

    def modify_subnet_group(
        self, name: str, description: str | None, subnet_ids: list[str]
    ) -> CacheSubnetGroup:
        """Change a subnet group's description or subnets."""
        (known,) = self.describe_cache_subnet_groups(name)
        changed = CacheSubnetGroup(
            account_id=self.account_id,
            region_name=self.region_name,
            cache_subnet_group_name=name,
            cache_subnet_group_description=description or known.cache_subnet_group_description,
            subnet_ids=subnet_ids or known.subnet_ids,
            tags=known.tags,
        )
        self.cache_subnet_groups[name] = changed
        return changed

    def delete_subnet_group(self, name: str) -> None:
        """Forget a subnet group.

        Raises:
            ElastiCacheRefusal: in use.
        """
        (known,) = self.describe_cache_subnet_groups(name)
        users = (*self.replication_groups.values(), *self.cache_clusters.values())
        if name in [user.cache_subnet_group_name for user in users]:
            raise ElastiCacheRefusal(
                "CacheSubnetGroupInUse", f"Cache subnet group {name} is currently in use."
            )
        self.tagging_service.delete_all_tags_for_resource(known.arn)
        del self.cache_subnet_groups[name]

    # Replication groups and clusters.

    def create_replication_group(self, **settings: Any) -> ReplicationGroup:
        """Make a replication group with as many nodes as are asked for, each a cache cluster."""
        self._check_parts(settings)
        if settings.get("num_cache_clusters"):
            settings["replicas_per_node_group"] = settings["num_cache_clusters"] - 1
        group = super().create_replication_group(**settings)
        for name in group.member_clusters:
            self.cache_clusters[name] = MemberCluster(name, group, self._arn("cluster", name))
        return group

    def _check_parts(self, settings: Mapping[str, Any]) -> None:
        parameters = settings.get("cache_parameter_group_name")
        if parameters and not parameters.startswith("default."):
            self.parameter_group(parameters)
        if settings.get("cache_subnet_group_name"):
            self.describe_cache_subnet_groups(settings["cache_subnet_group_name"])

    def change_replication_group(self, name: str, settings: Mapping[str, Any]) -> None:
        """Change what moto's own call does not; names as the API has them, in snake case."""
        self._check_parts(settings)
        (group,) = self.describe_replication_groups(name)
        for key in _CHANGEABLE:
            if settings.get(key) is not None:
                setattr(group, key, settings[key])

    def delete_replication_group(
        self, replication_group_id: str, retain_primary_cluster: bool | None
    ) -> ReplicationGroup:
        """Delete a replication group and its nodes."""
        group = super().delete_replication_group(replication_group_id, retain_primary_cluster)
        self._forget(self.cache_clusters, group.member_clusters)
        self._forget(self.replication_groups, [replication_group_id])
        return group

    def delete_cache_cluster(self, cache_cluster_id: str) -> Any:
        """Delete a cluster that is no group's node."""
        cluster = super().delete_cache_cluster(cache_cluster_id)
        self._forget(self.cache_clusters, [cache_cluster_id])
        return cluster

    def _forget(self, known: dict[str, Any], names: Iterable[str]) -> None:
        for name in list(names):
            gone = known.pop(name, None)
            if gone is not None:
                self.tagging_service.delete_all_tags_for_resource(gone.arn)
