"""Start a guard and listen to what its supervisor says until AWS answers."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox.guard import LOCKED_EXIT_CODE
from sandbox.settings import SandboxSettings

Progress = Callable[[str], None]

# Write ends of the pipes whose closing tells a guard that this process is gone: never closed.
_lifelines: list[int] = []


class StartFailed(Exception):
    """The sandbox ended while it started."""


class StartTaken(Exception):
    """Another process is starting, running or stopping a sandbox in the directory."""


def guarded_start(
    directory: Path, settings: SandboxSettings, progress: Progress, tied: bool
) -> None:
    """Start a sandbox and return when it is described.

    Raises:
        StartTaken: the directory is another's.
        StartFailed: it ended, with the reason.
    """
    _check_writable(directory)
    heard, say = os.pipe()
    guard = _start_guard(directory, settings, say, _lifeline() if tied else None)
    try:
        last = _listen(heard, progress)
    except BaseException:
        guard.terminate()
        raise
    if "described" in last:
        return
    if guard.wait() == LOCKED_EXIT_CODE:
        raise StartTaken
    raise StartFailed(str(last.get("failed", "it ended while it started")))


def _check_writable(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartFailed(f"its directory cannot be made: {error}") from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise StartFailed("its directory cannot be written")


def _start_guard(
    directory: Path, settings: SandboxSettings, say: int, lifeline: int | None
) -> subprocess.Popen[bytes]:
    sandbox_id = secrets.token_hex(6)
    handed = [say] if lifeline is None else [say, lifeline]
    arguments = [directory, sandbox_id, say, -1 if lifeline is None else lifeline]
    guard = subprocess.Popen(
        [sys.executable, "-m", "sandbox.guard", *map(str, arguments)],
        # For whoever looks at the processes of a machine: each says whose it is.
        env={**os.environ, "DELIGHTFUL_SANDBOX": str(directory)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=handed,
    )
    for descriptor in handed:
        os.close(descriptor)
    _order(guard, directory, sandbox_id, settings)
    return guard


def _order(
    guard: subprocess.Popen[bytes], directory: Path, sandbox_id: str, settings: SandboxSettings
) -> None:
    order = {
        "directory": str(directory),
        "sandbox_id": sandbox_id,
        "settings": settings.model_dump(),
    }
    if guard.stdin is not None:
        with contextlib.suppress(BrokenPipeError), guard.stdin as stream:
            stream.write(f"{json.dumps(order)}\n".encode())


def _lifeline() -> int:
    theirs, ours = os.pipe()
    _lifelines.append(ours)
    return theirs


def _listen(heard: int, progress: Progress) -> dict[str, object]:
    line: dict[str, object] = {}
    with os.fdopen(heard) as said:
        for text in said:
            line = json.loads(text)
            if "say" not in line:
                break
            progress(f"{line['seconds']:>5} s  {line['say']}")
    return line
