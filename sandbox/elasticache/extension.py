"""ElastiCache in the sandbox: our backend in moto's place."""

from collections.abc import Sequence

from moto.elasticache.models import elasticache_backends
from moto.elasticache.responses import ElastiCacheResponse

from sandbox.aws.extension import Override, SandboxContext
from sandbox.elasticache.backend import SandboxElastiCacheBackend
from sandbox.elasticache.responses import SandboxElastiCacheResponse


class ElastiCacheExtension:
    """Caches as Terraform sees them; no node runs."""

    name = "elasticache"

    @property
    def overrides(self) -> Sequence[Override]:
        """Return ElastiCache's Response of ours."""
        return (Override("elasticache", ElastiCacheResponse, SandboxElastiCacheResponse),)

    def start(self, context: SandboxContext) -> None:
        """Put our backend in moto's place."""
        elasticache_backends[context.account][context.region] = SandboxElastiCacheBackend(
            context.region, context.account
        )

    def stop(self) -> None:
        """End; there is nothing to stop."""


extension = ElastiCacheExtension()
