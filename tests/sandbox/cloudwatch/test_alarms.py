"""Alarms, metrics and dashboards through botocore (which speaks CBOR)."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.description import SandboxDescription

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def cloudwatch(sandbox: SandboxDescription) -> Any:
    """Return CloudWatch's client."""
    session = boto3.Session(
        sandbox.access_key_id, sandbox.secret_access_key, region_name=sandbox.region
    )
    return session.client("cloudwatch", endpoint_url=sandbox.aws_endpoint_url)


@pytest.fixture
def name() -> str:
    """Return a fresh name, for metric, alarm and dashboard alike."""
    return f"test-{uuid4().hex[:8]}"


def _put(cloudwatch: Any, name: str, **changes: Any) -> None:
    cloudwatch.put_metric_alarm(
        **{
            "AlarmName": name,
            "Namespace": "Test",
            "MetricName": name,
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 5,
            "ComparisonOperator": "GreaterThanThreshold",
            **changes,
        }
    )


def _alarm(cloudwatch: Any, name: str, kind: str = "MetricAlarm") -> dict[str, Any]:
    found = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=[kind])
    (alarm,) = found[f"{kind}s"]
    return dict(alarm)


def _wait(
    cloudwatch: Any, name: str, state: str, kind: str = "MetricAlarm", *, feed: Callable[[], None]
) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while (alarm := _alarm(cloudwatch, name, kind))["StateValue"] != state:
        assert time.monotonic() < deadline, alarm["StateReason"]
        feed()
        time.sleep(0.2)
    return alarm


def _feeder(cloudwatch: Any, name: str, value: float) -> Callable[[], None]:
    def feed() -> None:
        cloudwatch.put_metric_data(
            Namespace="Test", MetricData=[{"MetricName": name, "Value": value}]
        )

    return feed


def test_begins_without_data_and_fires_on_what_is_reported(cloudwatch: Any, name: str) -> None:
    """INSUFFICIENT_DATA first, ALARM with the breaching points in its reason."""
    _put(cloudwatch, name)
    cloudwatch.get_waiter("alarm_exists").wait(AlarmNames=[name])
    new = _alarm(cloudwatch, name)
    assert new["StateValue"] == "INSUFFICIENT_DATA"
    assert new["StateReason"] == "Unchecked: Initial alarm creation"
    fired = _wait(cloudwatch, name, "ALARM", feed=_feeder(cloudwatch, name, 9.0))
    assert "was greater than the threshold (5.0)" in fired["StateReason"]
    history = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")
    assert history["AlarmHistoryItems"][0]["HistorySummary"] == (
        "Alarm updated from INSUFFICIENT_DATA to ALARM"
    )


def test_a_state_that_was_set_is_taken_back(cloudwatch: Any, name: str) -> None:
    """SetAlarmState holds until the metric is looked at again."""
    _put(cloudwatch, name, TreatMissingData="notBreaching")
    _wait(cloudwatch, name, "OK", feed=lambda: None)
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    back = _wait(cloudwatch, name, "OK", feed=lambda: None)
    assert "treated as [NonBreaching]" in back["StateReason"]


def test_a_changed_alarm_keeps_its_state(cloudwatch: Any, name: str) -> None:
    """PutMetricAlarm on an alarm that is there does not begin anew."""
    _put(cloudwatch, name, TreatMissingData="notBreaching")
    _wait(cloudwatch, name, "OK", feed=lambda: None)
    _put(cloudwatch, name, TreatMissingData="notBreaching", Threshold=7)
    changed = _alarm(cloudwatch, name)
    assert (changed["StateValue"], changed["Threshold"]) == ("OK", 7)


def test_percentiles_fire_and_are_told(cloudwatch: Any, name: str) -> None:
    """An alarm on p99, and GetMetricStatistics with p99 beside the average."""
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Test",
        MetricName=name,
        ExtendedStatistic="p99",
        Period=60,
        EvaluationPeriods=1,
        Threshold=5,
        ComparisonOperator="GreaterThanThreshold",
    )
    _wait(cloudwatch, name, "ALARM", feed=_feeder(cloudwatch, name, 9.0))
    now = datetime.now(UTC)
    (point, *_) = cloudwatch.get_metric_statistics(
        Namespace="Test",
        MetricName=name,
        StartTime=now - timedelta(minutes=5),
        EndTime=now,
        Period=300,
        Statistics=["Average"],
        ExtendedStatistics=["p99"],
    )["Datapoints"]
    assert (point["Average"], point["ExtendedStatistics"]["p99"]) == (9, 9)


