"""What an alarm or GetMetricData asks of the metrics: one metric's statistic, or an expression."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.cloudwatch.evaluation import Point
from sandbox.cloudwatch.expressions import Series, UnknownExpression, evaluate
from sandbox.cloudwatch.series import MetricKey, MetricStore, last_periods, metric_key, periods

Periods = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class MetricQuery:
    """One metric's statistic."""

    id: str
    key: MetricKey
    statistic: str
    period_seconds: int
    unit: str | None = None


@dataclass(frozen=True)
class AlarmQuery:
    """What an alarm looks at: its metrics, and the expression over them where there is one."""

    metrics: tuple[MetricQuery, ...]
    expressions: tuple[tuple[str, str], ...] = ()
    returned: str = ""

    @property
    def period_seconds(self) -> int:
        """Return the longest of its metrics' periods."""
        return max((query.period_seconds for query in self.metrics), default=60)

    @property
    def statistic(self) -> str | None:
        """Return the statistic of a single metric, None for an expression."""
        return None if self.expressions else self.metrics[0].statistic

    def points(self, store: MetricStore, window: Periods) -> list[Point]:
        """Return a point for each period of the window."""
        known: dict[str, Series] = {
            query.id: store.values(query.key, window, query.statistic, query.unit)
            for query in self.metrics
        }
        resolve(known, self.expressions, len(window))
        values = known.get(self.returned) or [None] * len(window)
        return [Point(start, value) for (start, _), value in zip(window, values, strict=True)]


def resolve(
    known: dict[str, Series], expressions: Sequence[tuple[str, str]], length: int
) -> dict[str, str]:
    """Add the values of expressions, in whatever order they were given; return those that fail."""
    waiting = dict(expressions)
    failures: dict[str, str] = {}
    for _ in range(len(waiting)):
        for name, expression in list(waiting.items()):
            try:
                known[name] = evaluate(expression, known, length)
            except UnknownExpression as error:
                failures[name] = str(error)
            else:
                failures.pop(name, None)
                del waiting[name]
    return failures


def window_of(query: AlarmQuery, now: float, speed: float, count: int) -> Periods | None:
    """Return an alarm's last complete periods; they last as long as the sandbox's clock says."""
    return last_periods(now, query.period_seconds / speed, count) if query.metrics else None


def results_of(
    store: MetricStore,
    queries: Sequence[Mapping[str, Any]],
    start: float,
    end: float,
    *,
    newest_first: bool,
) -> list[dict[str, Any]]:
    """Return what GetMetricData answers: for each query the periods that have a value."""
    metrics = [metric_query(query) for query in queries if query.get("MetricStat")]
    length = min((query.period_seconds for query in metrics), default=60)
    window = list(periods(start, end, length))
    known: dict[str, Series] = {
        query.id: store.values(query.key, window, query.statistic, query.unit) for query in metrics
    }
    expressions = [
        (query["Id"], query["Expression"]) for query in queries if query.get("Expression")
    ]
    failures = resolve(known, expressions, len(window))
    return [
        _result(query, window, known.get(query["Id"], []), failures, newest_first)
        for query in queries
        if query.get("ReturnData") is not False
    ]


def metric_query(query: Mapping[str, Any]) -> MetricQuery:
    """Read a query with a MetricStat."""
    stat = query["MetricStat"]
    metric = stat["Metric"]
    dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions") or ()}
    key = metric_key(metric["Namespace"], metric["MetricName"], dimensions)
    return MetricQuery(query["Id"], key, stat["Stat"], int(stat["Period"]), stat.get("Unit"))


def _result(
    query: Mapping[str, Any],
    window: Periods,
    values: Series,
    failures: Mapping[str, str],
    newest_first: bool,
) -> dict[str, Any]:
    pairs = zip(window, values, strict=False)
    found = [(start, value) for (start, _), value in pairs if value is not None]
    if newest_first:
        found.reverse()
    failure = failures.get(query["Id"])
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or _label(query),
        "Timestamps": [datetime.fromtimestamp(start, UTC) for start, _ in found],
        "Values": [value for _, value in found],
        "StatusCode": "InternalError" if failure else "Complete",
        "Messages": [{"Code": "Expression", "Value": failure}] if failure else None,
    }


def _label(query: Mapping[str, Any]) -> str:
    if query.get("MetricStat"):
        return f"{query['MetricStat']['Metric']['MetricName']}"
    return str(query["Id"])
