"""Clients for AWS and the translation of what they raise: the only place that knows botocore."""

import functools
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)
from prefect_aws import AwsCredentials

from delightful.errors import ConfigError, DelightfulError, ExternalError, TransientError

_PATIENT = Config(connect_timeout=5, retries={"mode": "standard", "total_max_attempts": 5})
_ONCE = Config(retries={"total_max_attempts": 1})
# Lambda answers when the function has ended, which may work for 15 minutes: whoever waits for less
# sends the event again while the first one still works.
_ANSWER_SECONDS = {"lambda": 910}

# STS gives at least 900 seconds.
_ROLE_SECONDS = 600

_BUSY_CODES = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServerException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_EXPIRED_CODES = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_making_clients = threading.RLock()
_CREDENTIALS_HINT = "give the environment's AWS credentials block working keys or a role"


def aws_client(credentials: AwsCredentials, service: str, *, once: bool = False) -> Any:
    """Return a client of an AWS service, its endpoint and region as the credentials say.

    `once` turns the SDK's own retries off, for calls that must not happen twice. Clients are
    shared; those of an assumed role are renewed before its credentials can expire.
    """
    generation = int(time.monotonic() // _ROLE_SECONDS) if credentials.assume_role_arn else 0
    return _shared_client(credentials, service, once, endpoint_url(credentials), generation)


@functools.lru_cache(maxsize=64)
def _shared_client(
    credentials: AwsCredentials, service: str, once: bool, endpoint: str | None, generation: int
) -> Any:
    del endpoint  # It only tells clients apart.
    params = credentials.aws_client_parameters.get_params_override()
    theirs = params.pop("config", None)
    config = _PATIENT.merge(Config(read_timeout=_ANSWER_SECONDS.get(service, 30)))
    config = config.merge(theirs) if theirs else config
    # A session is not safe to make clients of in two threads; its clients are.
    with _making_clients, translated(service, "client"):
        session = _shared_session(credentials, generation)
        return session.client(service, config=config.merge(_ONCE) if once else config, **params)


@functools.lru_cache(maxsize=16)
def _shared_session(credentials: AwsCredentials, generation: int) -> Any:
    """Return one session for all clients: each reads half a megabyte of endpoints by itself."""
    del generation  # It only tells sessions apart.
    return credentials.get_boto3_session()


def endpoint_url(credentials: AwsCredentials) -> str | None:
    """Return the one endpoint that stands for all of AWS, or None for the real ones."""
    return credentials.aws_client_parameters.endpoint_url or os.environ.get("AWS_ENDPOINT_URL")


def region_name(credentials: AwsCredentials) -> str:
    """Return the region. Raises ConfigError E_REGION where neither block nor machine name one."""
    region = credentials.region_name or credentials.get_boto3_session().region_name
    if region:
        return str(region)
    raise ConfigError(
        "E_REGION",
        "no AWS region is set",
        hint="set region_name in the environment's AWS credentials block",
    )


@contextmanager
def translated(service: str, operation: str) -> Iterator[None]:
    """Turn everything botocore raises inside into an error of the trade."""
    try:
        yield
    except ClientError as error:
        raise error_of(error, service, operation) from error
    except (NoCredentialsError, PartialCredentialsError, NoRegionError) as error:
        raise ConfigError(
            "E_CREDENTIALS", f"{service} {operation}: {error}", hint=_CREDENTIALS_HINT
        ) from error
    except (exceptions.ConnectionError, HTTPClientError) as error:
        raise TransientError(
            "E_AWS_UNREACHABLE",
            f"{service} {operation}: {error}",
            hint="check the network and the endpoint, then run the same again",
        ) from error
    except BotoCoreError as error:
        raise ExternalError(
            "E_AWS",
            "the request could not be made",
            hint="check the environment's AWS credentials block",
            service=service,
            operation=operation,
            cause=str(error),
        ) from error


def error_of(error: ClientError, service: str, operation: str) -> DelightfulError:
    """Return the error of the trade for an answer of AWS."""
    code, status = error_code(error), error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
    message = error.response["Error"].get("Message", "")
    if code in _BUSY_CODES or status >= 500:
        return TransientError(
            "E_AWS_BUSY",
            f"{service} {operation}: {code}: {message}",
            hint="wait a little, then run the same again",
        )
    hint = "read the cause; if it names a permission, add it to the role"
    if code in _EXPIRED_CODES:
        hint = "get new AWS credentials, then run the same again"
    return ExternalError(
        "E_CREDENTIALS" if code in _EXPIRED_CODES else "E_AWS",
        "refused",
        hint=hint,
        service=service,
        operation=operation,
        cause=f"{code}: {message}",
    )


def error_code(error: ClientError) -> str:
    """Return the code that AWS gave an error."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def aws_environment(
    credentials: AwsCredentials, environment: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the AWS part of a child's environment, and which of its values are secret.

    Credentials that the block holds are handed over as they are; where it holds none, the child
    gets what AWS tools find by themselves here, so that it can renew them.
    """
    found = {"AWS_REGION": region_name(credentials), "AWS_DEFAULT_REGION": region_name(credentials)}
    endpoint = endpoint_url(credentials)
    if endpoint is not None:
        found |= {"AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_DISABLED": "true"}
    if not (credentials.aws_access_key_id or credentials.assume_role_arn):
        profile = {"AWS_PROFILE": credentials.profile_name} if credentials.profile_name else {}
        ambient = {name: value for name, value in environment.items() if name in _AMBIENT}
        secrets = tuple(ambient[name] for name in _SECRET if name in ambient)
        return {**ambient, **found, **profile}, secrets
    keys = _resolved_keys(credentials)
    return {**found, **keys}, tuple(keys[name] for name in _SECRET if name in keys)


def _resolved_keys(credentials: AwsCredentials) -> dict[str, str]:
    with translated("STS", "AssumeRole"):
        keys = credentials.get_boto3_session().get_credentials().get_frozen_credentials()
    resolved = {
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_SESSION_TOKEN": keys.token,
    }
    return {name: value for name, value in resolved.items() if value}


_SECRET = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_AMBIENT = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_CA_BUNDLE",
    }
)
