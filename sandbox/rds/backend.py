"""RDS's state for one region: moto's, with instances that are told apart."""

import random
import string
from typing import Any

from moto.rds import urls as rds_urls
from moto.rds.models import DBInstance, DBParameterGroup, RDSBackend

_LETTERS = string.ascii_uppercase + string.digits
_DEFAULT_INSIGHTS_DAYS = 7


class SandboxRdsBackend(RDSBackend):
    """moto's databases; none runs."""

    @property
    def _url_module(self) -> Any:
        """Return moto's paths: it looks for them beside the class."""
        return rds_urls

    def create_db_instance(self, db_kwargs: dict[str, Any]) -> DBInstance:
        """Make an instance with a resource id of its own, by which Terraform finds it again."""
        made = super().create_db_instance(db_kwargs)
        made.dbi_resource_id = "db-" + "".join(random.choices(_LETTERS, k=26))  # noqa: S311
        _note_insights(made, db_kwargs)
        return made

    def modify_db_instance(
        self, db_instance_identifier: str, db_kwargs: dict[str, Any]
    ) -> DBInstance:
        """Change an instance."""
        changed = super().modify_db_instance(db_instance_identifier, db_kwargs)
        _note_insights(changed, db_kwargs)
        return changed

    def modify_db_parameter_group(
        self, db_parameter_group_name: str, db_parameter_group_parameters: Any
    ) -> DBParameterGroup:
        """Set parameters; whoever lists them is told that a user did."""
        given = [{**parameter, "Source": "user"} for parameter in db_parameter_group_parameters]
        return super().modify_db_parameter_group(db_parameter_group_name, given)


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
