"""Every metric's samples, for as long as alarms and dashboards ask for them."""

import bisect
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sandbox.cloudwatch.statistics import Sample, statistic

KEPT_SECONDS = 3 * 3600


class MetricKey(NamedTuple):
    """What tells one metric from another."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


def metric_key(namespace: str, name: str, dimensions: Mapping[str, str]) -> MetricKey:
    """Return the key of a metric."""
    return MetricKey(namespace, name, frozenset(dimensions.items()))


class MetricStore:
    """Samples by metric, in the order of their time; old ones are dropped as new ones come."""

    def __init__(self) -> None:
        self._series: dict[MetricKey, list[Sample]] = {}
        self._lock = threading.Lock()

    def add(self, key: MetricKey, sample: Sample) -> None:
        """Remember a sample."""
        with self._lock:
            series = self._series.setdefault(key, [])
            bisect.insort(series, sample, key=lambda one: one.at)
            kept_from = bisect.bisect_left(series, sample.at - KEPT_SECONDS, key=lambda o: o.at)
            del series[:kept_from]

    def metrics(self) -> list[MetricKey]:
        """Return every metric that has been reported."""
        with self._lock:
            return list(self._series)

    def between(
        self, key: MetricKey, start: float, end: float, unit: str | None = None
    ) -> list[Sample]:
        """Return the samples of [start, end), of one unit where one is named."""
        with self._lock:
            series = self._series.get(key, [])
            low = bisect.bisect_left(series, start, key=lambda one: one.at)
            high = bisect.bisect_left(series, end, key=lambda one: one.at)
            found = series[low:high]
        return [one for one in found if unit is None or one.unit in (None, unit)]

    def values(
        self, key: MetricKey, edges: Iterable[tuple[float, float]], stat: str, unit: str | None
    ) -> list[float | None]:
        """Return one statistic for each interval, None where nothing was reported."""
        return [statistic(self.between(key, start, end, unit), stat) for start, end in edges]


def periods(start: float, end: float, seconds: float) -> Iterator[tuple[float, float]]:
    """Yield the periods that touch [start, end), aligned to multiples of their length."""
    at = start // seconds * seconds
    while at < end:
        yield at, at + seconds
        at += seconds


def last_periods(now: float, seconds: float, count: int) -> list[tuple[float, float]]:
    """Return the last complete periods before now, the oldest first."""
    end = now // seconds
    return [((end - back) * seconds, (end - back + 1) * seconds) for back in range(count, 0, -1)]
