"""Lines for people: to the run's log where there is a run, to Python's log elsewhere."""

import logging

from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger

Logger = logging.Logger | logging.LoggerAdapter[logging.Logger]


def tell(message: str) -> None:
    """Write one line of what happens, in plain words."""
    _logger().info(message)


def warn(message: str) -> None:
    """Write one line of what went wrong without changing the outcome."""
    _logger().warning(message)


def _logger() -> Logger:
    try:
        return get_run_logger()
    except MissingContextError:
        return logging.getLogger("delightful")
