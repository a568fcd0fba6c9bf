"""The one JSON object that a submitted verb prints, however it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.main import INTERRUPTED
from cli.terminal import print_json
from delightful.errors import DelightfulError

if TYPE_CHECKING:
    from delightful.release import Release
    from flows.runs.flow_runs import SeenRun


def print_answer(
    exit_code: int,
    message: str | None,
    run: "SeenRun | None" = None,
    release: "Release | None" = None,
) -> None:
    """Print it; `message` is the line on standard error, and begins with its code."""
    print_json(
        {
            "exit_code": int(exit_code),
            "code": message.partition(" ")[0] if message else None,
            "message": message,
            "flow_run_id": run.id if run else None,
            "flow_run_url": run.url if run else None,
            "state": run.state_name if run else None,
            "release": release.model_dump(mode="json") if release else None,
        }
    )


@contextmanager
def one_answer(*, as_json: bool) -> Iterator[None]:
    """Print the object also where an error ends the verb before there was a run to tell of."""
    try:
        yield
    except DelightfulError as error:
        if as_json:
            print_answer(error.exit_code, str(error))
        raise
    except KeyboardInterrupt:
        if as_json:
            print_answer(INTERRUPTED, "E_INTERRUPTED stopped before there was a run → ask again")
        raise
