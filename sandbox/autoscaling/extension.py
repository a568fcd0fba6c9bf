"""Application Auto Scaling in the sandbox: its Response class."""

from collections.abc import Sequence

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from sandbox.autoscaling.responses import SandboxAutoScalingResponse
from sandbox.aws.extension import Override, SandboxContext


class AutoScalingExtension:
    """Scalable targets and policies; nothing scales."""

    name = "autoscaling"

    @property
    def overrides(self) -> Sequence[Override]:
        """Return the Response of ours."""
        return (
            Override(
                "applicationautoscaling",
                ApplicationAutoScalingResponse,
                SandboxAutoScalingResponse,
            ),
        )

    def start(self, context: SandboxContext) -> None:
        """Begin; there is nothing to start."""

    def stop(self) -> None:
        """End; there is nothing to stop."""


extension = AutoScalingExtension()
