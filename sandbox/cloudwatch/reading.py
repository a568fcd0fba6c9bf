"""moto's alarm records, read as what is evaluated."""

from typing import Any, cast

from sandbox.cloudwatch.evaluation import Threshold, TreatMissing
from sandbox.cloudwatch.queries import AlarmQuery, MetricQuery
from sandbox.cloudwatch.series import metric_key

_ONLY = "metric"


def threshold_of(alarm: Any) -> Threshold:
    """Return what a metric alarm compares with."""
    count = int(alarm.evaluation_periods)
    return Threshold(
        comparison=alarm.comparison_operator,
        value=float(alarm.threshold or 0.0),
        evaluation_periods=count,
        datapoints_to_alarm=int(alarm.datapoints_to_alarm or count),
        treat_missing=cast(TreatMissing, alarm.treat_missing_data or "missing"),
    )


def alarm_query(alarm: Any) -> AlarmQuery:
    """Return what a metric alarm looks at."""
    if not alarm.metric_data_queries:
        dimensions = {d.name: d.value for d in alarm.dimensions}
        key = metric_key(alarm.namespace, alarm.metric_name, dimensions)
        stat = alarm.extended_statistic or alarm.statistic
        only = MetricQuery(_ONLY, key, stat, int(alarm.period), alarm.unit or None)
        return AlarmQuery((only,), (), _ONLY)
    queries = alarm.metric_data_queries
    returned = next((q.id for q in queries if _is_returned(q)), "")
    return AlarmQuery(
        metrics=tuple(_metric(query) for query in queries if query.metric_stat),
        expressions=tuple((query.id, query.expression) for query in queries if query.expression),
        returned=returned,
    )


def _is_returned(query: Any) -> bool:
    return str(query.return_data).lower() in {"true", "none"}


def _metric(query: Any) -> MetricQuery:
    stat = query.metric_stat
    dimensions = {d.name: d.value for d in stat.metric.dimensions}
    key = metric_key(stat.metric.namespace, stat.metric.metric_name, dimensions)
    return MetricQuery(query.id, key, stat.stat, int(stat.period), stat.unit)
