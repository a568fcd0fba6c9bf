"""SQS in the sandbox: our backend in moto's place."""

from collections.abc import Sequence

from moto.sqs.models import sqs_backends

from sandbox.aws.extension import Override, SandboxContext
from sandbox.sqs.backend import SandboxSqsBackend


class SqsExtension:
    """Queues as Terraform sets them up; moto's own calls answer."""

    name = "sqs"
    overrides: Sequence[Override] = ()

    def start(self, context: SandboxContext) -> None:
        """Put our backend in moto's place."""
        sqs_backends[context.account][context.region] = SandboxSqsBackend(
            context.region, context.account
        )

    def stop(self) -> None:
        """End; there is nothing to stop."""


extension = SqsExtension()
