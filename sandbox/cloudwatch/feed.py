"""What the load balancers and ECS saw, as the metrics that AWS publishes of it."""

from collections.abc import Iterator
from typing import NamedTuple

from sandbox.cloudwatch.series import MetricKey, metric_key
from sandbox.cloudwatch.statistics import Sample, sample_of
from sandbox.ecs.metrics import ServiceUsage
from sandbox.load_balancer.metrics import Snapshot

NAMESPACE = "AWS/ApplicationELB"
ECS_NAMESPACE = "AWS/ECS"
INSIGHTS_NAMESPACE = "ECS/ContainerInsights"


class Reported(NamedTuple):
    """One sample of one metric."""

    key: MetricKey
    sample: Sample


def reported(snapshot: Snapshot) -> Iterator[Reported]:
    """Yield the samples of a snapshot: counts only where they are not zero.

    What a target answered is reported for the load balancer and for its group; what the load
    balancer answered by itself for the load balancer only (recorded of the real service).
    """
    at = snapshot.timestamp.timestamp()
    whole = {"LoadBalancer": snapshot.load_balancer}
    group = whole | {"TargetGroup": snapshot.target_group} if snapshot.target_group else None
    for name, count in _counts(snapshot):
        for dimensions in (whole, group):
            if count and dimensions:
                yield _sample(name, dimensions, sample_of(at, [count], "Count"))
    for hundreds, count in snapshot.elb_codes.items():
        if count and hundreds >= 3:
            name = f"HTTPCode_ELB_{hundreds}XX_Count"
            yield _sample(name, whole, sample_of(at, [count], "Count"))
    for dimensions in (whole, group):
        if snapshot.latencies and dimensions:
            sample = sample_of(at, snapshot.latencies, "Seconds")
            yield _sample("TargetResponseTime", dimensions, sample)
    if group:
        yield from _hosts(snapshot, group, at)


def reported_usage(usage: ServiceUsage) -> Iterator[Reported]:
    """Yield the samples of a service's usage: one value for each task, none where none runs."""
    dimensions = {"ClusterName": usage.seen.cluster, "ServiceName": usage.seen.service}
    for name, percents in (
        ("CPUUtilization", usage.cpu_percents),
        ("MemoryUtilization", usage.memory_percents),
    ):
        if percents:
            sample = sample_of(usage.at, percents, "Percent")
            yield Reported(metric_key(ECS_NAMESPACE, name, dimensions), sample)
    for name, count in (
        ("DesiredTaskCount", usage.seen.desired_count),
        ("RunningTaskCount", usage.seen.running_count),
        ("PendingTaskCount", usage.seen.pending_count),
    ):
        sample = sample_of(usage.at, [count], "Count")
        yield Reported(metric_key(INSIGHTS_NAMESPACE, name, dimensions), sample)


def _counts(snapshot: Snapshot) -> Iterator[tuple[str, float]]:
    yield "RequestCount", snapshot.requests
    for hundreds, count in snapshot.target_codes.items():
        yield f"HTTPCode_Target_{hundreds}XX_Count", count
    # A target was chosen and did not answer.
    yield "TargetConnectionErrorCount", snapshot.requests - sum(snapshot.target_codes.values())


def _hosts(snapshot: Snapshot, group: dict[str, str], at: float) -> Iterator[Reported]:
    healthy, unhealthy = snapshot.healthy_hosts, snapshot.unhealthy_hosts
    if healthy is None or unhealthy is None or not healthy + unhealthy:
        return
    yield _sample("HealthyHostCount", group, sample_of(at, [healthy], "Count"))
    yield _sample("UnHealthyHostCount", group, sample_of(at, [unhealthy], "Count"))


def _sample(name: str, dimensions: dict[str, str], sample: Sample) -> Reported:
    return Reported(metric_key(NAMESPACE, name, dimensions), sample)
