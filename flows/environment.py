"""The one block that a flow is given by name: an environment, and all that works on it."""

from typing import Literal, cast

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


def environment_variables(
    delivery: DeliveryEnvironment, root: Literal["platform", "service"]
) -> dict[str, JsonValue]:
    """Return what the environment's variable file for a root says, its name among it."""
    named: dict[str, JsonValue] = {"environment": delivery.environment}
    if delivery.variables_directory is None:
        return named
    file = f"{delivery.variables_directory}/{root}.tfvars"
    text = (delivery.infrastructure_directory / file).read_text(encoding="utf-8")
    return {**read_tfvars(text, file), **named}
