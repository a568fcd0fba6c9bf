"""CloudWatch's state: moto's alarms and dashboards, our metrics and evaluation."""

import json
import threading
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch import urls
from moto.cloudwatch.exceptions import (
    InvalidFormat,
    InvalidParameterValue,
    ResourceNotFound,
    ValidationError,
)
from moto.cloudwatch.models import Alarm

from sandbox.cloudwatch.composite import InvalidRule, children_of, is_in_alarm
from sandbox.cloudwatch.evaluation import AlarmState, Finding, evaluate, is_comparison
from sandbox.cloudwatch.metrics import Metrics
from sandbox.cloudwatch.queries import AlarmQuery, window_of
from sandbox.cloudwatch.reading import alarm_query, threshold_of
from sandbox.cloudwatch.statistics import is_statistic

MAX_COMPOSITE_CHILDREN = 100
_KEPT_HISTORY = 10_000
_SHORT_PERIODS = (10, 20, 30)
_TREATMENTS = ("missing", "notBreaching", "breaching", "ignore")
_STATES = tuple(AlarmState)


class SandboxCloudWatchBackend(Metrics):
    """Alarms that begin without data, and move as their metrics do.

    `speed` shortens the periods of alarms; what clients ask for by time is the wall's.
    """

    def __init__(
        self, region_name: str, account_id: str, speed: float = 1.0, extra_periods: int = 2
    ) -> None:
        super().__init__(region_name, account_id)
        self.history: deque[dict[str, Any]] = deque(maxlen=_KEPT_HISTORY)
        self._speed = speed
        self._extra_periods = extra_periods
        self._lock = threading.RLock()

    @property
    def _url_module(self) -> Any:
        # moto finds a backend's paths beside its module; ours are moto's own.
        return urls

    # Alarms.

    def put_metric_alarm(self, *args: Any, **kwargs: Any) -> Alarm:
        """Create or change an alarm; a changed one keeps its state until it is evaluated."""
        name, rule = kwargs["name"], kwargs.get("rule")
        if rule is None:
            _check_alarm(kwargs)
        else:
            self._check_rule(name, rule)
        with self._lock:
            before = self.alarms.get(name)
            alarm = super().put_metric_alarm(*args, **kwargs)
            _begin(alarm, before)
            self._remember(alarm, "ConfigurationUpdate", _changed_text(alarm, before), {})
        if rule is not None:
            self._evaluate_composite(alarm)
        return alarm

    def describe_alarms(self) -> list[Alarm]:
        """Return every alarm there is now: others come and go while an answer is written."""
        return list(self.alarms.values())

    def delete_alarms(self, alarm_names: list[str]) -> None:
        """Delete alarms, all or none.

        Raises:
            ResourceNotFound: one of several does not exist.
        """
        missing = [name for name in alarm_names if name not in self.alarms]
        if missing:
            raise ResourceNotFound(f"Alarm(s) not found: {', '.join(missing)}")
        for name in alarm_names:
            self.tagger.delete_all_tags_for_resource(self.alarms[name].alarm_arn)
        super().delete_alarms(alarm_names)

    def set_alarm_state(
        self, alarm_name: str, reason: str, reason_data: str | None, state_value: str
    ) -> None:
        """Put an alarm into a state until it is evaluated again; a composite until a child moves.

        Raises:
            ResourceNotFound: no such alarm.
        """
        if reason_data is not None and not _is_json(reason_data):
            raise InvalidFormat("StateReasonData was not valid JSON")
        alarm = self.alarms.get(alarm_name)
        if alarm is None:
            raise ResourceNotFound("Alarm not found")
        if state_value not in _STATES:
            raise ValidationError(
                f"1 validation error detected: Value '{state_value}' at 'stateValue' failed to"
                " satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA,"
                " ALARM, OK]"
            )
        self._move(alarm, Finding(AlarmState(state_value), reason), reason_data)

    def evaluate_alarms(self, now: float) -> None:
        """Look at every metric alarm and move those whose state is another."""
        for alarm in self.describe_alarms():
            if alarm.rule is None:
                self._evaluate(alarm, now)

    def _evaluate(self, alarm: Alarm, now: float) -> None:
        query = alarm_query(alarm)
        if alarm.created_at + query.period_seconds / self._speed > now:
            return
        window = window_of(query, now, self._speed, self._periods_of(alarm))
        if window is None:
            return
        points = query.points(self.store, window)
        finding = evaluate(threshold_of(alarm), points, AlarmState(alarm.state_value))
        if finding is not None and finding.state != alarm.state_value:
            self._move(alarm, finding, _reason_data(query, finding))

    def _periods_of(self, alarm: Alarm) -> int:
        return int(alarm.evaluation_periods) + self._extra_periods

    def _move(self, alarm: Alarm, finding: Finding, reason_data: str | None) -> None:
        with self._lock:
            before = alarm.state_value
            alarm.update_state(finding.reason, reason_data or "{}", str(finding.state))
            if before != finding.state:
                alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
                text = f"Alarm updated from {before} to {finding.state}"
                self._remember(alarm, "StateUpdate", text, {"oldState": before})
        if before != finding.state:
            self._evaluate_parents(alarm)

    def _evaluate_parents(self, child: Alarm) -> None:
        for alarm in self.describe_alarms():
            if alarm.rule is not None and child.name in children_of(alarm.rule):
                self._evaluate_composite(alarm, child)

    def _evaluate_composite(self, alarm: Alarm, child: Alarm | None = None) -> None:
        states = {one.name: one.state_value for one in self.describe_alarms()}
        fires = is_in_alarm(alarm.rule, states)
        state = AlarmState.ALARM if fires else AlarmState.OK
        if state == alarm.state_value:
            return
        reason = "Composite alarm was created or changed"
        if child is not None:
            at = datetime.now(UTC).strftime("%A %d %B, %Y %H:%M:%S UTC")
            reason = f"{child.alarm_arn} transitioned to {child.state_value} at {at}"
        self._move(alarm, Finding(state, reason), None)

    def _check_rule(self, name: str, rule: str) -> None:
        try:
            children = children_of(rule)
        except InvalidRule as error:
            raise ValidationError(f"AlarmRule must be valid: {error}") from error
        if len(children) > MAX_COMPOSITE_CHILDREN:
            raise ValidationError(f"A rule has at most {MAX_COMPOSITE_CHILDREN} children")
        missing = sorted(child for child in children if child not in self.alarms or child == name)
        if missing:
            raise ValidationError(
                f"Could not save the composite alarm as alarms [{', '.join(missing)}]"
                " in the alarm rule do not exist"
            )

    def _remember(self, alarm: Alarm, kind: str, summary: str, data: Mapping[str, Any]) -> None:
        self.history.append(
            {
                "AlarmName": alarm.name,
                "AlarmType": "MetricAlarm" if alarm.rule is None else "CompositeAlarm",
                "Timestamp": datetime.now(UTC),
                "HistoryItemType": kind,
                "HistorySummary": summary,
                "HistoryData": json.dumps(
                    {"type": kind, "newState": alarm.state_value, "reason": alarm.state_reason}
                    | dict(data)
                ),
            }
        )


