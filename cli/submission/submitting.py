"""`--submit`: asks the Prefect server for a run, watches it, and says how it really ended.

The run is the server's: whoever watches may be interrupted, and it goes on.
"""

import os
from collections.abc import Callable
from contextlib import suppress

import click
from pydantic import JsonValue

from cli.answer import print_answer
from cli.asked import Watching
from cli.submission.github_job import idempotency_key, tell_job
from cli.submission.watched import Watched, judged
from cli.submission.watching import Patience, Stop, Watch, patiently, stopped_by_signals
from cli.terminal import Terminal, print_text
from delightful.frozen import Frozen
from delightful.render import release_text
from flows.runs.flow_runs import FlowRuns, SeenRun
from flows.runs.waiting import Pace

POLL_SECONDS = 2.0
# How long a run may wait for a worker, which may have to start a task, and a server may be away.
START_SECONDS = 600.0
AWAY_SECONDS = 300.0


class Submission(Frozen):
    """What is asked for: `verb` and `about` tell it from others that the same job asks for."""

    flow: str
    verb: str
    about: str
    parameters: dict[str, JsonValue]

    @property
    def names(self) -> tuple[str, ...]:
        """Return what the same request always has in common."""
        service, environment = (str(self.parameters[one]) for one in ("service", "environment"))
        return (self.verb, service, environment, self.about)


def submit(wanted: Submission, watching: Watching) -> int:
    """Ask for a run, watch it to its end, and return the exit code that it comes to."""
    key = idempotency_key(wanted.names, os.environ)
    environment = str(wanted.parameters["environment"])
    with stopped_by_signals() as stop:
        seen = _seen(lambda runs: runs.create(wanted.flow, wanted.parameters, key), watching, stop)
        return _told(seen, environment, as_json=watching.as_json)


def watch(run_id: str, environment: str, watching: Watching) -> int:
    """Watch a run that was asked for earlier, and return the exit code that it comes to."""
    with stopped_by_signals() as stop:
        seen = _seen(lambda runs: runs.look(run_id), watching, stop)
        return _told(seen, environment, as_json=watching.as_json)


def _seen(begin: Callable[[FlowRuns], SeenRun], watching: Watching, stop: Stop) -> Watched:
    terminal, pace = Terminal(), Pace(POLL_SECONDS, sleep=stop.sleep)
    patience = Patience(watching.timeout_seconds, START_SECONDS, AWAY_SECONDS)
    with FlowRuns() as runs:
        run = patiently(lambda: begin(runs), pace, patience.away_seconds)
        terminal.tell(f"flow run {run.url}")
        watched = Watch(runs, run, terminal.tell, patience, pace)
        try:
            return watched.to_the_end()
        except KeyboardInterrupt:
            return Watched(watched.run, left="interrupted")


def _told(seen: Watched, environment: str, *, as_json: bool) -> int:
    verdict = judged(seen, f"delightful watch {seen.run.id} --environment {environment}")
    if as_json:
        print_answer(verdict.exit_code, verdict.line, seen.run, seen.release)
    elif seen.release is not None:
        print_text(release_text(seen.release))
    # That the job's page cannot be written changes nothing of how the run ended.
    with suppress(OSError):
        tell_job(os.environ, _outputs(seen), seen.release)
    if verdict.line is not None:
        click.echo(verdict.line, err=True)
    return verdict.exit_code


def _outputs(seen: Watched) -> dict[str, str]:
    named = {"flow_run_id": seen.run.id, "flow_run_url": seen.run.url}
    return named | ({"release_id": seen.release.release_id} if seen.release else {})
