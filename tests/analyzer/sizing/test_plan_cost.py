"""What a plan adds to a month's bill, by the prices that a recommendation is made with."""

import pytest

from analyzer.sizing.cost import cost_of
from analyzer.sizing.plan_cost import cost_change
from delightful.settings import CacheSize, DatabaseSize, Settings
from tests.delightful.plan_samples import plan_of, planned

REGION = "us-east-1"
SERVICE = {"name": "api-sandbox", "desired_count": 2}
TASK = {"cpu": "256", "memory": "512"}
DATABASE = {"instance_class": "db.t4g.micro", "allocated_storage": 20, "multi_az": False}
CACHE = {"node_type": "cache.t4g.micro", "num_cache_clusters": 1}
NEW = (
    planned("aws_ecs_service", "create", None, SERVICE, module="module.ecs"),
    planned("aws_ecs_task_definition", "create", None, TASK, module="module.ecs"),
    planned("aws_lb", "create", None, {"internal": False}),
    planned("aws_db_instance", "create", None, DATABASE),
    planned("aws_elasticache_replication_group", "create", None, CACHE),
)


def test_a_new_stack_costs_what_its_recommendation_says() -> None:
    """Line by line the same, but for what depends on traffic and on how often one deploys."""
    settings = Settings(
        cpu_units=256,
        memory_mib=512,
        min_count=2,
        max_count=2,
        database=DatabaseSize(engine="postgres", instance_class="db.t4g.micro", storage_gib=20),
        cache=CacheSize(node_type="cache.t4g.micro"),
    )
    recommended = cost_of(settings, None, region=REGION)
    assert recommended is not None
    by_traffic = ("Blue and green", "Load balancer capacity", "Logs")
    counted = [one for one in recommended.lines if not one.what.startswith(by_traffic)]
    cost = cost_change(plan_of(*NEW), REGION)
    assert cost.before_usd == 0.0
    assert cost.after_usd == pytest.approx(sum(one.monthly_usd for one in counted), abs=0.05)
    assert cost.difference_usd == cost.after_usd


def test_what_stays_is_counted_on_both_sides() -> None:
    """Twice the processor for two tasks that are there already, by the hour."""
    cost = cost_change(
        plan_of(
            planned("aws_ecs_service", "nothing", SERVICE, SERVICE, module="module.ecs"),
            planned(
                "aws_ecs_task_definition",
                "replace",
                TASK,
                {"cpu": "512", "memory": "1024"},
                module="module.ecs",
            ),
        ),
        REGION,
    )
    assert cost.before_usd == pytest.approx(2 * 730 * (0.25 * 0.04048 + 0.5 * 0.004445), abs=0.01)
    assert cost.difference_usd == pytest.approx(cost.before_usd, abs=0.02)


def test_the_scaler_counts_where_there_is_one() -> None:
    """The fewest tasks are the scaler's; the service's own number is not looked at."""
    target = {"resource_id": "service/delightful-sandbox/api-sandbox", "min_capacity": 4}
    scaled = planned("aws_appautoscaling_target", "create", None, target)
    plain, with_scaler = (
        cost_change(plan_of(*NEW[:2]), REGION).after_usd,
        cost_change(plan_of(*NEW[:2], scaled), REGION).after_usd,
    )
    assert plain is not None
    assert with_scaler == pytest.approx(2 * plain, abs=0.01)


def test_a_database_that_goes_saves_its_price() -> None:
    """The difference is what the bill loses."""
    cost = cost_change(plan_of(planned("aws_db_instance", "delete", DATABASE)), REGION)
    assert (cost.after_usd, cost.difference_usd) == (0.0, -(730 * 0.016 + 20 * 0.115))


@pytest.mark.parametrize(
    ("resource", "unknown"),
    [
        (
            planned("aws_db_instance", "update", DATABASE, {**DATABASE, "instance_class": "db.x"}),
            "price of db.x",
        ),
        (
            planned("aws_db_instance", "create", None, {}, after_unknown={"instance_class": True}),
            "instance_class of aws_db_instance.this",
        ),
        (planned("aws_ecs_service", "create", None, SERVICE), "task size of aws_ecs_service.this"),
        (
            planned("aws_elasticache_replication_group", "create", None, {"node_type": "x"}),
            "price of x",
        ),
    ],
)
def test_what_is_not_known_makes_no_number(resource: dict[str, object], unknown: str) -> None:
    """One price that is missing leaves the whole side unknown, and is named."""
    cost = cost_change(plan_of(resource), REGION)
    assert (cost.after_usd, cost.difference_usd, cost.unknown) == (None, None, (unknown,))


def test_a_region_without_prices_is_unknown() -> None:
    """Nothing is taken from another region."""
    cost = cost_change(plan_of(*NEW), "mars-1")
    assert (cost.before_usd, cost.after_usd) == (None, None)
    assert cost.unknown == ("prices of mars-1",)
