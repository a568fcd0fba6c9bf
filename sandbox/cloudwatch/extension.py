"""CloudWatch in the sandbox: feeds on what load balancers and ECS saw, evaluates alarms."""

import logging
import os
import threading
from collections.abc import Sequence

from moto.cloudwatch.models import cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse

from sandbox.aws.extension import Override, SandboxContext
from sandbox.cloudwatch.backend import SandboxCloudWatchBackend
from sandbox.cloudwatch.feed import reported, reported_usage
from sandbox.cloudwatch.responses import SandboxCloudWatchResponse
from sandbox.ecs.metrics import usages
from sandbox.load_balancer.metrics import snapshots

log = logging.getLogger(__name__)
EXTRA_PERIODS_VARIABLE = "DELIGHTFUL_SANDBOX_ALARM_EXTRA_PERIODS"
_EXTRA_PERIODS = 2
_ROUND_WALL_SECONDS = 0.5
_JOIN_SECONDS = 5.0


class CloudWatchExtension:
    """Metrics and alarms."""

    name = "cloudwatch"

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._context: SandboxContext
        self._backend: SandboxCloudWatchBackend

    @property
    def overrides(self) -> Sequence[Override]:
        """Return CloudWatch's Response of ours."""
        return (Override("cloudwatch", CloudWatchResponse, SandboxCloudWatchResponse),)

    def start(self, context: SandboxContext) -> None:
        """Put our backend in moto's place and begin to look."""
        self._context = context
        self._backend = SandboxCloudWatchBackend(
            context.region,
            context.account,
            context.settings.speed,
            int(os.environ.get(EXTRA_PERIODS_VARIABLE, _EXTRA_PERIODS)),
        )
        cloudwatch_backends[context.account][context.region] = self._backend
        self._thread = threading.Thread(target=self._watch, name="cloudwatch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._context.stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=_JOIN_SECONDS)

    def _watch(self) -> None:
        while not self._context.stopping.wait(_ROUND_WALL_SECONDS):
            try:
                self._look()
            except Exception:
                log.exception("metrics and alarms")

    def _look(self) -> None:
        for snapshot in snapshots():
            self._backend.report(reported(snapshot))
        for usage in usages():
            self._backend.report(reported_usage(usage))
        self._backend.evaluate_alarms(self._context.clock.now().timestamp())


extension = CloudWatchExtension()
