"""What the data plane asks of a proxy, whichever it is."""

from typing import Literal, Protocol

from sandbox.load_balancer.accounting import AccessEntry
from sandbox.load_balancer.routing import Balancer


class Proxy(Protocol):
    """Carries the traffic of every load balancer."""

    @property
    def kind(self) -> Literal["haproxy", "aiohttp"]:
        """Return which proxy it is."""

    def apply(self, balancer: Balancer) -> None:
        """Make the traffic follow `balancer` from now on, without losing a request in flight."""

    def remove(self, arn: str) -> None:
        """Stop serving a load balancer."""

    def keep_up(self) -> None:
        """Start again what ended by itself."""

    def take_entries(self) -> list[AccessEntry]:
        """Return the requests answered since the last call."""

    def close(self) -> None:
        """Stop serving all of them."""
