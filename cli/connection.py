"""Where a command's flows run and what they may reach."""

import logging
import os
from typing import TYPE_CHECKING

from cli.terminal import Terminal

if TYPE_CHECKING:
    from blocks.delivery_environment import DeliveryEnvironment

SANDBOX = "sandbox"
# How the lines begin that Prefect logs for itself.
BOOKKEEPING = (
    *("Beginning ", "Finished in state", "View at ", "Created "),
    *("Task run failed", "Encountered exception", "Crash detected"),
)


def connect(environment: str, terminal: Terminal) -> None:
    """Point AWS clients and Prefect at an environment, and its flows' lines at a terminal.

    The sandbox is found by its own description; elsewhere Prefect's profile or PREFECT_API_URL
    says where its server is. Call it before anything imports Prefect.

    Raises:
        ExternalError: the environment is the sandbox, and none runs.
    """
    if environment == SANDBOX:
        _connect_to_sandbox()
    tell_flow_lines(terminal)


def delivery_environment(environment: str, terminal: Terminal) -> "DeliveryEnvironment":
    """Connect to an environment and return its block, as whoever types the command.

    The roles that it names are for flow runs: they trust tasks and GitHub, and no person.
    """
    connect(environment, terminal)
    from flows.environment import delivery_environment as load

    return load(environment).model_copy(update={"roles_arn": None})


def tell_flow_lines(terminal: Terminal) -> None:
    """Show what flows and tasks log as lines of this command, instead of Prefect's own."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    from prefect.logging.configuration import setup_logging

    setup_logging()
    for name in ("prefect.flow_runs", "prefect.task_runs", "delightful"):
        logging.getLogger(name).addHandler(_Lines(terminal))


class _Lines(logging.Handler):
    """Passes what people should read to the terminal; Prefect's own bookkeeping stays out."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(level=logging.INFO)
        self._terminal = terminal

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if not message.startswith(BOOKKEEPING):
            self._terminal.tell(message)


def _connect_to_sandbox() -> None:
    from delightful.errors import ExternalError
    from sandbox import lifecycle
    from sandbox.settings import default_directory

    description = lifecycle.describe(default_directory())
    if description is None:
        raise ExternalError(
            "E_SANDBOX",
            "nothing answers",
            hint="start it: delightful sandbox up",
            service="sandbox",
            operation="describe",
            cause=f"no sandbox runs in {default_directory()}",
        )
    os.environ.update(description.environment())
