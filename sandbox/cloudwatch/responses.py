"""The calls of CloudWatch that moto lacks or answers differently."""

from collections.abc import Mapping
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination, ValidationError
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

_DEFAULT_RECORDS = 50
_MAX_RECORDS = 100


class SandboxCloudWatchResponse(CloudWatchResponse):
    """moto's CloudWatch with composite alarms, history, percentiles and pages."""

    def put_composite_alarm(self) -> ActionResult:
        """PutCompositeAlarm."""
        if not self._get_param("AlarmRule"):
            raise ValidationError("AlarmRule must not be empty")
        return self.put_metric_alarm()

    def describe_alarms(self) -> ActionResult:
        """DescribeAlarms: only metric alarms unless composite ones are asked for."""
        types = self._get_param("AlarmTypes") or ["MetricAlarm"]
        wanted = [
            alarm
            for alarm in self.cloudwatch_backend.describe_alarms()
            if _type(alarm) in types and self._is_wanted(alarm)
        ]
        shown, token = self._page(sorted(wanted, key=lambda alarm: alarm.name))
        return ActionResult(
            {
                "MetricAlarms": [alarm for alarm in shown if alarm.rule is None],
                "CompositeAlarms": [_composite(alarm) for alarm in shown if alarm.rule is not None],
                "NextToken": token,
            }
        )

    def describe_alarms_for_metric(self) -> ActionResult:
        """DescribeAlarmsForMetric: alarms on exactly this metric."""
        asked = {d["Name"]: d["Value"] for d in self._get_param("Dimensions", [])}
        name, namespace = self._get_param("MetricName"), self._get_param("Namespace")
        found = [
            alarm
            for alarm in self.cloudwatch_backend.describe_alarms()
            if (alarm.metric_name, alarm.namespace) == (name, namespace)
            and {d.name: d.value for d in alarm.dimensions} == asked
        ]
        return ActionResult({"MetricAlarms": found})

    def describe_alarm_history(self) -> ActionResult:
        """DescribeAlarmHistory, the newest first."""
        name, kind = self._get_param("AlarmName"), self._get_param("HistoryItemType")
        items = [
            item
            for item in reversed(self.cloudwatch_backend.history)
            if name in (None, item["AlarmName"]) and kind in (None, item["HistoryItemType"])
        ]
        if self._get_param("ScanBy") == "TimestampAscending":
            items.reverse()
        shown, token = self._page(items)
        return ActionResult({"AlarmHistoryItems": shown, "NextToken": token})

    def get_metric_statistics(self) -> ActionResult:
        """GetMetricStatistics, with percentiles."""
        plain = self._get_param("Statistics") or []
        extended = self._get_param("ExtendedStatistics") or []
        if not plain and not extended:
            raise InvalidParameterCombination(
                "Must specify either Statistics or ExtendedStatistics"
            )
        points = self.cloudwatch_backend.get_metric_statistics(
            self._get_param("Namespace"),
            self._get_param("MetricName"),
            self._get_param("StartTime"),
            self._get_param("EndTime"),
            self._get_int_param("Period"),
            [*plain, *extended],
            unit=self._get_param("Unit"),
            dimensions=self._get_param("Dimensions", []),
        )
        return ActionResult({"Label": self._get_param("MetricName"), "Datapoints": points})

    def list_metrics(self) -> ActionResult:
        """ListMetrics: a filter without a value asks for the name alone."""
        namespace, name = self._get_param("Namespace"), self._get_param("MetricName")
        filters = {d["Name"]: d.get("Value") for d in self._get_param("Dimensions") or []}
        found = [
            {
                "Namespace": key.namespace,
                "MetricName": key.name,
                "Dimensions": [{"Name": n, "Value": v} for n, v in sorted(key.dimensions)],
            }
            for key in self.cloudwatch_backend.store.metrics()
            if namespace in (None, key.namespace)
            and name in (None, key.name)
            and _has(dict(key.dimensions), filters)
        ]
        return ActionResult({"Metrics": found})

    def _is_wanted(self, alarm: Any) -> bool:
        names, prefix = self._get_param("AlarmNames"), self._get_param("AlarmNamePrefix")
        state, action = self._get_param("StateValue"), self._get_param("ActionPrefix")
        actions = [*alarm.alarm_actions, *alarm.ok_actions, *alarm.insufficient_data_actions]
        return (
            (not names or alarm.name in names)
            and (not prefix or alarm.name.startswith(prefix))
            and (not state or alarm.state_value == state)
            and (not action or any(one.startswith(action) for one in actions))
        )

    def _page(self, items: list[Any]) -> tuple[list[Any], str | None]:
        size = min(self._get_int_param("MaxRecords") or _DEFAULT_RECORDS, _MAX_RECORDS)
        start = int(self._get_param("NextToken") or 0)
        end = start + size
        return items[start:end], str(end) if end < len(items) else None


def _type(alarm: Any) -> str:
    return "MetricAlarm" if alarm.rule is None else "CompositeAlarm"


def _composite(alarm: Any) -> dict[str, Any]:
    return {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.alarm_arn,
        "AlarmDescription": alarm.description,
        "AlarmRule": alarm.rule,
        "AlarmConfigurationUpdatedTimestamp": alarm.configuration_updated_timestamp,
        "ActionsEnabled": alarm.actions_enabled,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "StateValue": alarm.state_value,
        "StateReason": alarm.state_reason,
        "StateReasonData": alarm.state_reason_data,
        "StateUpdatedTimestamp": alarm.state_updated_timestamp,
        "StateTransitionedTimestamp": alarm.state_transitioned_timestamp,
    }


def _has(dimensions: Mapping[str, str], filters: Mapping[str, str | None]) -> bool:
    return all(
        name in dimensions and value in (None, dimensions[name]) for name, value in filters.items()
    )