def test_an_alarm_on_an_expression(cloudwatch: Any, name: str) -> None:
    """Errors in percent of requests, errors filled with zero where none were reported."""
    stats = [
        {
            "Id": one,
            "MetricStat": {
                "Metric": {"Namespace": "Test", "MetricName": f"{name}-{one}"},
                "Period": 60,
                "Stat": "Sum",
            },
            "ReturnData": False,
        }
        for one in ("errors", "requests")
    ]
    rate = {"Id": "rate", "Expression": "100 * FILL(errors, 0) / requests", "ReturnData": True}
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Metrics=[rate, *stats],
        EvaluationPeriods=1,
        Threshold=5,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )

    def feed() -> None:
        for one, value in (("errors", 1.0), ("requests", 10.0)):
            _feeder(cloudwatch, f"{name}-{one}", value)()

    fired = _wait(cloudwatch, name, "ALARM", feed=feed)
    assert {query["Id"] for query in fired["Metrics"]} == {"rate", "errors", "requests"}
    now = datetime.now(UTC)
    (result,) = cloudwatch.get_metric_data(
        MetricDataQueries=[rate, *stats],
        StartTime=now - timedelta(minutes=2),
        EndTime=now + timedelta(minutes=1),
    )["MetricDataResults"]
    assert (result["Id"], set(result["Values"])) == ("rate", {10.0})


def test_a_composite_follows_its_children(cloudwatch: Any, name: str) -> None:
    """It moves when a child does, and is shown only to those who ask for composites."""
    _put(cloudwatch, name, TreatMissingData="ignore")
    both = f"{name}-both"
    cloudwatch.put_composite_alarm(AlarmName=both, AlarmRule=f'ALARM("{name}") AND NOT FALSE')
    assert _alarm(cloudwatch, both, "CompositeAlarm")["StateValue"] == "OK"
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    fired = _wait(cloudwatch, both, "ALARM", "CompositeAlarm", feed=lambda: None)
    assert "transitioned to ALARM" in fired["StateReason"]
    assert cloudwatch.describe_alarms(AlarmNames=[both])["MetricAlarms"] == []
    with pytest.raises(ClientError, match="do not exist"):
        cloudwatch.put_composite_alarm(AlarmName="x", AlarmRule='ALARM("not-there")')


def test_lists_metrics_and_keeps_dashboards(cloudwatch: Any, name: str) -> None:
    """What was reported is listed with its dimensions; a dashboard comes back as it was put."""
    cloudwatch.put_metric_data(
        Namespace="Test",
        MetricData=[
            {"MetricName": name, "Dimensions": [{"Name": "A", "Value": "1"}], "Values": [1, 2]}
        ],
    )
    listed = cloudwatch.list_metrics(Namespace="Test", MetricName=name)["Metrics"]
    assert [metric["Dimensions"] for metric in listed] == [[{"Name": "A", "Value": "1"}]]
    body = json.dumps({"widgets": []})
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody=body)
    assert cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"] == body
    cloudwatch.delete_dashboards(DashboardNames=[name])
    with pytest.raises(ClientError, match="does not exist"):
        cloudwatch.get_dashboard(DashboardName=name)


@pytest.mark.parametrize(
    "changes",
    [
        {"ComparisonOperator": "LessThanLowerThreshold"},
        {"DatapointsToAlarm": 2},
        {"Period": 45},
        {"TreatMissingData": "sometimes"},
    ],
)
def test_refuses_alarms_that_cannot_be_evaluated(
    cloudwatch: Any, name: str, changes: dict[str, Any]
) -> None:
    """Told at once, not by an alarm that never moves."""
    with pytest.raises(ClientError):
        _put(cloudwatch, name, **changes)


def test_tags_are_kept_with_the_alarm(cloudwatch: Any, name: str) -> None:
    """Tags given at creation and later are listed, and go one by one."""
    _put(cloudwatch, name, Tags=[{"Key": "a", "Value": "1"}])
    arn = _alarm(cloudwatch, name)["AlarmArn"]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [
        {"Key": "b", "Value": "2"}
    ]
