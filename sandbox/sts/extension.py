"""STS in the sandbox: its Response class."""

from collections.abc import Sequence

from moto.sts.responses import TokenResponse

from sandbox.aws.extension import Override, SandboxContext
from sandbox.sts.responses import SandboxStsResponse


class StsExtension:
    """Roles for whoever asks; who did is told."""

    name = "sts"

    @property
    def overrides(self) -> Sequence[Override]:
        """Return STS's Response of ours."""
        return (Override("sts", TokenResponse, SandboxStsResponse),)

    def start(self, context: SandboxContext) -> None:
        """Begin; there is nothing to start."""

    def stop(self) -> None:
        """End; there is nothing to stop."""


extension = StsExtension()
