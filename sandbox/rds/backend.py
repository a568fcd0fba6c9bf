"""RDS's state for one region: moto's, with instances that are told apart."""

import random
import string
from collections.abc import Mapping
from typing import Any

from moto.rds import urls as rds_urls
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBInstance, DBParameterGroup, DBSubnetGroup, RDSBackend

_LETTERS = string.ascii_uppercase + string.digits
_DEFAULT_INSIGHTS_DAYS = 7
# How many numbers of a version name the major one.
_MAJOR_NUMBERS = {"postgres": 1, "mysql": 2}


class SandboxRdsBackend(RDSBackend):
    """moto's databases; none runs."""

    @property
    def _url_module(self) -> Any:
        """Return moto's paths: it looks for them beside the class."""
        return rds_urls

    def create_db_instance(self, db_kwargs: dict[str, Any]) -> DBInstance:
        """Make an instance with a resource id of its own, by which Terraform finds it again."""
        self._refuse_parameters_of_another_engine(db_kwargs)
        made = super().create_db_instance(db_kwargs)
        made.engine_version = whole_version(made.engine, made.engine_version)
        made.dbi_resource_id = "db-" + "".join(random.choices(_LETTERS, k=26))  # noqa: S311
        _note_insights(made, db_kwargs)
        return made

    def modify_db_instance(
        self, db_instance_identifier: str, db_kwargs: dict[str, Any]
    ) -> DBInstance:
        """Change an instance."""
        (known,) = self.describe_db_instances(db_instance_identifier)
        self._refuse_parameters_of_another_engine(
            {"engine": known.engine, "engine_version": known.engine_version, **db_kwargs}
        )
        changed = super().modify_db_instance(db_instance_identifier, db_kwargs)
        changed.engine_version = whole_version(changed.engine, changed.engine_version)
        _note_insights(changed, db_kwargs)
        return changed

    def modify_db_parameter_group(
        self, db_parameter_group_name: str, db_parameter_group_parameters: Any
    ) -> DBParameterGroup:
        """Set parameters; whoever lists them is told that a user did."""
        given = [{**parameter, "Source": "user"} for parameter in db_parameter_group_parameters]
        return super().modify_db_parameter_group(db_parameter_group_name, given)

    def delete_db_parameter_group(self, db_parameter_group_name: str) -> DBParameterGroup:
        """Forget a parameter group that no instance uses."""
        users = [one.db_parameter_group_name for one in self.databases.values()]
        if db_parameter_group_name in users:
            raise RDSClientError(
                "InvalidDBParameterGroupState",
                "One or more database instances are still members of this parameter group "
                f"{db_parameter_group_name}, so the group cannot be deleted",
            )
        return super().delete_db_parameter_group(db_parameter_group_name)

    def delete_subnet_group(self, subnet_name: str) -> DBSubnetGroup:
        """Forget a subnet group that no instance uses."""
        known = self.subnet_groups.get(subnet_name)
        users = {
            id(one.db_subnet_group): name
            for name, one in self.databases.items()
            if getattr(one, "db_subnet_group", None)
        }
        if id(known) in users:
            raise RDSClientError(
                "InvalidDBSubnetGroupStateFault",
                f"Cannot delete the subnet group '{subnet_name}' because at least one database "
                f"instance: {users[id(known)]} is still using it.",
            )
        return super().delete_subnet_group(subnet_name)

    def _refuse_parameters_of_another_engine(self, asked: Mapping[str, Any]) -> None:
        """Refuse a parameter group of another family than the instance's."""
        name = asked.get("db_parameter_group_name")
        if not (name and asked.get("engine_version")) or name not in self.db_parameter_groups:
            return
        family = self.db_parameter_groups[name].family
        wanted = family_of(asked["engine"], asked["engine_version"])
        if wanted is not None and family != wanted:
            raise RDSClientError(
                "InvalidParameterCombination",
                f"The Parameter Group {name} with DBParameterGroupFamily {family} can't be used "
                f"for this instance. Please use a Parameter Group with DBParameterGroupFamily "
                f"{wanted}",
            )


def family_of(engine: str, version: str) -> str | None:
    """Return the parameter group family of a version; None for an engine that is not known."""
    if engine not in _MAJOR_NUMBERS:
        return None
    return engine + ".".join(version.split(".")[: _MAJOR_NUMBERS[engine]])


def whole_version(engine: str, asked: str) -> str:
    """Return the version that an instance runs where only the major one was asked for."""
    is_major = asked.count(".") < _MAJOR_NUMBERS.get(engine, 0)
    return f"{asked}.0" if is_major else asked


def _note_insights(instance: Any, asked: dict[str, Any]) -> None:
    """Keep what was asked for of Performance Insights, under the API's names in snake case."""
    if "enable_performance_insights" not in asked:
        return
    is_on = bool(asked["enable_performance_insights"])
    days = asked.get("performance_insights_retention_period", _DEFAULT_INSIGHTS_DAYS)
    instance.performance_insights_enabled = is_on
    instance.performance_insights_retention_period = days if is_on else None
    instance.performance_insights_kms_key_id = (
        asked.get("performance_insights_kms_key_id") if is_on else None
    )
