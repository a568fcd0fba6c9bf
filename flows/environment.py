"""The one block that a flow is given by name: an environment, and all that works on it."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, cast

from prefect.runtime import flow_run
from pydantic import JsonValue

from blocks.delivery_environment import DeliveryEnvironment
from delightful.errors import ConfigError
from delightful.names import environment_name
from delightful.reading.tfvars import read_tfvars

_callers: ContextVar[DeliveryEnvironment | None] = ContextVar("callers", default=None)


def delivery_environment(name: str) -> DeliveryEnvironment:
    """Return the environment's block; a flow run keeps the one that it saw first.

    Raises:
        ConfigError: E_ENV_NAME, the name is none, or no such environment is registered.
    """
    environment_name(name)
    callers = _callers.get()
    if callers is not None and callers.environment == name:
        return callers
    run_id = flow_run.id
    return _seen_in_run(name, run_id) if run_id else _loaded(name)


@functools.lru_cache(maxsize=64)
def _seen_in_run(name: str, run_id: str) -> DeliveryEnvironment:
    """Return the block as a run saw it first: every task of it needs the block."""
    del run_id  # It only tells runs apart.
    return _loaded(name)


def _loaded(name: str) -> DeliveryEnvironment:
    try:
        return cast(DeliveryEnvironment, DeliveryEnvironment.load(name))
    except ValueError as error:
        raise ConfigError(
            "E_ENV_NAME",
            f"environment: no block {DeliveryEnvironment.get_block_type_slug()}/{name}",
            hint="register the environment, or start the sandbox with `delightful sandbox up`",
        ) from error


@contextmanager
def as_caller(delivery: DeliveryEnvironment) -> Iterator[None]:
    """Let the flows inside work on an environment as whoever calls them, where they are called.

    The roles that it names are for runs on its own workers; so is `adopt`, which never builds.
    """
    packaging = "container" if delivery.packaging == "adopt" else delivery.packaging
    update = {"roles_arn": None, "packaging": packaging}
    token = _callers.set(delivery.model_copy(update=update))
    try:
        yield
    finally:
        _callers.reset(token)


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
