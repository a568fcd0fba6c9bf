"""The command `delightful`: what a person types, thin.

Each verb lives in its own module and is imported when it is called: `--help` never waits for
Prefect, boto3 or Terraform.
"""

import errno
import importlib
import signal
import sys
import traceback
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from delightful.errors import DelightfulError

# verb: (module, what `--help` says), in the order in which `--help` lists them
VERBS = {
    "init": ("cli.verbs.init", "Write a service's manifest and workflows."),
    "rehearse": (
        "cli.verbs.rehearse",
        "Rehearse deploy, failure and rollback on this machine.",
    ),
    "analyze": ("cli.verbs.analyze", "Say what a service needs, with the lines that prove it."),
    "test": ("cli.verbs.test", "Run the command that tests a service."),
    "verify": ("cli.verbs.verify", "Look for what would make a deploy fail late."),
    "build": ("cli.verbs.build", "Build a commit's image, and leave its files for runs elsewhere."),
    "deploy": ("cli.verbs.deploy", "Take a commit to live traffic."),
    "rollback": ("cli.verbs.rollback", "Take live traffic back to an earlier release."),
    "recover": ("cli.verbs.recover", "Mend what a dead run left, until everything agrees."),
    "drill": ("cli.verbs.drill", "Rehearse a rollback, and leave everything as it was."),
    "freeze": ("cli.verbs.freeze", "Let no deploy through, until somebody thaws."),
    "thaw": ("cli.verbs.thaw", "Let deploys through again."),
    "locks": ("cli.verbs.locks", "Say who holds a service, and break the lock of who is gone."),
    "approve": ("cli.verbs.approve", "Say yes or no to a plan that waits."),
    "releases": ("cli.verbs.releases", "List the releases of a service."),
    "show": ("cli.verbs.show", "Show one release, whole."),
    "diff": ("cli.verbs.diff", "Say in what two releases differ."),
    "status": ("cli.verbs.status", "Say what serves now, and whether anything is in progress."),
    "drift": ("cli.verbs.drift", "Say what is not as the good release left it."),
    "metrics": ("cli.verbs.metrics", "Count how often and how well a service is delivered."),
    "watch": ("cli.verbs.watch", "Follow a flow run that was submitted."),
    "comment": ("cli.verbs.comment", "Put what a fork's run recommended on its pull request."),
    "sweep": ("cli.verbs.sweep", "Delete task definitions and images that no release needs."),
    "bootstrap": ("cli.verbs.bootstrap", "Make what an account needs before the first service."),
    "sandbox": ("cli.verbs.sandbox", "Start, look at or stop the local AWS."),
    "doctor": ("cli.verbs.doctor", "Check that this machine has what Delightful needs."),
}
INTERRUPTED = 130


class Verbs(click.Group):
    """A group that imports a verb's module only when the verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the table's order."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb's module and return its command."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(VERBS[cmd_name][0])
        command = module.command
        assert isinstance(command, click.Command)  # noqa: S101 - a wrong table is our own mistake
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from the table, so that help imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, text) for verb, (_, text) in VERBS.items()])


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="delightful")
@click.option("--debug", is_flag=True, help="Print the traceback of an unexpected error.")
def delightful(debug: bool) -> None:
    """Take a service from a commit to live traffic on AWS ECS, and back.

    Exit codes: 0 good, 1 failed and the earlier release serves, 2 bad input, 3 superseded,
    4 refused by a guard, 5 rolled back, 6 could not reach what it needs, 7 rollback failed.
    """


def main() -> NoReturn:
    """Run the command; every failure ends in one line and its exit code."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        answer = delightful.main(standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:
        sys.exit(_told(error))
    sys.exit(answer if isinstance(answer, int) else 0)


def _stop(number: int, frame: FrameType | None) -> None:
    """Take SIGTERM as Ctrl-C: a machine that shuts down is told no less than a person."""
    raise KeyboardInterrupt


def _told(error: BaseException) -> int:
    """Say what went wrong in one line and return the exit code for it."""
    from cli.terminal import print_error
    from delightful.errors import DelightfulError, ExitCode

    if isinstance(error, click.ClickException):
        error.show()
        return ExitCode.BAD_INPUT
    if isinstance(error, click.Abort | KeyboardInterrupt):
        print_error("E_INTERRUPTED stopped on request → the same command goes on from here")
        return INTERRUPTED
    known = error if isinstance(error, DelightfulError) else _by_the_machine(error)
    if known is not None:
        print_error(str(known))
        return known.exit_code
    if "--debug" in sys.argv:
        traceback.print_exception(error)
    print_error(
        f"E_UNEXPECTED {type(error).__name__}: {error} → run again with `delightful --debug …` "
        "and report what it prints"
    )
    return ExitCode.FAILED


def _by_the_machine(error: BaseException) -> "DelightfulError | None":
    """Return in our words what no mistake of ours is: a full disk, or Prefect's server away."""
    from delightful.errors import TransientError

    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        place = f": {error.filename}" if error.filename else ""
        return TransientError(
            "E_DISK_FULL", f"{error.strerror}{place}", hint="make room, then run the same again"
        )
    # Prefect's client has no error of its own for this.
    if isinstance(error, RuntimeError) and str(error).startswith("Failed to reach API at "):
        return TransientError(
            "E_PREFECT_UNREACHABLE",
            str(error),
            hint="start the server, or name another in PREFECT_API_URL and register the "
            "environment there; the ledger has every release",
        )
    return None


if __name__ == "__main__":
    main()
