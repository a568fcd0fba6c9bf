"""What the tests of the sandbox share: clients of its AWS endpoint."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.session import Session

from sandbox.description import SandboxDescription


@pytest.fixture(scope="session")
def client(sandbox: SandboxDescription) -> Callable[[str], Any]:
    """Return what makes a client of a service, which asks once and does not repeat."""

    def made(service: str) -> Any:
        return Session().create_client(
            service,
            endpoint_url=sandbox.aws_endpoint_url,
            region_name=sandbox.region,
            aws_access_key_id=sandbox.access_key_id,
            aws_secret_access_key=sandbox.secret_access_key,
            config=Config(retries={"total_max_attempts": 1}),
        )

    return made
