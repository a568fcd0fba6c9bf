"""The monthly cost: adds up, says what it rests on, and compares what runs with what is advised."""

import math
import re
from datetime import date
from pathlib import Path

import pytest

from analyzer.sizing.cost import HOURS, cost_of, overlap_hours
from analyzer.sizing.prices import PRICES
from analyzer.sizing.store_size import CACHE_NODES, DATABASE_CLASSES
from delightful.recommendation import Cost
from delightful.render.analysis_words import cost_text
from delightful.settings import CACHE_DEFAULTS, DATABASE_DEFAULTS, SERVICE_DEFAULTS, settings_of

SERVICE = Path(__file__).parents[3] / "infrastructure" / "service" / "variables.tf"
SMALL = settings_of({"desired_count": 2})


def cost(
    variables: dict[str, object], *, rate: int | None = None, region: str = "us-east-1"
) -> Cost:
    """Return the cost of inputs, which there is."""
    found = cost_of(settings_of(variables), rate, region=region)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_the_tasks_cost_what_fargate_asks() -> None:
    """Two tasks of a quarter vCPU and half a GiB, all month: hours times list price."""
    lines = {line.what: line for line in cost({"desired_count": 2}).lines}
    cpu = lines["Fargate CPU of 2 tasks"]
    assert (cpu.quantity, cpu.unit, cpu.unit_usd) == (365.0, "vCPU-hour", 0.04048)
    assert cpu.monthly_usd == round(365 * 0.04048, 2)
    assert lines["Fargate memory of 2 tasks"].monthly_usd == round(730 * 0.004445, 2)


def test_hours_of_blue_beside_green_are_paid_for() -> None:
    """Twenty deploys a month, each with start, bake and the wait before the earlier tasks end."""
    waiting = settings_of({"termination_wait_minutes": 60}, bake_seconds=600)
    rolling = settings_of({"deployment_strategy": "rolling"}, bake_seconds=600)
    assert overlap_hours(waiting) == pytest.approx(20 * (5 + 10 + 60) / 60)
    assert overlap_hours(rolling) == pytest.approx(20 * 5 / 60)
    found = cost_of(waiting, None)
    assert found is not None
    line = next(line for line in found.lines if line.what.startswith("Blue and green"))
    assert line.quantity == 2 * 25
    assert line.monthly_usd == round(50 * (0.25 * 0.04048 + 0.5 * 0.004445), 2)
    assert "20 deploys a month" in found.assumptions[1]
    assert "75 minutes" in found.assumptions[1]


def test_stores_are_paid_for_by_class_and_zone() -> None:
    """A database in two zones is two, its storage too; a cache is as many nodes as it has."""
    stores = {
        "database": {"engine": "postgres", "version": None},
        "database_settings": {
            "instance_class": "db.m7g.large",
            "storage_gib": 100,
            "multi_az": True,
        },
        "cache": {"engine": "redis"},
        "cache_settings": {"node_type": "cache.m7g.large", "node_count": 2},
    }
    lines = {line.what: line.monthly_usd for line in cost({**stores}).lines}
    assert lines["Database db.m7g.large in two zones"] == round(2 * HOURS * 0.168, 2)
    assert lines["Database storage gp3"] == 23.0
    assert lines["Cache cache.m7g.large"] == round(2 * HOURS * 0.158, 2)


@pytest.mark.parametrize("rate", [None, 1, 500])
@pytest.mark.parametrize("region", sorted(PRICES))
def test_a_cost_adds_up_and_says_what_it_rests_on(rate: int | None, region: str) -> None:
    """The lines sum to the total, and assumptions, exclusions, day and source are told."""
    variables = {"scaling": {"min_count": 2, "max_count": 6}, "desired_count": 2}
    found = cost({**variables}, rate=rate, region=region)
    assert found.monthly_usd == pytest.approx(sum(line.monthly_usd for line in found.lines))
    assert found.at_most_usd > found.monthly_usd
    assert all(math.isfinite(line.monthly_usd) for line in found.lines)
    assert date.fromisoformat(found.prices_as_of)
    assert "not asked live" in found.prices_source
    assert any("NAT" in one for one in found.not_counted)
    assert any("second" in one for one in found.assumptions)


def test_what_has_no_price_is_told_and_not_guessed() -> None:
    """With a class that the table lacks no sum looks whole; a region without prices has none."""
    variables = {
        "database": {"engine": "mysql"},
        "database_settings": {"instance_class": "db.x2g.16xlarge"},
    }
    found = cost({**variables})
    assert not [line for line in found.lines if line.what.startswith("Database db.")]
    lacking = "not known: no price for database db.x2g.16xlarge"
    assert cost_text(found, None) == f"{lacking} in us-east-1"
    assert cost_text(cost({}), found).endswith(f"; as it runs {lacking}")
    assert cost_of(SMALL, None, region="eu-central-1") is None


@pytest.mark.parametrize("region", sorted(PRICES))
def test_every_size_that_is_recommended_has_a_price(region: str) -> None:
    """A region that is listed has a price for every class and node that may be recommended."""
    prices = PRICES[region]
    assert DATABASE_CLASSES.keys() <= prices.database_hour.keys()
    assert CACHE_NODES.keys() <= prices.cache_hour.keys()
    for table in (prices.database_hour, prices.cache_hour):
        assert list(table.values()) == sorted(table.values())


def test_more_traffic_costs_more() -> None:
    """The load balancer and the logs follow the declared rate."""
    assert cost({}, rate=1000).monthly_usd > cost({}, rate=10).monthly_usd > cost({}).monthly_usd


def test_defaults_are_those_of_the_infrastructure() -> None:
    """What an input comes to where nobody says it is what `infrastructure/service` declares."""
    text = SERVICE.read_text(encoding="utf-8")
    for name, default in SERVICE_DEFAULTS.items():
        block = text[text.index(f'variable "{name}"') :]
        shown = re.search(r"^  default     = \"?([\w.]+)\"?$", block, re.MULTILINE)
        assert shown is not None
        assert shown[1] == str(default), name
    for name, default in {**DATABASE_DEFAULTS, **CACHE_DEFAULTS}.items():
        shown = re.search(rf"^    {name} +=.* \"?([\w.]+)\"?\)$", text, re.MULTILINE)
        assert shown is not None, name
        assert shown[1] == str(default).lower(), name
