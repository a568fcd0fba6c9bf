"""A model from a key: given outright, or kept in Secrets Manager under a name that is given.

The one way for all who analyze: the command, the flow in its own process, the Lambda function.
"""

from collections.abc import Mapping
from typing import Any

from analyzer.model.result import Model, no_model
from delightful.errors import ConfigError


def keyed_model(
    key: str,
    environment: Mapping[str, str],
    name: str | None,
    *,
    timeout_seconds: float | None = None,
) -> Model:
    """Return the model of a key, not yet asked; None is the default's name or time.

    Raises:
        ConfigError: E_MODEL, as `read_settings` has it.
    """
    from analyzer.model.consulting import model_of
    from analyzer.model.settings import read_settings

    return model_of(read_settings(key, environment, name, timeout_seconds=timeout_seconds))


def secret_model(
    secrets: Any,
    arn: str,
    environment: Mapping[str, str],
    name: str | None,
    *,
    timeout_seconds: float | None = None,
) -> Model:
    """Return the model whose key a secret holds; where that fails, one that says why.

    `secrets` is a client of Secrets Manager.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        key = secrets.get_secret_value(SecretId=arn)["SecretString"].strip()
        return keyed_model(key, environment, name, timeout_seconds=timeout_seconds)
    except (BotoCoreError, ClientError, KeyError):
        return no_model("its key could not be read")
    except ConfigError as error:
        return no_model(error.code)
