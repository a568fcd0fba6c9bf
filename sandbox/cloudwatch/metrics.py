"""The metrics half of CloudWatch's state: what was reported, and what is asked of it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterValue, ValidationError
from moto.cloudwatch.models import CloudWatchBackend

from sandbox.cloudwatch.queries import results_of
from sandbox.cloudwatch.series import MetricKey, MetricStore, metric_key, periods
from sandbox.cloudwatch.statistics import Sample, is_statistic, sample_of, statistic


class Metrics(CloudWatchBackend):
    """moto's backend with metrics of ours."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.store = MetricStore()

    def report(self, samples: Iterable[tuple[MetricKey, Sample]]) -> None:
        """Remember what parts of the sandbox saw."""
        for key, sample in samples:
            self.store.add(key, sample)

    def put_metric_data(self, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        """Remember what a client reports."""
        for place, datum in enumerate(metric_data):
            self._validate_parameters_put_metric_data(datum, place + 1)
        for datum in metric_data:
            dimensions = {d["Name"]: d["Value"] for d in datum.get("Dimensions") or ()}
            key = metric_key(namespace, datum["MetricName"], dimensions)
            self.store.add(key, _sample(datum))

    def get_metric_data(
        self,
        queries: list[dict[str, Any]],
        start_time: datetime,
        end_time: datetime,
        scan_by: str = "TimestampDescending",
    ) -> list[dict[str, Any]]:
        """Return the values of queries and expressions."""
        if start_time >= end_time:
            raise ValidationError("The parameter EndTime must be greater than StartTime.")
        start, end = start_time.timestamp(), end_time.timestamp()
        return results_of(
            self.store, queries, start, end, newest_first=scan_by != "TimestampAscending"
        )

    def get_metric_statistics(
        self,
        namespace: str,
        metric_name: str,
        start_time: datetime,
        end_time: datetime,
        period: int,
        stats: list[str],
        dimensions: list[dict[str, str]],
        unit: str | None = None,
    ) -> list[Any]:
        """Return one data point for each period with data, percentiles among its statistics."""
        if start_time >= end_time:
            raise InvalidParameterValue(
                "The parameter StartTime must be less than the parameter EndTime."
            )
        if unknown := [name for name in stats if not is_statistic(name)]:
            raise InvalidParameterValue(f"The statistic {unknown[0]} is not supported.")
        named = {d["Name"]: d["Value"] for d in dimensions or ()}
        key = metric_key(namespace, metric_name, named)
        found = []
        for low, high in periods(start_time.timestamp(), end_time.timestamp(), period):
            if samples := self.store.between(key, low, high, unit):
                found.append(_datapoint(low, samples, stats))
        return found


def _datapoint(at: float, samples: list[Sample], stats: list[str]) -> dict[str, Any]:
    plain = {name: statistic(samples, name) for name in stats if not name.startswith("p")}
    extended = {name: statistic(samples, name) for name in stats if name.startswith("p")}
    return {
        "Timestamp": datetime.fromtimestamp(at, UTC),
        "Unit": samples[-1].unit or "None",
        "ExtendedStatistics": extended or None,
        **plain,
    }


def _sample(datum: Mapping[str, Any]) -> Sample:
    given: datetime = datum.get("Timestamp") or datetime.now(UTC)
    at = (given if given.tzinfo else given.replace(tzinfo=UTC)).timestamp()
    unit = datum.get("Unit")
    if summary := datum.get("StatisticValues"):
        total, low, high, count = (
            float(summary[k]) for k in ("Sum", "Minimum", "Maximum", "SampleCount")
        )
        return Sample(at, total, low, high, count, unit=unit)
    values = datum.get("Values") or [datum.get("Value", 0.0)]
    counts = datum.get("Counts") or [1.0] * len(values)
    repeated = [float(v) for v, n in zip(values, counts, strict=True) for _ in range(int(n))]
    return sample_of(at, repeated, unit)
