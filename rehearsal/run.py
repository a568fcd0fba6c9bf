"""A whole rehearsal: a sandbox, an environment in it, four parts, one report."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from delightful.errors import ConfigError
from rehearsal.narration import Narrator, Stopwatch
from rehearsal.options import RehearsalOptions
from rehearsal.report import Report
from sandbox import lifecycle
from sandbox.description import SandboxDescription
from sandbox.settings import SandboxSettings


def rehearse(
    options: RehearsalOptions, narrator: Narrator, *, on_connected: Callable[[], None]
) -> Report:
    """Rehearse a service's deploy, its failure and its rollback; return what was seen.

    `on_connected` is called once, when Prefect may be imported.

    Raises:
        ConfigError: the service cannot be rehearsed as it stands.
        ExternalError: the sandbox did not start.
    """
    if not options.source.is_dir():
        raise ConfigError(
            "E_SOURCE",
            f"{options.source} is not a folder",
            hint="name the folder of a service, such as examples/hello-python",
        )
    started, stopwatch = time.monotonic(), Stopwatch(narrator)
    with _sandbox(options, stopwatch) as sandbox:
        os.environ.update(sandbox.environment())
        # Prefect reads its address when it is imported, so everything on it comes after that.
        with stopwatch.stage("loading Prefect"):
            on_connected()
            from rehearsal.story import tell_story
        report = tell_story(options, sandbox, stopwatch)
    return report.model_copy(update={"seconds": time.monotonic() - started})


@contextmanager
def _sandbox(options: RehearsalOptions, stopwatch: Stopwatch) -> Iterator[SandboxDescription]:
    running = lifecycle.describe(options.directory)
    settings = SandboxSettings(
        speed=options.speed, tasks=options.tasks, worker="process" if options.keep else None
    )
    try:
        with stopwatch.stage("the local AWS" if running is None else "the sandbox that runs"):
            sandbox = lifecycle.start(
                options.directory,
                settings,
                progress=stopwatch.narrator.tell,
                tied=not options.keep,
                wait_for_prefect=False,
            )
        yield sandbox
    finally:
        if running is None and not options.keep:
            with stopwatch.stage("stopping the sandbox"):
                lifecycle.stop(options.directory)
