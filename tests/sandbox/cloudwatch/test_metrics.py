"""Statistics, metric math, periods, and what load balancers report."""

from datetime import UTC, datetime

import pytest

from sandbox.cloudwatch.expressions import Series, UnknownExpression, evaluate
from sandbox.cloudwatch.feed import reported
from sandbox.cloudwatch.series import KEPT_SECONDS, MetricStore, last_periods, metric_key, periods
from sandbox.cloudwatch.statistics import Sample, sample_of, statistic
from sandbox.load_balancer.metrics import Snapshot

KEY = metric_key("N", "M", {"A": "1"})


def test_statistics_join_values_and_statistic_sets() -> None:
    """Values and sets of one period make one result; sets have no percentiles."""
    samples = [sample_of(0, [1.0, 3.0]), Sample(1, sum=10, minimum=4, maximum=6, count=2)]
    found = {n: statistic(samples, n) for n in ("Sum", "Average", "Minimum", "Maximum", "p50")}
    assert found == {"Sum": 14, "Average": 3.5, "Minimum": 1, "Maximum": 6, "p50": 2}


def test_percentiles_lie_between_values() -> None:
    """p99 of 0..100 is 99; p0 and p100 are the ends."""
    samples = [sample_of(0, [float(n) for n in range(101)])]
    assert [statistic(samples, name) for name in ("p0", "p99", "p99.9", "p100")] == [
        0,
        99,
        pytest.approx(99.9),
        100,
    ]


@pytest.mark.parametrize("name", ["p101", "sum", "", "tm99"])
def test_an_unknown_statistic_is_an_error(name: str) -> None:
    """Nothing is computed under a name that means nothing."""
    with pytest.raises(ValueError, match="unknown statistic"):
        statistic([], name)


KNOWN: dict[str, Series] = {
    "errors": [None, 2.0, None],
    "refused": [1.0, None, None],
    "requests": [10.0, 20.0, None],
    "none": [0.0, 0.0, 0.0],
}


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("100 * (FILL(errors, 0) + FILL(refused, 0)) / requests", [10.0, 10.0, None]),
        ("requests / none", [None, None, None]),
        ("SUM([errors, refused])", [1.0, 2.0, None]),
        ("MAX(requests)", [20.0, 20.0, 20.0]),
        ("FILL(requests, REPEAT)", [10.0, 20.0, 20.0]),
        ("IF(requests > 15, 1, 0)", [0.0, 1.0, None]),
        ("-errors", [None, -2.0, None]),
        ("ABS(-3)", [3.0, 3.0, 3.0]),
    ],
)
def test_metric_math(expression: str, values: Series) -> None:
    """What has no data has no result, unless it is filled; so has a division by zero."""
    assert evaluate(expression, KNOWN, 3) == values


@pytest.mark.parametrize(
    "expression", ["unknown + 1", "__import__('os')", "1 +", "ANOMALY(errors)"]
)
def test_metric_math_knows_only_what_it_knows(expression: str) -> None:
    """Anything else is refused; nothing of it is run."""
    with pytest.raises(UnknownExpression):
        evaluate(expression, KNOWN, 3)


def test_samples_are_found_by_time_and_forgotten_when_old() -> None:
    """Late samples are put in their place; what is older than three hours goes."""
    store = MetricStore()
    for at in (100.0, 50.0, 160.0):
        store.add(KEY, sample_of(at, [at]))
    assert [sample.at for sample in store.between(KEY, 50, 160)] == [50, 100]
    store.add(KEY, sample_of(100.0 + KEPT_SECONDS, [1.0]))
    assert [sample.at for sample in store.between(KEY, 0, 200)] == [100, 160]


def test_periods_are_aligned_and_only_complete_ones_are_evaluated() -> None:
    """The running period is not looked at."""
    assert last_periods(185.0, 60, 2) == [(60, 120), (120, 180)]
    assert list(periods(65, 125, 60)) == [(60, 120), (120, 180)]


def _names(snapshot: Snapshot) -> dict[tuple[str, bool], float]:
    return {
        (key.name, "TargetGroup" in dict(key.dimensions)): sample.sum
        for key, sample in reported(snapshot)
    }


def test_reports_only_what_is_not_zero_and_where_it_belongs() -> None:
    """Targets' answers go to balancer and group, the balancer's own to the balancer alone."""
    found = _names(
        Snapshot(
            timestamp=datetime.now(UTC),
            load_balancer="app/web/1",
            listener=None,
            target_group="targetgroup/web/1",
            requests=5,
            target_codes={2: 3, 5: 1, 4: 0},
            elb_codes={5: 1},
            latencies=(0.1, 0.2),
        )
    )
    assert found == {
        ("RequestCount", False): 5,
        ("RequestCount", True): 5,
        ("HTTPCode_Target_2XX_Count", False): 3,
        ("HTTPCode_Target_2XX_Count", True): 3,
        ("HTTPCode_Target_5XX_Count", False): 1,
        ("HTTPCode_Target_5XX_Count", True): 1,
        ("TargetConnectionErrorCount", False): 1,
        ("TargetConnectionErrorCount", True): 1,
        ("HTTPCode_ELB_5XX_Count", False): 1,
        ("TargetResponseTime", False): pytest.approx(0.3),
        ("TargetResponseTime", True): pytest.approx(0.3),
    }


@pytest.mark.parametrize(
    ("healthy", "unhealthy", "expected"),
    [(1, 1, {"HealthyHostCount": 1, "UnHealthyHostCount": 1}), (0, 0, {}), (None, None, {})],
)
def test_hosts_are_reported_for_groups_with_targets(
    healthy: int | None, unhealthy: int | None, expected: dict[str, int]
) -> None:
    """A zero beside a host that counts is data; a group without targets has none."""
    now, group = datetime.now(UTC), "targetgroup/web/1"
    found = _names(Snapshot(now, "app/web/1", None, group, 0, {}, {}, (), healthy, unhealthy))
    assert {name: value for (name, _), value in found.items()} == expected
