"""When an alarm fires: M of N data points, and what missing ones mean.

After "Configuring how CloudWatch alarms treat missing data": more periods are looked at than
the alarm evaluates; where enough of them have data, missing ones do not matter at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal, NamedTuple

TreatMissing = Literal["missing", "notBreaching", "breaching", "ignore"]


class AlarmState(StrEnum):
    """The state of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Point(NamedTuple):
    """One period: its beginning (UTC epoch seconds) and value, None where data is missing."""

    at: float
    value: float | None


@dataclass(frozen=True)
class Threshold:
    """What an alarm compares with."""

    comparison: str
    value: float
    evaluation_periods: int
    datapoints_to_alarm: int
    treat_missing: TreatMissing = "missing"

    def is_breached_by(self, value: float) -> bool:
        """Say whether a value is on the wrong side."""
        return _COMPARISONS[self.comparison].holds(value, self.value)


class Comparison(NamedTuple):
    """A comparison and its name in a state's reason."""

    text: str
    holds: Callable[[float, float], bool]


_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": Comparison(
        "greater than or equal to", lambda value, limit: value >= limit
    ),
    "GreaterThanThreshold": Comparison("greater than", lambda value, limit: value > limit),
    "LessThanThreshold": Comparison("less than", lambda value, limit: value < limit),
    "LessThanOrEqualToThreshold": Comparison(
        "less than or equal to", lambda value, limit: value <= limit
    ),
}


def is_comparison(name: str | None) -> bool:
    """Say whether a comparison is known."""
    return name in _COMPARISONS


@dataclass(frozen=True)
class Finding:
    """The state that an evaluation found, why, and the points behind it."""

    state: AlarmState
    reason: str
    points: tuple[Point, ...] = ()


def evaluate(threshold: Threshold, points: Sequence[Point], current: AlarmState) -> Finding | None:
    """Return the state after the given periods (oldest first), None where it stays as it is."""
    present = [point for point in points if point.value is not None]
    if not present:
        return _without_data(threshold, current)
    wanted = threshold.evaluation_periods
    used = present[-wanted:]
    breaching = [point for point in used if threshold.is_breached_by(point.value or 0.0)]
    lacking = wanted - len(used)
    state = _state(threshold, points, used, len(breaching), lacking)
    if state is None:
        return None
    return Finding(state, _crossed(threshold, state, used, breaching, lacking), tuple(used))


def _without_data(threshold: Threshold, current: AlarmState) -> Finding | None:
    count = threshold.evaluation_periods
    if threshold.treat_missing == "ignore":
        return None
    if threshold.treat_missing == "missing":
        unknown = "datapoint was" if count == 1 else "datapoints were"
        return Finding(
            AlarmState.INSUFFICIENT_DATA, f"Insufficient Data: {count} {unknown} unknown."
        )
    breaching = threshold.treat_missing == "breaching"
    periods = "period" if count == 1 else "periods"
    treated = "datapoint was" if count == 1 else "datapoints were"
    return Finding(
        AlarmState.ALARM if breaching else AlarmState.OK,
        f"Threshold Crossed: no datapoints were received for {count} {periods} and {count} missing"
        f" {treated} treated as [{'Breaching' if breaching else 'NonBreaching'}].",
    )


def _state(
    threshold: Threshold,
    points: Sequence[Point],
    used: Sequence[Point],
    breaching: int,
    lacking: int,
) -> AlarmState | None:
    counted = breaching + (lacking if threshold.treat_missing == "breaching" else 0)
    if counted >= threshold.datapoints_to_alarm:
        return AlarmState.ALARM
    only_breaching = breaching == len(used)
    if (
        lacking <= 0
        or not only_breaching
        or threshold.treat_missing in {"notBreaching", "breaching"}
    ):
        return AlarmState.OK
    if threshold.treat_missing == "missing" and _is_old_enough(threshold, points):
        return AlarmState.ALARM
    return None


def _is_old_enough(threshold: Threshold, points: Sequence[Point]) -> bool:
    recent = list(points)[-threshold.evaluation_periods :]
    oldest = next((at for at, point in enumerate(recent) if point.value is not None), None)
    return oldest is not None and len(recent) - oldest >= threshold.datapoints_to_alarm


def _crossed(
    threshold: Threshold,
    state: AlarmState,
    used: Sequence[Point],
    breaching: Sequence[Point],
    lacking: int,
) -> str:
    fires = state is AlarmState.ALARM
    shown = breaching if fires else [point for point in used if point not in breaching]
    count, needed = len(shown), threshold.datapoints_to_alarm
    if not fires:
        needed = threshold.evaluation_periods - needed + 1
    verb = "was" if count == 1 else "were"
    relation = ("" if fires else "not ") + _COMPARISONS[threshold.comparison].text
    change = "OK -> ALARM" if fires else "ALARM -> OK"
    points = "datapoint" if needed == 1 else "datapoints"
    return (
        f"Threshold Crossed: {count} out of the last {len(used)} datapoints"
        f" [{', '.join(_shown(point) for point in reversed(shown))}] {verb} {relation} the"
        f" threshold ({threshold.value}) (minimum {needed} {points} for {change} transition)."
        + _filled_in(threshold, lacking)
    )


def _filled_in(threshold: Threshold, lacking: int) -> str:
    kind = {"breaching": "Breaching", "notBreaching": "NonBreaching"}.get(threshold.treat_missing)
    if lacking <= 0 or kind is None:
        return ""
    what = "datapoint was" if lacking == 1 else "datapoints were"
    return f" {lacking} missing {what} treated as [{kind}]."


def _shown(point: Point) -> str:
    at = datetime.fromtimestamp(point.at, UTC).strftime("%d/%m/%y %H:%M:%S")
    return f"{point.value} ({at})"
