"""One call of a Lambda function, answered in the same connection."""

import json

from prefect_aws import AwsCredentials

from blocks.aws import aws_client, translated
from delightful.errors import ConfigError


def invoked(credentials: AwsCredentials, function: str, payload: bytes) -> bytes:
    """Return what a function answers.

    Raises:
        ConfigError: E_ANALYZE, the function failed, with what it says.
        ExternalError: AWS refused.
    """
    with translated("lambda", "Invoke"):
        answer = aws_client(credentials, "lambda").invoke(FunctionName=function, Payload=payload)
        said: bytes = answer["Payload"].read()
    if "FunctionError" in answer:
        raise _function_failed(function, said)
    return said


def _function_failed(function: str, payload: bytes) -> ConfigError:
    try:
        message = str(json.loads(payload).get("errorMessage", "no message"))
    except ValueError:
        message = payload.decode(errors="replace")
    return ConfigError(
        "E_ANALYZE",
        f"Lambda function {function}: {message[:500]}",
        hint="mend what it names; the function's log group has the rest",
    )
