"""The Prefect server that a submitted verb asks, and the credential that it wants."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from cli.connection import SANDBOX, connect
from cli.terminal import Terminal


@contextmanager
def prefect_server(environment: str) -> Iterator[None]:
    """Let what is inside reach an environment's server; call it before anything imports Prefect.

    PREFECT_API_URL names it. Without PREFECT_API_AUTH_STRING its credential is read from the
    environment's secret, and never leaves this process.
    """
    connect(environment, Terminal())
    from prefect.settings import PREFECT_API_AUTH_STRING, temporary_settings

    if environment == SANDBOX or PREFECT_API_AUTH_STRING.value():
        yield
        return
    from prefect_aws import AwsCredentials

    from blocks.prefect_credential import prefect_credential

    asking = AwsCredentials(region_name=os.environ.get("AWS_REGION"))
    found = prefect_credential(asking, environment)
    with temporary_settings({PREFECT_API_AUTH_STRING: found} if found else {}):
        yield
