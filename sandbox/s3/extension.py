"""The S3 extension: puts our backend in moto's place."""

from collections.abc import Sequence

from moto.s3.models import s3_backends

from sandbox.aws.extension import Override, SandboxContext
from sandbox.s3.backend import SandboxS3Backend

PARTITION = "aws"


class S3Extension:
    """Buckets; nothing runs."""

    name = "s3"
    overrides: Sequence[Override] = ()

    def start(self, context: SandboxContext) -> None:
        """Begin without a bucket."""
        s3_backends[context.account][PARTITION] = SandboxS3Backend(PARTITION, context.account)

    def stop(self) -> None:
        """End; there is nothing to stop."""


extension = S3Extension()
