"""The load balancer extension: ELBv2 in front, a proxy behind, every request accounted."""

import logging
import os
import shutil
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from moto.elbv2.models import elbv2_backends

from sandbox.aws.extension import Override, SandboxContext
from sandbox.load_balancer import metrics
from sandbox.load_balancer.accounting import Accounting
from sandbox.load_balancer.async_proxy import AsyncProxy
from sandbox.load_balancer.backend import LoadBalancerBackend
from sandbox.load_balancer.haproxy import HaproxyProxy, haproxy_path
from sandbox.load_balancer.metrics import Snapshot, dimension_of
from sandbox.load_balancer.proxy import Proxy
from sandbox.load_balancer.responses import LoadBalancerResponse, theirs
from sandbox.load_balancer.routing import Balancer

log = logging.getLogger(__name__)

_COLLECT_WALL_SECONDS = 0.25


class LoadBalancerExtension:
    """ELBv2 with a data plane."""

    name = "load_balancer"

    def __init__(self) -> None:
        self._published: dict[str, Balancer] = {}
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._collector: threading.Thread | None = None
        self._context: SandboxContext
        self._proxy: Proxy
        self.accounting: Accounting
        self.backend: LoadBalancerBackend

    @property
    def overrides(self) -> Sequence[Override]:
        """Return ELBv2's Response of ours."""
        return (Override("elbv2", theirs, LoadBalancerResponse),)

    def start(self, context: SandboxContext) -> None:
        """Choose the proxy and put our backend in moto's place."""
        directory = context.directory / self.name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        self._context, self._stopping = context, context.stopping
        self._proxy = _chosen_proxy(directory)
        context.facts["load_balancer"] = self._proxy.kind
        self.accounting = Accounting(directory)
        self.backend = LoadBalancerBackend(
            context.region, context.account, context.clock, self._publish
        )
        elbv2_backends[context.account][context.region] = self.backend
        metrics.add_source(self.snapshots)
        self._collector = threading.Thread(target=self._collect, name="access-log", daemon=True)
        self._collector.start()

    def stop(self) -> None:
        """Close every listener and the log."""
        if self._collector is None:
            return
        self._stopping.set()
        self._collector.join(timeout=5)
        self.backend.checker.stop()
        self._proxy.close()
        self._drain_entries()
        metrics.remove_source(self.snapshots)
        self.accounting.close()
        self._collector = None

    def snapshots(self) -> Iterable[Snapshot]:
        """Return what was counted since the last call, and the hosts as they are now."""
        self._drain_entries()
        now = self._context.clock.now()
        for (balancer, listener, group), counts in self.accounting.take().items():
            yield Snapshot(
                timestamp=now,
                load_balancer=dimension_of(balancer),
                listener=listener,
                target_group=dimension_of(group) if group else None,
                requests=counts.requests,
                target_codes=dict(counts.target_codes),
                elb_codes=dict(counts.elb_codes),
                latencies=tuple(counts.latencies),
            )
        yield from self._hosts()

    def _hosts(self) -> Iterable[Snapshot]:
        for group in list(self.backend.target_groups):
            states = [health.state for health in self.backend.table.targets(group).values()]
            for balancer in self.backend.balancers_of(group):
                yield Snapshot(
                    timestamp=self._context.clock.now(),
                    load_balancer=dimension_of(balancer),
                    listener=None,
                    target_group=dimension_of(group),
                    requests=0,
                    target_codes={},
                    elb_codes={},
                    latencies=(),
                    healthy_hosts=states.count("healthy"),
                    unhealthy_hosts=states.count("unhealthy"),
                )

    def _publish(self, balancers: tuple[Balancer, ...]) -> None:
        with self._lock:
            for arn in self._published.keys() - {item.arn for item in balancers}:
                self._proxy.remove(arn)
                del self._published[arn]
            for balancer in balancers:
                if self._published.get(balancer.arn) != balancer:
                    self._proxy.apply(balancer)
                    self._published[balancer.arn] = balancer

    def _collect(self) -> None:
        while not self._stopping.wait(_COLLECT_WALL_SECONDS):
            try:
                self._drain_entries()
                self._proxy.keep_up()
            except Exception:
                log.exception("the access log fell behind")

    def _drain_entries(self) -> None:
        with self._lock:
            self.accounting.add(self._proxy.take_entries())


def _chosen_proxy(directory: Path) -> Proxy:
    wanted = os.environ.get("DELIGHTFUL_SANDBOX_PROXY", "haproxy")
    executable = haproxy_path() if wanted == "haproxy" else None
    if executable is None:
        return AsyncProxy()
    return HaproxyProxy(executable, directory)
