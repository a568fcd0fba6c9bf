"""What an account and an environment's platform publish of themselves, each in one parameter."""

import json

from botocore.exceptions import ClientError
from prefect_aws import AwsCredentials
from pydantic import JsonValue

from blocks.aws import aws_client, error_code, translated
from delightful.errors import ConfigError
from delightful.names import environment_name

ACCOUNT_PARAMETER = "/delightful/account"


def published_platform(credentials: AwsCredentials, environment: str) -> dict[str, JsonValue]:
    """Return the document; its keys are the outputs of `infrastructure/platform`.

    Raises:
        ConfigError: E_PLATFORM, no platform was applied.
    """
    name = f"/delightful/{environment_name(environment)}/platform"
    return _document(credentials, name, f"apply infrastructure/platform for {environment}")


def published_account(credentials: AwsCredentials) -> dict[str, JsonValue]:
    """Return what `infrastructure/bootstrap` says of the account to those who build there.

    Raises:
        ConfigError: E_PLATFORM, the account was not bootstrapped.
    """
    return _document(credentials, ACCOUNT_PARAMETER, "make the account ready: delightful bootstrap")


def _document(credentials: AwsCredentials, name: str, hint: str) -> dict[str, JsonValue]:
    with translated("SSM", "GetParameter"):
        try:
            answer = aws_client(credentials, "ssm").get_parameter(Name=name)
        except ClientError as error:
            if error_code(error) != "ParameterNotFound":
                raise
            raise ConfigError("E_PLATFORM", f"there is no parameter {name}", hint=hint) from error
    document: dict[str, JsonValue] = json.loads(answer["Parameter"]["Value"])
    return document
