"""What Prefect's server answers when it does not answer as wished, in the errors of the trade."""

from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError

import httpx
from prefect.settings import PREFECT_API_URL
from pydantic import ValidationError

from delightful.errors import ConfigError, DelightfulError, ExternalError, TransientError
from delightful.text import escaped

_BUSY = frozenset({408, 425, 429})
_NO_ACCESS = frozenset({401, 403})


@contextmanager
def answered(operation: str) -> Iterator[None]:
    """Turn what Prefect's client raises inside into an error of the trade."""
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise _refused(operation, error) from error
    except (httpx.HTTPError, JSONDecodeError, ValidationError) as error:
        raise unreachable(operation, type(error).__name__) from error


def _refused(operation: str, error: httpx.HTTPStatusError) -> DelightfulError:
    status = error.response.status_code
    if status >= 500 or status in _BUSY:
        return unreachable(operation, f"HTTP {status}")
    hint = "read the cause, and compare the server's version with Prefect's here"
    if status in _NO_ACCESS:
        hint = (
            "set PREFECT_API_AUTH_STRING, or let the role read delightful/ENVIRONMENT/prefect-auth"
        )
    return ExternalError(
        "E_PREFECT",
        "refused",
        hint=hint,
        service="Prefect",
        operation=operation,
        cause=f"HTTP {status} {_said(error)}".rstrip(),
    )


def unreachable(operation: str, cause: str) -> TransientError:
    """Return the error for a server that does not answer, or not now."""
    return TransientError(
        "E_PREFECT_UNREACHABLE",
        f"Prefect {operation}: {PREFECT_API_URL.value()}: {cause}",
        hint="check that the server runs and PREFECT_API_URL is its address, then watch again",
    )


def _said(error: httpx.HTTPStatusError) -> str:
    return escaped(error.response.text, limit=300)


def not_registered(flow: str) -> ConfigError:
    """Return the error for a flow that the server does not offer."""
    return ConfigError(
        "E_NOT_REGISTERED",
        f"the Prefect server {PREFECT_API_URL.value()} has no Prefect deployment {flow}/{flow}",
        hint="register the environment: delightful bootstrap --register, or sandbox up",
    )


def not_taken(flow: str, error: httpx.HTTPStatusError) -> ConfigError:
    """Return the error for parameters that the flow's form does not take."""
    return ConfigError(
        "E_PARAMETERS",
        f"{flow}/{flow} does not take these parameters: {_said(error)}",
        hint="register the environment again, with the version of Delightful that is used here",
    )


def no_run(run_id: str) -> ConfigError:
    """Return the error for a flow run that is not there."""
    return ConfigError(
        "E_FLOW_RUN",
        f"the Prefect server {PREFECT_API_URL.value()} has no flow run {escaped(run_id)}",
        hint="take the id from the flow run's page, and ask the environment's own server",
    )
