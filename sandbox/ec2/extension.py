"""EC2 in the sandbox: its Response class."""

from collections.abc import Sequence

from moto.ec2.responses import EC2Response

from sandbox.aws.extension import Override, SandboxContext
from sandbox.ec2.responses import SandboxEc2Response


class Ec2Extension:
    """Networks as Terraform sees them; nothing runs."""

    name = "ec2"

    @property
    def overrides(self) -> Sequence[Override]:
        """Return EC2's Response of ours."""
        return (Override("ec2", EC2Response, SandboxEc2Response),)

    def start(self, context: SandboxContext) -> None:
        """Begin; there is nothing to start."""

    def stop(self) -> None:
        """End; there is nothing to stop."""


extension = Ec2Extension()
