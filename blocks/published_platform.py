"""What an environment's platform publishes of itself, in one SSM parameter."""

import json

from botocore.exceptions import ClientError
from prefect_aws import AwsCredentials
from pydantic import JsonValue

from blocks.aws import aws_client, error_code, translated
from delightful.errors import ConfigError
from delightful.names import environment_name


def published_platform(credentials: AwsCredentials, environment: str) -> dict[str, JsonValue]:
    """Return the document; its keys are the outputs of `infrastructure/platform`.

    Raises:
        ConfigError: E_PLATFORM, no platform was applied.
    """
    name = f"/delightful/{environment_name(environment)}/platform"
    with translated("SSM", "GetParameter"):
        try:
            answer = aws_client(credentials, "ssm").get_parameter(Name=name)
        except ClientError as error:
            if error_code(error) != "ParameterNotFound":
                raise
            raise ConfigError(
                "E_PLATFORM",
                f"there is no parameter {name}",
                hint=f"apply infrastructure/platform for {environment}",
            ) from error
    document: dict[str, JsonValue] = json.loads(answer["Parameter"]["Value"])
    return document
