"""Parameter groups: a family's values, and those that a user set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class ParameterGroup:
    """One parameter group; `values` holds only what a user set."""

    name: str
    family: str
    description: str
    arn: str
    values: dict[str, str] = field(default_factory=dict)

    def set(self, given: Iterable[Mapping[str, str]]) -> None:
        """Set parameters, as ModifyCacheParameterGroup gives them."""
        for parameter in given:
            self.values[parameter["ParameterName"]] = parameter["ParameterValue"]

    def reset(self, names: Iterable[str] | None) -> None:
        """Take parameters back to the family's values; None takes back all."""
        for name in list(self.values) if names is None else names:
            self.values.pop(name, None)

    def shown(self) -> dict[str, Any]:
        """Return the group as the API shows it."""
        return {
            "CacheParameterGroupName": self.name,
            "CacheParameterGroupFamily": self.family,
            "Description": self.description,
            "IsGlobal": False,
            "ARN": self.arn,
        }

    def shown_values(self) -> list[dict[str, Any]]:
        """Return what a user set, as the API shows it."""
        return [
            {
                "ParameterName": name,
                "ParameterValue": value,
                "Source": "user",
                "DataType": "string",
                "IsModifiable": True,
                "ChangeType": "immediate",
            }
            for name, value in sorted(self.values.items())
        ]
