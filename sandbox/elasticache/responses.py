"""ElastiCache's calls that moto lacks."""

from typing import Any, cast

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import camelcase_to_underscores
from moto.elasticache.responses import ElastiCacheResponse

from sandbox.elasticache.backend import SandboxElastiCacheBackend


class SandboxElastiCacheResponse(ElastiCacheResponse):
    """moto's ElastiCache with parameter groups, and with deletion that ends."""

    @property
    def caches(self) -> SandboxElastiCacheBackend:
        """Return our state for the request's account and region."""
        return cast(SandboxElastiCacheBackend, self.elasticache_backend)

    def create_cache_parameter_group(self) -> ActionResult:
        """CreateCacheParameterGroup."""
        group = self.caches.create_parameter_group(
            self._get_param("CacheParameterGroupName"),
            self._get_param("CacheParameterGroupFamily"),
            self._get_param("Description"),
            self._get_param("Tags"),
        )
        return ActionResult({"CacheParameterGroup": group.shown()})

    def describe_cache_parameter_groups(self) -> ActionResult:
        """DescribeCacheParameterGroups."""
        name = self._get_param("CacheParameterGroupName")
        known = self.caches.parameter_groups.values()
        groups = [self.caches.parameter_group(name)] if name else list(known)
        return ActionResult({"CacheParameterGroups": [group.shown() for group in groups]})

    def describe_cache_parameters(self) -> ActionResult:
        """DescribeCacheParameters; only what a user set is known here."""
        group = self._parameter_group()
        is_shown = self._get_param("Source") in (None, "user")
        return ActionResult({"Parameters": group.shown_values() if is_shown else []})

    def modify_cache_parameter_group(self) -> ActionResult:
        """ModifyCacheParameterGroup."""
        group = self._parameter_group()
        group.set(self._get_param("ParameterNameValues") or [])
        return ActionResult({"CacheParameterGroupName": group.name})

    def reset_cache_parameter_group(self) -> ActionResult:
        """ResetCacheParameterGroup."""
        group = self._parameter_group()
        named = [given["ParameterName"] for given in self._get_param("ParameterNameValues") or []]
        group.reset(None if self._get_bool_param("ResetAllParameters") else named)
        return ActionResult({"CacheParameterGroupName": group.name})

    def delete_cache_parameter_group(self) -> ActionResult:
        """DeleteCacheParameterGroup."""
        self.caches.delete_parameter_group(self._get_param("CacheParameterGroupName"))
        return EmptyResult()

    def _parameter_group(self) -> Any:
        return self.caches.parameter_group(self._get_param("CacheParameterGroupName"))

    def modify_cache_subnet_group(self) -> ActionResult:
        """ModifyCacheSubnetGroup."""
        group = self.caches.modify_subnet_group(
            self._get_param("CacheSubnetGroupName"),
            self._get_param("CacheSubnetGroupDescription"),
            self._get_param("SubnetIds") or [],
        )
        return ActionResult({"CacheSubnetGroup": group})

    def delete_cache_subnet_group(self) -> ActionResult:
        """DeleteCacheSubnetGroup."""
        self.caches.delete_subnet_group(self._get_param("CacheSubnetGroupName"))
        return EmptyResult()

    def modify_replication_group(self) -> ActionResult:
        """ModifyReplicationGroup, with all that a node shows."""
        asked = self._get_params().items()
        given = {camelcase_to_underscores(name): value for name, value in asked}
        self.caches.change_replication_group(self._get_param("ReplicationGroupId"), given)
        return cast(ActionResult, super().modify_replication_group())
