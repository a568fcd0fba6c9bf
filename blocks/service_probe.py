"""One bounded request to a service."""

from prefect.blocks.core import Block

from delightful.live import SmokeResponse
from delightful.manifest import SmokeTest


class ServiceProbe(Block):
    """Sends smoke requests; every failure to answer is a result, never an exception."""

    _block_type_name = "Service Probe"
    _block_type_slug = "service-probe"

    def request(self, url: str, smoke: SmokeTest) -> SmokeResponse:
        """Request `smoke.path` at a base URL."""
