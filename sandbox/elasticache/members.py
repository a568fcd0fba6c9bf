"""The nodes of a replication group, which the API shows as cache clusters."""

from dataclasses import dataclass
from typing import Any

from moto.core.utils import utcnow

_MAINTENANCE = "sun:05:00-sun:06:00"


@dataclass(frozen=True)
class MemberCluster:
    """One node, under the names by which moto writes the API's fields; all else is its group's."""

    cache_cluster_id: str
    group: Any
    arn: str

    cache_cluster_status = "available"
    num_cache_nodes = 1
    auto_minor_version_upgrade = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "cache_cluster_create_time", utcnow())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.group, name)

    @property
    def engine_version(self) -> str:
        """Return the whole version: the API names a patch where only major and minor were asked."""
        asked = str(self.group.engine_version or "7.1")
        return asked if asked.count(".") > 1 else f"{asked}.0"

    @property
    def preferred_maintenance_window(self) -> str:
        """Return the weekly window."""
        return str(self.group.preferred_maintenance_window or _MAINTENANCE)

    @property
    def cache_parameter_group(self) -> dict[str, Any]:
        """Return the parameter group that the node runs with."""
        return {
            "CacheParameterGroupName": self.group.cache_parameter_group_name,
            "ParameterApplyStatus": "in-sync",
        }

    @property
    def security_groups(self) -> list[dict[str, str]]:
        """Return the node's security groups."""
        named = self.group.security_group_ids or []
        return [{"SecurityGroupId": name, "Status": "active"} for name in named]
