"""When an alarm fires; the tables are those of AWS's page on missing data."""

import pytest

from sandbox.cloudwatch.evaluation import AlarmState, Point, Threshold, TreatMissing, evaluate

OK, ALARM, INSUFFICIENT = AlarmState.OK, AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA
RETAINED = None
VALUES = {"0": 0.0, "X": 9.0, "-": None}


def _points(pattern: str) -> list[Point]:
    return [Point(at * 60.0, VALUES[sign]) for at, sign in enumerate(pattern.split())]


def _state(pattern: str, treat: TreatMissing, wanted: int, periods: int = 3) -> AlarmState | None:
    threshold = Threshold("GreaterThanThreshold", 5.0, periods, wanted, treat)
    finding = evaluate(threshold, _points(pattern), OK)
    return finding.state if finding else None


@pytest.mark.parametrize(
    ("pattern", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", OK, OK, OK, OK),
        ("- - - - 0", OK, OK, OK, OK),
        ("- - - - -", INSUFFICIENT, RETAINED, ALARM, OK),
        ("0 X X - X", ALARM, ALARM, ALARM, ALARM),
        ("- - X - -", ALARM, RETAINED, ALARM, OK),
    ],
)
def test_three_of_three(
    pattern: str,
    missing: AlarmState | None,
    ignore: AlarmState | None,
    breaching: AlarmState | None,
    not_breaching: AlarmState | None,
) -> None:
    """Three evaluation periods, all must breach, five retrieved."""
    assert _state(pattern, "missing", 3) is missing
    assert _state(pattern, "ignore", 3) is ignore
    assert _state(pattern, "breaching", 3) is breaching
    assert _state(pattern, "notBreaching", 3) is not_breaching


@pytest.mark.parametrize(
    ("pattern", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", ALARM, ALARM, ALARM, ALARM),
        ("0 0 X 0 X", ALARM, ALARM, ALARM, ALARM),
        ("0 - X - -", OK, OK, ALARM, OK),
        ("- - - - 0", OK, OK, ALARM, OK),
        ("- - - X -", ALARM, RETAINED, ALARM, OK),
    ],
)
def test_two_of_three(
    pattern: str,
    missing: AlarmState | None,
    ignore: AlarmState | None,
    breaching: AlarmState | None,
    not_breaching: AlarmState | None,
) -> None:
    """Three evaluation periods, two must breach, five retrieved."""
    assert _state(pattern, "missing", 2) is missing
    assert _state(pattern, "ignore", 2) is ignore
    assert _state(pattern, "breaching", 2) is breaching
    assert _state(pattern, "notBreaching", 2) is not_breaching


def test_a_breach_that_is_too_young_does_not_fire_yet() -> None:
    """One breaching point after nothing keeps the state, until it is old enough."""
    assert _state("- - - - X", "missing", 3) is RETAINED


@pytest.mark.parametrize(
    ("comparison", "at_threshold"),
    [
        ("GreaterThanThreshold", OK),
        ("GreaterThanOrEqualToThreshold", ALARM),
        ("LessThanThreshold", OK),
        ("LessThanOrEqualToThreshold", ALARM),
    ],
)
def test_compares_as_it_is_told(comparison: str, at_threshold: AlarmState) -> None:
    """A value exactly at the threshold breaches only where equality counts."""
    finding = evaluate(Threshold(comparison, 5.0, 1, 1), [Point(0, 5.0)], OK)
    assert finding is not None
    assert finding.state is at_threshold


def test_tells_the_reason_in_the_words_of_the_service() -> None:
    """Recorded sentences, with the points and their times."""
    threshold = Threshold("GreaterThanThreshold", 5.0, 1, 1, "notBreaching")
    at = 1_526_445_060.0
    fired = evaluate(threshold, [Point(at, 9.0)], OK)
    calm = evaluate(threshold, [Point(at, 0.0)], ALARM)
    silent = evaluate(threshold, [Point(at, None)], ALARM)
    unknown = evaluate(Threshold("GreaterThanThreshold", 5.0, 1, 1), [Point(at, None)], OK)
    assert [finding and finding.reason for finding in (fired, calm, silent, unknown)] == [
        "Threshold Crossed: 1 out of the last 1 datapoints [9.0 (16/05/18 04:31:00)] was greater"
        " than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition).",
        "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (16/05/18 04:31:00)] was not"
        " greater than the threshold (5.0) (minimum 1 datapoint for ALARM -> OK transition).",
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was"
        " treated as [NonBreaching].",
        "Insufficient Data: 1 datapoint was unknown.",
    ]
