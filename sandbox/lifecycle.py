"""Start, find and stop a sandbox. Light to import: everything heavy runs in its own processes."""

import contextlib
import os
import shutil
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from delightful.errors import ExternalError, Refused
from sandbox.children import started_ticks
from sandbox.description import SandboxDescription
from sandbox.paths import SandboxPaths, is_locked
from sandbox.settings import SandboxSettings
from sandbox.starting import Progress, StartFailed, StartTaken, guarded_start

PREFECT_TIMEOUT_SECONDS = 180.0
STOP_TIMEOUT_SECONDS = 60.0


def start(
    directory: Path,
    settings: SandboxSettings,
    *,
    progress: Progress | None = None,
    tied: bool = False,
    wait_for_prefect: bool = True,
) -> SandboxDescription:
    """Start a sandbox, or adopt the one that runs in the directory, and return its description.

    A `tied` sandbox ends with the process that started it, however that ends. Without
    `wait_for_prefect` it returns as soon as AWS answers; `wait_until_ready` waits for the rest.
    `progress` is told one line for each step.

    Raises:
        Refused: one runs there already, without the Prefect server that is wanted.
        ExternalError: it did not start; the message names the logs.
    """
    began, directory, progress = time.monotonic(), directory.absolute(), progress or _unheard
    description = describe(directory) or _start_new(directory, settings, progress, tied)
    if settings.prefect and description.prefect_api_url is None:
        raise Refused(
            "E_SANDBOX",
            f"the sandbox in {directory} runs without a Prefect server",
            hint="stop it first: delightful sandbox down",
        )
    if wait_for_prefect and description.prefect_api_url is not None:
        wait_until_ready(description)
        seconds = time.monotonic() - began
        progress(f"{seconds:>5.1f} s  Prefect server at {description.prefect_ui_url}")
    return description


def describe(directory: Path) -> SandboxDescription | None:
    """Return the description of the sandbox that runs in the directory, or None."""
    path = SandboxPaths(directory.absolute()).description
    try:
        description = SandboxDescription.model_validate_json(path.read_text())
    except (OSError, ValueError):
        return None
    return description if is_running(description) else None


def is_running(description: SandboxDescription) -> bool:
    """Say whether the supervisor that wrote the description is still the same living process."""
    return started_ticks(description.supervisor_pid) == description.supervisor_started_ticks


def wait_until_ready(description: SandboxDescription) -> None:
    """Wait until the Prefect server answers, where the sandbox has one.

    Raises:
        ExternalError: it did not in time, or the sandbox ended meanwhile.
    """
    url = description.prefect_api_url
    deadline = time.monotonic() + PREFECT_TIMEOUT_SECONDS
    while url is not None and not _is_healthy(url):
        if time.monotonic() > deadline or not is_running(description):
            raise _error("start", description.directory, "the Prefect server does not answer")
        time.sleep(0.1)


def stop(directory: Path) -> bool:
    """Stop the sandbox of the directory and wait until nothing of it runs; say if one ran.

    Raises:
        ExternalError: something of it still runs after a minute.
    """
    paths = SandboxPaths(directory.absolute())
    description = describe(directory)
    if description is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(description.supervisor_pid, signal.SIGTERM)
    _wait_until_unlocked(paths)
    paths.description.unlink(missing_ok=True)
    shutil.rmtree(paths.run, ignore_errors=True)
    return description is not None


@contextlib.contextmanager
def running(
    directory: Path, settings: SandboxSettings, *, progress: Progress | None = None
) -> Iterator[SandboxDescription]:
    """Run a sandbox for the length of a block; it also ends when this process is killed."""
    try:
        yield start(directory, settings, progress=progress, tied=True)
    finally:
        stop(directory)


def _start_new(
    directory: Path, settings: SandboxSettings, progress: Progress, tied: bool
) -> SandboxDescription:
    description = None
    while description is None:
        try:
            guarded_start(directory, settings, progress, tied)
        except StartTaken:
            description = _await_other_start(directory)
        except StartFailed as error:
            raise _error("start", directory, str(error)) from error
        else:
            description = describe(directory)
            if description is None:
                raise _error("start", directory, "it ended as soon as it had started")
    return description


def _await_other_start(directory: Path) -> SandboxDescription | None:
    """Return the sandbox that another process starts, or None where that one only ends."""
    lock = SandboxPaths(directory).lock
    while (description := describe(directory)) is None and is_locked(lock):
        time.sleep(0.1)
    return description


def _wait_until_unlocked(paths: SandboxPaths) -> None:
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    while is_locked(paths.lock):
        if time.monotonic() > deadline:
            raise _error("stop", paths.directory, "something of it still runs")
        time.sleep(0.05)


def _is_healthy(api_url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=2) as response:  # noqa: S310
            return bool(response.status == 200)
    except OSError:
        return False


def _unheard(line: str) -> None:
    return None


def _error(operation: str, directory: Path, cause: str) -> ExternalError:
    return ExternalError(
        "E_SANDBOX",
        f"the sandbox in {directory}",
        hint=f"see {SandboxPaths(directory).logs}",
        service="sandbox",
        operation=operation,
        cause=cause,
    )
