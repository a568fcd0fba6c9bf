"""Size of the database and the cache, each with its reason."""

import math
from typing import Final

from analyzer.sizing.demand import Demand, lines
from delightful.recommendation import Reason
from delightful.settings import CacheSize, DatabaseSize

# By class: memory in GiB (Amazon RDS user guide, "DB instance classes"), and the requests a second
# that are laid on it, an assumption: a few short queries each, indexes used.
DATABASE_CLASSES: Final[dict[str, tuple[int, int]]] = {
    "db.t4g.micro": (1, 50),
    "db.t4g.small": (2, 100),
    "db.t4g.medium": (4, 250),
    "db.t4g.large": (8, 500),
    "db.m7g.large": (8, 1_000),
    "db.m7g.xlarge": (16, 2_000),
    "db.m7g.2xlarge": (32, 4_000),
}
# By default RDS allows a connection for each so many bytes of the instance's memory, 5,000 at most
# of PostgreSQL (Amazon RDS user guide, "Maximum number of database connections").
_BYTES_PER_CONNECTION: Final = {"postgres": 9_531_392, "mysql": 12_582_880}
_MOST_CONNECTIONS: Final = 5_000
# Some of them are RDS's own, a person's or a migration's.
_USED_SHARE: Final = 0.8
_LEFT_BY_CACHE: Final = 0.7
_STORAGE_GIB: Final = 20

# By node: the requests a second up to which it is used, an assumption.
CACHE_NODES: Final[dict[str, int]] = {
    "cache.t4g.micro": 500,
    "cache.t4g.small": 1_000,
    "cache.t4g.medium": 2_500,
    "cache.m7g.large": 10_000,
    "cache.m7g.xlarge": 100_000,
}
_IN_ENVIRONMENT: Final = "of the environment's service.tfvars"


def database_connections(demand: Demand, max_count: int) -> int:
    """Return the most connections at a time: blue and green hold theirs side by side.

    A queue has consumers beside, as many as one task holds.
    """
    consumers = demand.connections_per_task if demand.load.queue else 0
    return 2 * max_count * demand.connections_per_task + consumers


def database_size(demand: Demand, connections: int) -> tuple[DatabaseSize, Reason] | None:
    """Return the smallest class that bears connections and requests; None for no database."""
    engine = demand.database
    if engine is None:
        return None
    rate = (demand.peak or 0) * (_LEFT_BY_CACHE if demand.has_redis else 1)
    chosen = _first_class(engine, connections, rate, skipped=_skipped(demand))
    size = DatabaseSize.model_validate(
        {"engine": engine, "instance_class": chosen, "storage_gib": _STORAGE_GIB}
    )
    load = demand.load
    reason = Reason(
        field="database",
        text=f"{_database_text(demand, connections, chosen)}; what it will hold cannot be read "
        f"from code: {_STORAGE_GIB} GiB to begin with",
        overrule=f"database_settings {_IN_ENVIRONMENT}",
        evidence=(
            *demand.evidence("database"),
            *lines(load.processes, load.threads, load.queue, load.requests_per_second),
        ),
    )
    return size, reason


def cache_size(demand: Demand) -> tuple[CacheSize, Reason] | None:
    """Return the smallest node that bears the requests; None for no cache."""
    if not demand.has_redis:
        return None
    nodes = list(CACHE_NODES)
    keeps_jobs = demand.queue_lies_in("redis")
    rate = demand.peak or 0
    first = next((node for node in nodes if CACHE_NODES[node] >= rate), nodes[-1])
    chosen = nodes[min(nodes.index(first) + keeps_jobs, len(nodes) - 1)]
    text = f"up to {CACHE_NODES[first]} requests a second"
    if keeps_jobs:
        text += "; jobs wait in it and must not be forgotten when it fills, so a size more"
    reason = Reason(
        field="cache",
        text=f"{text}: {chosen}",
        overrule=f"cache_settings {_IN_ENVIRONMENT}",
        evidence=tuple(
            dict.fromkeys(
                (
                    *demand.evidence("cache"),
                    *lines(demand.load.queue, demand.load.requests_per_second),
                )
            )
        ),
    )
    return CacheSize(node_type=chosen), reason


def most_connections(engine: str, memory_gib: int) -> int:
    """Return how many connections RDS allows by default on so much memory."""
    return min(_MOST_CONNECTIONS, math.floor(memory_gib * 1024**3 / _BYTES_PER_CONNECTION[engine]))


def _first_class(engine: str, connections: int, rate: float, *, skipped: int) -> str:
    classes = list(DATABASE_CLASSES)[skipped:]
    for name in classes:
        memory_gib, bearable = DATABASE_CLASSES[name]
        allowed = _USED_SHARE * most_connections(engine, memory_gib)
        if connections <= allowed and rate <= bearable:
            return name
    return classes[-1]


def _skipped(demand: Demand) -> int:
    # Jobs that wait in the database are polled for all the time.
    return 1 if demand.queue_lies_in("database") else 0


def _database_text(demand: Demand, connections: int, chosen: str) -> str:
    engine = demand.database or ""
    allowed = most_connections(engine, DATABASE_CLASSES[chosen][0])
    rate = f" and a peak of {demand.peak} requests a second" if demand.peak else ""
    queue = ", and jobs wait in it" if demand.queue_lies_in("database") else ""
    return (
        f"{demand.connections_per_task} connections a task, {connections} with the most tasks and "
        f"blue beside green{rate}{queue}: {chosen}, which allows {allowed}"
    )
