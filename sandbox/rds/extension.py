"""RDS in the sandbox: our backend in moto's place."""

from collections.abc import Sequence

from moto.rds.models import rds_backends

from sandbox.aws.extension import Override, SandboxContext
from sandbox.rds.backend import SandboxRdsBackend


class RdsExtension:
    """Databases as Terraform sees them; moto's own calls answer."""

    name = "rds"
    overrides: Sequence[Override] = ()

    def start(self, context: SandboxContext) -> None:
        """Put our backend in moto's place."""
        rds_backends[context.account][context.region] = SandboxRdsBackend(
            context.region, context.account
        )

    def stop(self) -> None:
        """End; there is nothing to stop."""


extension = RdsExtension()
