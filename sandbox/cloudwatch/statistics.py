"""Statistics over samples: the five plain ones and percentiles."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")


@dataclass(frozen=True, slots=True)
class Sample:
    """What was reported at one moment (UTC epoch seconds).

    `values` is empty for a statistic set, which therefore has no percentiles.
    """

    at: float
    sum: float
    minimum: float
    maximum: float
    count: float
    values: tuple[float, ...] = ()
    unit: str | None = None


def sample_of(at: float, values: Sequence[float], unit: str | None = None) -> Sample:
    """Return the sample of one or more values."""
    return Sample(at, sum(values), min(values), max(values), len(values), tuple(values), unit)


def is_statistic(name: str) -> bool:
    """Say whether a name stands for a statistic that can be computed."""
    return name in _PLAIN or _PERCENTILE.fullmatch(name) is not None


def statistic(samples: Sequence[Sample], name: str) -> float | None:
    """Return a statistic (Sum, Average, Minimum, Maximum, SampleCount, p99, …); None without data.

    Raises:
        ValueError: no such statistic.
    """
    if not is_statistic(name):
        raise ValueError(f"unknown statistic {name!r}")
    if not samples:
        return None
    if name in _PLAIN:
        return float(_PLAIN[name](samples))
    values = sorted(value for sample in samples for value in sample.values)
    return _percentile(values, float(name[1:])) if values else None


def _average(samples: Sequence[Sample]) -> float:
    count = sum(sample.count for sample in samples)
    return sum(sample.sum for sample in samples) / count if count else 0.0


def _percentile(ordered: Sequence[float], percent: float) -> float:
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


_PLAIN: dict[str, Callable[[Sequence[Sample]], float]] = {
    "Sum": lambda samples: sum(sample.sum for sample in samples),
    "Average": _average,
    "Minimum": lambda samples: min(sample.minimum for sample in samples),
    "Maximum": lambda samples: max(sample.maximum for sample in samples),
    "SampleCount": lambda samples: sum(sample.count for sample in samples),
}
