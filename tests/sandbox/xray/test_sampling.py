"""Sampling rules and groups through botocore."""

from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.description import SandboxDescription

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def xray(sandbox: SandboxDescription) -> Any:
    """Return X-Ray's client."""
    session = boto3.Session(
        sandbox.access_key_id, sandbox.secret_access_key, region_name=sandbox.region
    )
    return session.client("xray", endpoint_url=sandbox.aws_endpoint_url)


@pytest.fixture
def name() -> str:
    """Return a fresh name."""
    return f"test-{uuid4().hex[:8]}"


def _rule(name: str) -> dict[str, Any]:
    anything = ("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath")
    numbers = {"Priority": 1000, "FixedRate": 0.1, "ReservoirSize": 1, "Version": 1}
    return {**dict.fromkeys(anything, "*"), **numbers, "RuleName": name}


def test_a_rule_lives_from_creation_to_deletion(xray: Any, name: str) -> None:
    """Created, listed before the Default rule, changed, and gone."""
    xray.create_sampling_rule(SamplingRule=_rule(name), Tags=[{"Key": "a", "Value": "1"}])
    rules = [r["SamplingRule"] for r in xray.get_sampling_rules()["SamplingRuleRecords"]]
    assert rules[-1]["RuleName"] == "Default"
    (made,) = [rule for rule in rules if rule["RuleName"] == name]
    tags = xray.list_tags_for_resource(ResourceARN=made["RuleARN"])["Tags"]
    assert tags == [{"Key": "a", "Value": "1"}]
    changed = xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": name, "FixedRate": 1.0})
    assert changed["SamplingRuleRecord"]["SamplingRule"]["FixedRate"] == 1.0
    xray.delete_sampling_rule(RuleName=name)
    with pytest.raises(ClientError, match="does not exist"):
        xray.delete_sampling_rule(RuleName=name)


def test_tells_a_collector_its_targets(xray: Any) -> None:
    """Known rules have a rate and a reservoir, unknown ones are told as unprocessed."""
    statistics = {"ClientID": "0" * 24, "Timestamp": 0, "RequestCount": 1, "SampledCount": 1}
    told = xray.get_sampling_targets(
        SamplingStatisticsDocuments=[
            {**statistics, "RuleName": "Default"},
            {**statistics, "RuleName": "gone"},
        ]
    )
    assert [one["FixedRate"] for one in told["SamplingTargetDocuments"]] == [0.05]
    assert [one["RuleName"] for one in told["UnprocessedStatistics"]] == ["gone"]


def test_a_group_lives_from_creation_to_deletion(xray: Any, name: str) -> None:
    """Groups are found by name or ARN."""
    made = xray.create_group(GroupName=name, FilterExpression="responsetime > 5")["Group"]
    assert xray.get_group(GroupARN=made["GroupARN"])["Group"]["GroupName"] == name
    xray.update_group(GroupName=name, FilterExpression="fault")
    assert [g["FilterExpression"] for g in xray.get_groups()["Groups"]] == ["fault"]
    xray.delete_group(GroupName=name)
    with pytest.raises(ClientError, match="not found"):
        xray.get_group(GroupName=name)


def test_traces_are_still_taken(xray: Any) -> None:
    """moto's own calls answer as before."""
    answer = xray.put_trace_segments(TraceSegmentDocuments=["not JSON"])
    assert answer["UnprocessedTraceSegments"][0]["ErrorCode"] == "JSONFormatError"


def test_the_default_rule_stays(xray: Any) -> None:
    """It cannot be deleted."""
    with pytest.raises(ClientError, match="Default rule"):
        xray.delete_sampling_rule(RuleName="Default")
