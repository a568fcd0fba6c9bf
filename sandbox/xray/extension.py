"""X-Ray in the sandbox: its Response class and paths."""

from collections.abc import Sequence

from moto.xray.responses import XRayResponse

from sandbox.aws.extension import Override, SandboxContext
from sandbox.xray.responses import OPERATIONS, SandboxXRayResponse


class XRayExtension:
    """Sampling rules and groups; nothing runs."""

    name = "xray"

    @property
    def overrides(self) -> Sequence[Override]:
        """Return X-Ray's Response of ours, with the paths that moto lacks."""
        return (Override("xray", XRayResponse, SandboxXRayResponse, tuple(OPERATIONS)),)

    def start(self, context: SandboxContext) -> None:
        """Begin; there is nothing to start."""

    def stop(self) -> None:
        """End; there is nothing to stop."""


extension = XRayExtension()