def _check_alarm(given: Mapping[str, Any]) -> None:
    if not is_comparison(given.get("comparison_operator")):
        raise ValidationError(
            f"ComparisonOperator {given.get('comparison_operator')} is not supported"
        )
    treatment = given.get("treat_missing_data")
    if treatment is not None and treatment not in _TREATMENTS:
        raise ValidationError(f"Option {treatment} is not supported for TreatMissingData.")
    periods_given = given.get("evaluation_periods") or 0
    if not 1 <= (given.get("datapoints_to_alarm") or 1) <= periods_given:
        raise ValidationError("DatapointsToAlarm must be between 1 and EvaluationPeriods")
    stat = given.get("extended_statistic") or given.get("statistic")
    if stat and not is_statistic(stat):
        raise InvalidParameterValue(f"The value {stat} is not a supported statistic.")
    period = given.get("period")
    if period is not None and period not in _SHORT_PERIODS and (period < 1 or period % 60):
        raise ValidationError("Period must be 10, 20, 30 or a multiple of 60")
    if bool(given.get("metric_name")) == bool(given.get("metric_data_queries")):
        raise ValidationError("Either MetricName or Metrics must be given")


def _begin(alarm: Alarm, before: Alarm | None) -> None:
    alarm.state_value = str(AlarmState.INSUFFICIENT_DATA)
    # A new alarm has no data until a period has passed; so it is recorded of the real service.
    alarm.created_at = before.created_at if before else datetime.now(UTC).timestamp()
    alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
    if before is not None and (before.rule is None) == (alarm.rule is None):
        kept = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp")
        for name in (*kept, "state_transitioned_timestamp"):
            setattr(alarm, name, getattr(before, name))


def _changed_text(alarm: Alarm, before: Alarm | None) -> str:
    return f'Alarm "{alarm.name}" {"updated" if before else "created"}'


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _reason_data(query: AlarmQuery, finding: Finding) -> str:
    return json.dumps(
        {
            "version": "1.0",
            "queryDate": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "statistic": query.statistic,
            "period": query.period_seconds,
            "recentDatapoints": [point.value for point in finding.points],
        }
    )
