"""What the load balancers saw, for CloudWatch: snapshots since the last time they were asked.

One reader only: each request is in exactly one snapshot.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Snapshot:
    """Counts of one interval that ends at `timestamp`.

    `load_balancer` and `target_group` are CloudWatch dimension values (`app/name/id`,
    `targetgroup/name/id`); the latter is None for requests for which no group was chosen.
    `target_codes` and `elb_codes` count answers by hundreds; `latencies` are in seconds.
    `healthy_hosts` and `unhealthy_hosts` are None where there is no target group, and are given
    in one snapshot per group.
    """

    timestamp: datetime
    load_balancer: str
    listener: str | None
    target_group: str | None
    requests: int
    target_codes: dict[int, int]
    elb_codes: dict[int, int]
    latencies: tuple[float, ...]
    healthy_hosts: int | None = None
    unhealthy_hosts: int | None = None


_sources: list[Callable[[], Iterable[Snapshot]]] = []


def snapshots() -> Iterator[Snapshot]:
    """Yield what every running load balancer saw since the last call."""
    for source in tuple(_sources):
        yield from source()


def add_source(source: Callable[[], Iterable[Snapshot]]) -> None:
    """Make a data plane's snapshots part of what is yielded."""
    _sources.append(source)


def remove_source(source: Callable[[], Iterable[Snapshot]]) -> None:
    """Forget a data plane that stopped."""
    _sources.remove(source)


def dimension_of(arn: str) -> str:
    """Return the CloudWatch dimension value of a load balancer's or target group's ARN."""
    resource = arn.split(":", 5)[5]
    return resource.removeprefix("loadbalancer/")
