"""What ELB refuses, in its own words."""

from moto.elbv2.exceptions import ELBClientError


class OperationNotPermitted(ELBClientError):
    """A load balancer that is protected from deletion."""

    def __init__(self, arn: str) -> None:
        super().__init__(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )
