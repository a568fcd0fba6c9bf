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


def submit_option(function: Function) -> Function:
    """Add `--submit` and what belongs to it."""
    return click.option(
        "--submit",
        "is_submitted",
        is_flag=True,
        help="Have the environment's Prefect server do it, and watch.",
    )(timeout_option(function))


def timeout_option(function: Function) -> Function:
    """Add `--timeout-seconds`."""
    return click.option(
        "--timeout-seconds",
        type=click.FloatRange(min=1, max=86_400),
        default=3600.0,
        show_default=True,
        help="How long to watch; the flow run goes on after that.",
    )(function)


def pull_request_option(function: Function) -> Function:
    """Add `--pull-request`."""
    return click.option(
        "--pull-request",
        type=click.IntRange(min=1),
        metavar="NUMBER",
        help="Pull request that is told of it; with --submit.",
    )(function)


def reason_option(function: Function) -> Function:
    """Add `--reason`, which is asked for."""
    return click.option("--reason", required=True, help="Why; it is kept.")(function)
