"""Sampling rules: their bounds, and the Default rule that is always there."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

DEFAULT_NAME = "Default"
_FIRST_CREATED = datetime.fromtimestamp(0).astimezone()
# Longest values, after the service model.
LONGEST = {
    "RuleName": 32,
    "ServiceName": 64,
    "Host": 64,
    "ServiceType": 64,
    "HTTPMethod": 10,
    "URLPath": 128,
    "ResourceARN": 500,
}
_CHANGEABLE = (
    *("ResourceARN", "Priority", "FixedRate", "ReservoirSize", "Host", "ServiceName"),
    *("ServiceType", "HTTPMethod", "URLPath", "Attributes"),
)
_REQUIRED = (
    *("ResourceARN", "Priority", "FixedRate", "ReservoirSize", "ServiceName", "ServiceType"),
    *("Host", "HTTPMethod", "URLPath", "Version"),
)


class InvalidRule(ValueError):
    """A value that X-Ray does not take."""


@dataclass(frozen=True)
class SamplingRule:
    """One rule as the API shows it (`values`), and its times."""

    values: Mapping[str, Any]
    created_at: datetime
    modified_at: datetime

    @property
    def name(self) -> str:
        """Return the rule's name."""
        return str(self.values["RuleName"])

    @property
    def arn(self) -> str:
        """Return the rule's ARN."""
        return str(self.values["RuleARN"])

    def record(self) -> dict[str, Any]:
        """Return the SamplingRuleRecord."""
        return {
            "SamplingRule": dict(self.values),
            "CreatedAt": self.created_at,
            "ModifiedAt": self.modified_at,
        }

    def changed(self, update: Mapping[str, Any], now: datetime) -> "SamplingRule":
        """Return the rule with the values of an update; what is absent stays.

        Raises:
            InvalidRule: a value out of bounds, or one that the Default rule does not have.
        """
        given = {key: update[key] for key in _CHANGEABLE if update.get(key) is not None}
        if self.name == DEFAULT_NAME and set(given) - {"FixedRate", "ReservoirSize"}:
            raise InvalidRule("Only FixedRate and ReservoirSize of the Default rule can be changed")
        values = {**self.values, **given}
        check_values(values, is_default=self.name == DEFAULT_NAME)
        return replace(self, values=values, modified_at=now)


def default_rule(arn: str) -> SamplingRule:
    """Return the rule that every account has: one a second, then 5 % (from memory)."""
    values = {
        **dict.fromkeys(("ResourceARN", "ServiceName", "ServiceType", "Host"), "*"),
        **dict.fromkeys(("HTTPMethod", "URLPath"), "*"),
        "RuleName": DEFAULT_NAME,
        "RuleARN": arn,
        "Priority": 10000,
        "FixedRate": 0.05,
        "ReservoirSize": 1,
        "Version": 1,
        "Attributes": {},
    }
    return SamplingRule(values, _FIRST_CREATED, _FIRST_CREATED)


def new_rule(given: Mapping[str, Any], arn: str, now: datetime) -> SamplingRule:
    """Return a rule of what CreateSamplingRule was given.

    Raises:
        InvalidRule: a value is missing or out of bounds.
    """
    if missing := [key for key in _REQUIRED if given.get(key) is None]:
        raise InvalidRule(f"{missing[0]} must be specified")
    values = {"Attributes": {}, **given, "RuleARN": arn}
    check_values(values, is_default=False)
    return SamplingRule(values, now, now)


def check_values(values: Mapping[str, Any], *, is_default: bool) -> None:
    """Refuse values out of bounds.

    Raises:
        InvalidRule: says which.
    """
    for key, longest in LONGEST.items():
        if len(str(values[key])) > longest or not str(values[key]):
            raise InvalidRule(f"{key} must have 1 to {longest} characters")
    if values["Version"] != 1:
        raise InvalidRule("Version must be 1")
    if not 0 <= values["FixedRate"] <= 1:
        raise InvalidRule("FixedRate must be between 0 and 1")
    if values["ReservoirSize"] < 0:
        raise InvalidRule("ReservoirSize must not be negative")
    if not is_default and not 1 <= values["Priority"] <= 9999:
        raise InvalidRule("Priority must be between 1 and 9999")


@dataclass
class Group:
    """A group of traces."""

    name: str
    arn: str
    filter_expression: str | None = None
    insights: dict[str, bool] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Return the group as the API shows it."""
        insights = {"InsightsEnabled": False, "NotificationsEnabled": False} | self.insights
        return {
            "GroupName": self.name,
            "GroupARN": self.arn,
            "FilterExpression": self.filter_expression,
            "InsightsConfiguration": insights,
        }
