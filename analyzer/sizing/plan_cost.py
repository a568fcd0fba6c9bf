"""What a Terraform plan adds to a month's bill, by the prices that recommendations use.

Counted is what is paid by the hour and has a size: Fargate tasks at their fewest, load balancers
with their addresses, databases with storage, caches. What depends on traffic is not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import JsonValue

from analyzer.sizing.cost import HOURS, ZONES
from analyzer.sizing.prices import PRICES, PRICES_AS_OF, PriceTable
from delightful.planned import CostChange
from delightful.reading.plan import PlanDocument, PlannedResource

Side = Literal["before", "after"]


class _NotKnown(Exception):
    """A size or a price that nobody knows now."""


@dataclass(frozen=True)
class _Bill:
    plan: PlanDocument
    prices: PriceTable
    side: Side

    def of(self, kind: str) -> Iterator[PlannedResource]:
        """Return the resources of a type that are there on this side."""
        for one in self.plan.resource_changes:
            if one.type == kind and one.mode == "managed" and not one.deposed:
                there = one.change.before if self.side == "before" else one.change.after
                if there is not None:
                    yield one

    def value(self, resource: PlannedResource, name: str) -> JsonValue:
        """Return an attribute on this side."""
        if self.side == "before":
            return resource.change.old.get(name)
        if resource.change.is_unknown(name):
            raise _NotKnown(f"{name} of {resource.address}")
        return resource.change.new.get(name)

    def number(self, resource: PlannedResource, name: str) -> float:
        """Return an attribute that is a number; ECS keeps those of a task as text."""
        value = self.value(resource, name)
        try:
            return float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise _NotKnown(f"{name} of {resource.address}") from None


def cost_change(plan: PlanDocument, region: str) -> CostChange:
    """Return what the stack costs in a month before and after the plan."""
    prices = PRICES.get(region)
    if prices is None:
        unknown: tuple[str, ...] = (f"prices of {region}",)
        before = after = None
    else:
        before, missing_before = _monthly(_Bill(plan, prices, "before"))
        after, missing_after = _monthly(_Bill(plan, prices, "after"))
        unknown = tuple(sorted({*missing_before, *missing_after}))
    return CostChange(
        before_usd=before, after_usd=after, unknown=unknown, prices_as_of=PRICES_AS_OF
    )


def _monthly(bill: _Bill) -> tuple[float | None, list[str]]:
    total, missing = 0.0, []
    for cost, kind in _COSTS:
        for resource in bill.of(kind):
            try:
                total += cost(bill, resource)
            except _NotKnown as unknown:
                missing.append(str(unknown))
    return (None if missing else round(total, 2)), missing


def _tasks(bill: _Bill, service: PlannedResource) -> float:
    definition = next(
        (
            one
            for one in bill.of("aws_ecs_task_definition")
            if one.module_address == service.module_address
        ),
        None,
    )
    if definition is None:
        raise _NotKnown(f"task size of {service.address}")
    cpu = bill.number(definition, "cpu") / 1024 * bill.prices.vcpu_hour
    memory = bill.number(definition, "memory") / 1024 * bill.prices.gib_hour
    return _count(bill, service) * HOURS * (cpu + memory)


def _count(bill: _Bill, service: PlannedResource) -> float:
    """Return the fewest tasks: the scaler's, where one is set to the service."""
    name = bill.value(service, "name")
    for target in bill.of("aws_appautoscaling_target"):
        if str(bill.value(target, "resource_id")).endswith(f"/{name}"):
            return bill.number(target, "min_capacity")
    return bill.number(service, "desired_count")


def _load_balancer(bill: _Bill, resource: PlannedResource) -> float:
    addresses = 0 if bill.value(resource, "internal") is True else ZONES
    return HOURS * (bill.prices.load_balancer_hour + addresses * bill.prices.ipv4_hour)


def _database(bill: _Bill, resource: PlannedResource) -> float:
    size = bill.value(resource, "instance_class")
    hour, gib = bill.prices.database_hour.get(str(size)), bill.prices.database_gib_month
    if hour is None or gib is None:
        raise _NotKnown(f"price of {size}")
    copies = 2 if bill.value(resource, "multi_az") is True else 1
    return copies * (HOURS * hour + bill.number(resource, "allocated_storage") * gib)


def _cache(bill: _Bill, resource: PlannedResource) -> float:
    size = bill.value(resource, "node_type")
    hour = bill.prices.cache_hour.get(str(size))
    if hour is None:
        raise _NotKnown(f"price of {size}")
    return bill.number(resource, "num_cache_clusters") * HOURS * hour


_COSTS: Final[tuple[tuple[Callable[[_Bill, PlannedResource], float], str], ...]] = (
    (_tasks, "aws_ecs_service"),
    (_load_balancer, "aws_lb"),
    (_database, "aws_db_instance"),
    (_cache, "aws_elasticache_replication_group"),
)
