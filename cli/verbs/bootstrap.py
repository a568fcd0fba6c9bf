"""`delightful bootstrap`: what an account needs before the first service, made once."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import dry_run_option, json_option
from cli.terminal import Terminal, print_json, print_text

if TYPE_CHECKING:
    from pydantic import JsonValue

    from blocks.account_bootstrap import AccountBootstrap
    from blocks.terraform.saved_plan import SavedPlan
    from delightful.errors import ConfigError

PROJECT = Path(__file__).resolve().parents[2]
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(name="bootstrap")
@click.option("--variables", "variable_file", type=FILE, required=True, help="Inputs, a .tfvars.")
@click.option(
    "--package",
    type=click.Path(path_type=Path, dir_okay=False),
    default=PROJECT / "dist" / "analyzer.zip",
    help="The analyzer's zip; default: where `make lambda` builds it.",
)
@click.option(
    "--register",
    "environment",
    metavar="ENVIRONMENT",
    help="Then tell ENVIRONMENT's Prefect server what there is to run, and where.",
)
@click.option(
    "--schedule",
    "scheduled",
    metavar="SERVICE",
    multiple=True,
    help="With --register: service that scheduled flows look after; given again, another one.",
)
@click.option("--no-schedules", is_flag=True, help="With --register: nothing runs by schedule.")
@click.option("--yes", is_flag=True, help="Apply the plan without asking.")
@dry_run_option
@json_option
def command(
    variable_file: Path,
    package: Path,
    environment: str | None,
    scheduled: tuple[str, ...],
    no_schedules: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Make or bring up to date what an account needs, with the credentials of this shell.

    The first apply keeps its state on this machine, then moves it into the bucket it made. Asked
    again, it goes on where it stopped, or changes nothing. Without --yes it asks on a terminal,
    and refuses elsewhere.

    --register wants the environment's platform applied. It saves the blocks, makes the ECS work
    pool from what the platform publishes and applies deployments.yaml, on the Prefect server that
    PREFECT_API_URL or Prefect's profile names; asked again, it updates them. Schedules stay as they
    were unless --schedule or --no-schedules says otherwise.
    """
    terminal = Terminal(quiet=as_json)
    bootstrap, variables = _bootstrap(variable_file, package)
    stack = bootstrap.stack()
    saved = stack.plan(variables, say=terminal.tell)
    if saved.has_changes and not as_json:
        _show(saved)
    if dry_run:
        return _told(bootstrap, saved, as_json)
    if saved.has_changes:
        _ask(yes)
        stack.apply(saved, say=terminal.tell)
    moved = bootstrap.move_state(say=terminal.tell)
    if environment is not None:
        services = scheduled if scheduled or no_schedules else None
        pool = _register(bootstrap, environment, services)
        terminal.tell(f"registered {environment} in the work pool {pool}")
    return _told(bootstrap, saved, as_json, applied=saved.has_changes, moved=moved)


def _bootstrap(
    variable_file: Path, package: Path
) -> "tuple[AccountBootstrap, dict[str, JsonValue]]":
    """Return the account's bootstrap and the variables of its root."""
    if not package.is_file():
        raise _no_package(package)
    from prefect_aws import AwsCredentials

    from blocks.account_bootstrap import account_bootstrap, inputs
    from delightful.reading.tfvars import read_tfvars

    variables = read_tfvars(variable_file.read_text(encoding="utf-8"), variable_file.name)
    config = os.environ.get("TF_CLI_CONFIG_FILE")
    bootstrap = account_bootstrap(
        # boto3 alone looks at AWS_DEFAULT_REGION only.
        AwsCredentials(region_name=os.environ.get("AWS_REGION")),
        PROJECT / "infrastructure",
        package.resolve(),
        variables,
        Path(config) if config else None,
    )
    return bootstrap, inputs(variables)


def _register(
    bootstrap: "AccountBootstrap", environment: str, scheduled: tuple[str, ...] | None
) -> str:
    """Register an environment's flows to run on ECS; return the name of the work pool."""
    from blocks.aws import region_name
    from delightful.names import service_name
    from flows.registering.account_environment import account_environment
    from flows.registering.registration import register

    stack = bootstrap.in_bucket
    outputs, region = stack.outputs().outputs, region_name(stack.credentials)
    names = None if scheduled is None else [service_name(one) for one in scheduled]
    return register(account_environment(outputs, environment, region), "ecs", names).name


def _show(saved: "SavedPlan") -> None:
    from delightful.render import plan_text

    click.echo(plan_text(saved.summary), err=True)


def _ask(yes: bool) -> None:
    """Go on only where somebody said yes. Raises Refused E_CONFIRM."""
    from delightful.errors import Refused

    if yes or (sys.stdin.isatty() and click.confirm("Apply this plan?", err=True)):
        return
    raise Refused(
        "E_CONFIRM",
        "nothing was applied: nobody said yes to the plan",
        hint="read it with --dry-run, then run the same again with --yes",
    )


def _told(
    bootstrap: "AccountBootstrap",
    saved: "SavedPlan",
    as_json: bool,
    *,
    applied: bool = False,
    moved: bool = False,
) -> int:
    place = f"s3://{bootstrap.in_bucket.state_bucket}/{bootstrap.in_bucket.state_key}"
    if as_json:
        changes = [change.model_dump(mode="json") for change in saved.summary.changes]
        where = {"state": place, "state_moved": moved}
        print_json({"changes": changes, "applied": applied, **where})
    elif applied or moved:
        print_text(f"the account is bootstrapped; its state is in {place}")
    elif saved.has_changes:
        print_text("nothing was applied; without --dry-run the plan is")
    else:
        print_text(f"nothing to do; the account is as described, its state in {place}")
    return 0


def _no_package(package: Path) -> "ConfigError":
    from delightful.errors import ConfigError

    return ConfigError(
        "E_PACKAGE", f"the analyzer's zip {package} is not there", hint="build it: make lambda"
    )
