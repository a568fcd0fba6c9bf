"""The bounds of sampling rules."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.xray.rules import InvalidRule, SamplingRule, default_rule, new_rule

NOW = datetime.now(UTC)
GIVEN: dict[str, Any] = {
    **dict.fromkeys(("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod"), "*"),
    "URLPath": "*",
    "RuleName": "web",
    "Priority": 1000,
    "FixedRate": 0.1,
    "ReservoirSize": 1,
    "Version": 1,
}


def _rule(**changes: object) -> SamplingRule:
    return new_rule({**GIVEN, **changes}, "arn", NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"Priority": 0},
        {"Priority": 10000},
        {"FixedRate": 1.01},
        {"FixedRate": -0.1},
        {"ReservoirSize": -1},
        {"Version": 2},
        {"RuleName": "x" * 33},
        {"URLPath": "x" * 129},
        {"HTTPMethod": "x" * 11},
        {"Host": None},
    ],
)
def test_values_out_of_bounds_are_refused(changes: dict[str, object]) -> None:
    """Each bound of the service model holds."""
    with pytest.raises(InvalidRule):
        _rule(**changes)


def test_an_update_changes_what_it_names() -> None:
    """Everything else stays, and the name cannot change."""
    changed = _rule().changed({"FixedRate": 0.5, "RuleName": "other"}, NOW)
    assert (changed.values["FixedRate"], changed.name) == (0.5, "web")


def test_the_default_rule_changes_in_rate_and_reservoir_only() -> None:
    """Its priority lies beyond what any other rule may have."""
    default = default_rule("arn")
    assert default.values["Priority"] == 10000
    assert default.changed({"FixedRate": 1.0}, NOW).values["FixedRate"] == 1.0
    with pytest.raises(InvalidRule):
        default.changed({"Priority": 1}, NOW)
