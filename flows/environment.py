"""The one block that a flow is given by name: an environment, and all that works on it."""

from typing import cast

from pydantic import JsonValue

from blocks.delivery_environment import DeliveryEnvironment
from delightful.errors import ConfigError
from delightful.names import environment_name
from delightful.reading.tfvars import read_tfvars


def delivery_environment(name: str) -> DeliveryEnvironment:
    """Load the environment's block.

    Raises:
        ConfigError: E_ENV_NAME, the name is none, or no such environment is registered.
    """
    environment_name(name)
    try:
        return cast(DeliveryEnvironment, DeliveryEnvironment.load(name))
    except ValueError as error:
        raise ConfigError(
            "E_ENV_NAME",
            f"environment: no block {DeliveryEnvironment.get_block_type_slug()}/{name}",
            hint="register the environment, or start the sandbox with `delightful sandbox up`",
        ) from error


def environment_variables(delivery: DeliveryEnvironment) -> dict[str, JsonValue]:
    """Return the values of the environment's variable file, its name among them."""
    named: dict[str, JsonValue] = {"environment": delivery.environment}
    if delivery.variable_file is None:
        return named
    path = delivery.infrastructure_directory / delivery.variable_file
    return {**read_tfvars(path.read_text(encoding="utf-8"), delivery.variable_file), **named}
