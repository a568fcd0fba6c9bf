"""The options that verbs share, so that the same word means the same thing everywhere."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def service_option(function: Function) -> Function:
    """Add `--service`; without it the manifest in the current folder names the service."""
    return click.option("--service", help="Service; default: the one of ./.delightful.yaml.")(
        function
    )


def environment_option(function: Function) -> Function:
    """Add `--environment`."""
    return click.option(
        "--environment", default="sandbox", show_default=True, help="Environment to act on."
    )(function)


def json_option(function: Function) -> Function:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def dry_run_option(function: Function) -> Function:
    """Add `--dry-run`."""
    return click.option(
        "--dry-run", is_flag=True, help="Walk the same way up to the first change."
    )(function)
