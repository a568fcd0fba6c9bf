"""Long commands as children: own session, own output, one signal to stop, never left behind.

A child writes to a file that is read beside it. A pipe would break when its parent is killed, and
Terraform dies of that in the middle of saving its state.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from delightful.errors import ConfigError, ExternalError
from delightful.frozen import Frozen

Say = Callable[[str], None]

_LAUNCHER = Path(__file__).with_name("launch_child.py")
_MAX_LINE_BYTES = 1024 * 1024
_LOOK_SECONDS = 0.05


class ChildCommand(Frozen):
    """A command and its bounds; `stop_seconds` is what it may take after it was told to stop.

    `mixes_errors` is whether what it writes to standard error counts as its output, or is dropped.
    """

    argv: tuple[str, ...]
    directory: Path
    environment: dict[str, str]
    deadline_seconds: float
    stop_signal: int = signal.SIGINT
    stop_seconds: float = 90.0
    mixes_errors: bool = True


def run_child(command: ChildCommand, on_line: Say) -> int:
    """Run to the end and return the exit status; each line of its output goes to `on_line`.

    Whatever interrupts the wait stops the child once, waits for it, and then goes on.

    Raises:
        ExternalError: E_TIMEOUT, it did not end by its deadline.
    """
    with tempfile.TemporaryFile() as output:
        process = _started(command, output)
        try:
            lines = _Lines(process, output)
            deadline = time.monotonic() + command.deadline_seconds
            while (line := lines.next_before(deadline)) is not None:
                on_line(line)
            return process.wait()
        except subprocess.TimeoutExpired as error:
            raise _late(command) from error
        finally:
            if process.poll() is None:
                _signal_once(process, command)


def _started(command: ChildCommand, output: IO[bytes]) -> "subprocess.Popen[bytes]":
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER)]
    return subprocess.Popen(
        [*launcher, str(os.getpid()), str(int(command.stop_signal)), *command.argv],
        cwd=command.directory,
        env=command.environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if command.mixes_errors else subprocess.DEVNULL,
        start_new_session=True,
    )


class _Lines:
    """The lines of a child's output, read without outstaying a deadline."""

    def __init__(self, process: "subprocess.Popen[bytes]", output: IO[bytes]) -> None:
        self._process = process
        # The child writes at the position of the file, which it shares: no seek of ours.
        self._descriptor = output.fileno()
        self._position = 0
        self._rest = b""

    def next_before(self, deadline: float) -> str | None:
        """Return the next line, or None at the end of the output."""
        while b"\n" not in self._rest and len(self._rest) < _MAX_LINE_BYTES:
            chunk = self._chunk(deadline)
            if not chunk:
                line, self._rest = self._rest, b""
                return line.decode(errors="replace") if line else None
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode(errors="replace")

    def _chunk(self, deadline: float) -> bytes:
        while time.monotonic() < deadline:
            has_ended = self._process.poll() is not None
            chunk = os.pread(self._descriptor, 65536, self._position)
            self._position += len(chunk)
            # After its end nothing comes any more, whatever a grandchild still writes.
            if chunk or has_ended:
                return chunk
            time.sleep(_LOOK_SECONDS)
        raise subprocess.TimeoutExpired(self._process.args, 0)


def _signal_once(process: "subprocess.Popen[bytes]", command: ChildCommand) -> None:
    # A second signal makes Terraform give up without saving its state: one, then patience.
    process.send_signal(command.stop_signal)
    deadline = time.monotonic() + command.stop_seconds
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(KeyboardInterrupt, subprocess.TimeoutExpired):
            process.wait(timeout=0.2)
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _late(command: ChildCommand) -> ExternalError:
    return ExternalError(
        "E_TIMEOUT",
        f"did not end within {command.deadline_seconds:.0f} s",
        hint="look at its last lines; raise the block's deadline_seconds if it only was slow",
        service=Path(command.argv[0]).name,
        operation=command.argv[1] if len(command.argv) > 1 else "run",
        cause="deadline",
    )


def inherited_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what a child may know of our environment: no secret, nothing that steers it."""
    return {name: value for name, value in environment.items() if name in _INHERITED}


_INHERITED = frozenset(
    {
        "HOME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "LANG",
        "LC_ALL",
        "LOGNAME",
        "NO_PROXY",
        "PATH",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "TMPDIR",
        "TZ",
        "USER",
        "XDG_RUNTIME_DIR",
        "http_proxy",
        "https_proxy",
        "no_proxy",
    }
)


def required_tool(name: str, folders: tuple[Path, ...], hint: str) -> str:
    """Return a tool's path: on PATH or in one of our own folders. Raises ConfigError E_TOOL."""
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, folders)])
    found = shutil.which(name, path=search)
    if found is None:
        raise ConfigError("E_TOOL", f"{name} is not installed", hint=hint)
    return found
