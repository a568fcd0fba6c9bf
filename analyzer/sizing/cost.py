"""What settings cost in a month, at list price."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from analyzer.sizing.demand import AVERAGE_SHARE
from analyzer.sizing.prices import DEFAULT_REGION, PRICES, PRICES_AS_OF, PRICES_SOURCE, PriceTable
from delightful.recommendation import Cost, CostLine
from delightful.settings import Settings

HOURS: Final = 730
DEPLOYS: Final = 20
# Tasks start, become healthy and are asked the smoke test while the earlier ones serve.
START_MINUTES: Final = 5
_SECONDS: Final = HOURS * 3600
ZONES: Final = 2
_UNDECLARED: Final = 1
# One capacity unit of a load balancer bears these (elasticloadbalancing/pricing).
_CONNECTIONS_PER_UNIT: Final = 25
_GB_PER_UNIT: Final = 1.0
_REQUESTS_PER_CONNECTION: Final = 4
_KB_PER_ANSWER: Final = 20
_LOG_BYTES: Final = 500
_LOG_MB_PER_TASK: Final = 100

NOT_COUNTED: Final = (
    "what the platform shares: VPC, NAT gateways, endpoints, cluster, Prefect",
    "data that leaves AWS or crosses zones",
    "the registry, artifacts, secrets, alarms, dashboards, metrics and traces",
    "backups beyond a database's own size, and its growth",
    "consumers of a queue, which are a service of their own",
    "taxes, free tiers, discounts and commitments",
)


@dataclass(frozen=True)
class _Bill:
    settings: Settings
    prices: PriceTable
    count: int
    average_rate: float

    @property
    def task_hour(self) -> float:
        cpu = self.settings.cpu_units / 1024 * self.prices.vcpu_hour
        return cpu + self.settings.memory_mib / 1024 * self.prices.gib_hour


class _Charge(NamedTuple):
    """So many units of one thing at so much each."""

    what: str
    quantity: float
    unit: str
    price: float

    @property
    def monthly_usd(self) -> float:
        return round(self.quantity * self.price, 2)

    def shown(self) -> CostLine:
        return CostLine(
            what=self.what,
            quantity=round(self.quantity, 2),
            unit=self.unit,
            unit_usd=round(self.price, 6),
            monthly_usd=self.monthly_usd,
        )


def cost_of(
    settings: Settings, requests_per_second: int | None, *, region: str = DEFAULT_REGION
) -> Cost | None:
    """Return what settings cost in a month, or None for a region without prices.

    What has no price in the table is in no sum and stands in `unpriced`.
    `requests_per_second` is the declared peak; a third of it is taken as the average.
    """
    prices = PRICES.get(region)
    if prices is None:
        return None
    rate = (requests_per_second or _UNDECLARED) * AVERAGE_SHARE
    charges = list(_lines(_Bill(settings, prices, settings.min_count, rate)))
    most = list(_lines(_Bill(settings, prices, settings.max_count, rate)))
    return Cost(
        region=region,
        monthly_usd=_total(charges),
        at_most_usd=_total(most),
        lines=tuple(charge.shown() for charge in charges),
        assumptions=_assumptions(settings, requests_per_second, region),
        unpriced=tuple(_unpriced(settings, prices)),
        not_counted=NOT_COUNTED,
        prices_as_of=PRICES_AS_OF,
        prices_source=PRICES_SOURCE,
    )


def overlap_hours(settings: Settings) -> float:
    """Return the hours of a month in which earlier and new tasks run side by side."""
    minutes = float(START_MINUTES)
    if settings.deployment_strategy == "blue_green":
        minutes += settings.bake_seconds / 60 + settings.termination_wait_minutes
    return DEPLOYS * minutes / 60


def _lines(bill: _Bill) -> Iterator[_Charge]:
    settings, prices = bill.settings, bill.prices
    tasks = bill.count * HOURS
    size = f"{settings.cpu_units} units, {settings.memory_mib} MiB"
    cpu, memory = settings.cpu_units / 1024, settings.memory_mib / 1024
    yield _Charge(f"Fargate CPU of {bill.count} tasks", tasks * cpu, "vCPU-hour", prices.vcpu_hour)
    yield _Charge(
        f"Fargate memory of {bill.count} tasks", tasks * memory, "GiB-hour", prices.gib_hour
    )
    overlap = bill.count * overlap_hours(settings)
    yield _Charge(f"Blue and green side by side ({size})", overlap, "task-hour", bill.task_hour)
    yield from _load_balancer(bill)
    yield from _database(bill)
    yield from _cache(bill)
    yield from _logs(bill)


def _load_balancer(bill: _Bill) -> Iterator[_Charge]:
    prices, rate = bill.prices, bill.average_rate
    connections = rate / _REQUESTS_PER_CONNECTION / _CONNECTIONS_PER_UNIT
    gigabytes = rate * 3600 * _KB_PER_ANSWER / 1e6 / _GB_PER_UNIT
    units = HOURS * max(connections, gigabytes)
    yield _Charge("Load balancer", HOURS, "hour", prices.load_balancer_hour)
    yield _Charge("Load balancer capacity", units, "LCU-hour", prices.capacity_unit_hour)
    yield _Charge("Its public IPv4 addresses", ZONES * HOURS, "address-hour", prices.ipv4_hour)


def _database(bill: _Bill) -> Iterator[_Charge]:
    size, prices = bill.settings.database, bill.prices
    if size is None:
        return
    copies = 2 if size.multi_az else 1
    zones = " in two zones" if size.multi_az else ""
    name = f"Database {size.instance_class}{zones}"
    yield from _priced(name, copies * HOURS, "hour", prices.database_hour.get(size.instance_class))
    storage = copies * size.storage_gib
    yield _Charge("Database storage gp3", storage, "GiB-month", prices.database_gib_month)


def _cache(bill: _Bill) -> Iterator[_Charge]:
    size = bill.settings.cache
    if size is None:
        return
    price = bill.prices.cache_hour.get(size.node_type)
    yield from _priced(f"Cache {size.node_type}", size.node_count * HOURS, "node-hour", price)


def _logs(bill: _Bill) -> Iterator[_Charge]:
    written = bill.average_rate * _SECONDS * _LOG_BYTES / 1e9 + bill.count * _LOG_MB_PER_TASK / 1e3
    kept = written * bill.settings.log_retention_days / 30
    yield _Charge("Logs written", written, "GB", bill.prices.log_gb)
    yield _Charge("Logs kept", kept, "GB-month", bill.prices.log_gb_month)


def _priced(what: str, quantity: float, unit: str, price: float | None) -> Iterator[_Charge]:
    if price is not None:
        yield _Charge(what, quantity, unit, price)


def _total(charges: list[_Charge]) -> float:
    return round(sum(charge.monthly_usd for charge in charges), 2)


def _assumptions(
    settings: Settings, requests_per_second: int | None, region: str
) -> tuple[str, ...]:
    hours = overlap_hours(settings)
    declared = (
        f"an average of a third of the declared peak of {requests_per_second} requests a second"
        if requests_per_second
        else f"no traffic is declared: a peak of {_UNDECLARED} request a second"
    )
    return (
        f"{HOURS} hours a month with the fewest tasks; at most: with the most of them all month",
        f"{DEPLOYS} deploys a month, in each of which old and new tasks run side by side for "
        f"{60 * hours / DEPLOYS:.0f} minutes: {_overlap_words(settings)}",
        declared,
        f"{_KB_PER_ANSWER} KB an answer, {_REQUESTS_PER_CONNECTION} requests a connection, "
        f"{_LOG_BYTES} bytes of log a request and {_LOG_MB_PER_TASK} MB a task",
        f"a public load balancer in {ZONES} zones; Fargate on x86, on demand",
        f"prices of {region}, wherever it runs: other regions have their own",
    )


def _overlap_words(settings: Settings) -> str:
    start = f"{START_MINUTES} minutes to start and be tested"
    if settings.deployment_strategy == "rolling":
        return start
    return (
        f"{start}, {settings.bake_seconds} seconds of bake time, "
        f"{settings.termination_wait_minutes} minutes until the earlier tasks end"
    )


def _unpriced(settings: Settings, prices: PriceTable) -> Iterator[str]:
    database, cache = settings.database, settings.cache
    if database is not None and database.instance_class not in prices.database_hour:
        yield f"database {database.instance_class}"
    if cache is not None and cache.node_type not in prices.cache_hour:
        yield f"cache {cache.node_type}"
