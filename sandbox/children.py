"""Start child processes that cannot outlive this one.

On Linux the kernel sends the death signal when the *thread* that forked ends, so every child is
started from one thread that lives as long as the process: a task started while a request is
answered must not die with the request's thread. Elsewhere the guard is the only safety net.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

_LIBC: Any = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


def spawn(
    argv: Sequence[str], *, death_signal: signal.Signals = signal.SIGKILL, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, bound to this process's life.

    `options` are those of `subprocess.Popen`. Where the kernel cannot bind it, it stays in this
    process's group, which the guard ends.
    """
    options.setdefault("start_new_session", _LIBC is not None)
    prepare = _die_with_parent(death_signal) if _LIBC is not None else None
    return _spawner.submit(_popen, list(argv), prepare, options).result()


def _popen(argv: list[str], prepare: Any, options: dict[str, Any]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv, preexec_fn=prepare, **options)


def _die_with_parent(death_signal: signal.Signals) -> Any:
    number = int(death_signal)

    def prepare() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)

    return prepare


def adopt_orphans() -> None:
    """Make descendants whose parent dies children of this process, where the kernel can."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def stop(child: subprocess.Popen[bytes], *, grace_seconds: float) -> int:
    """End a child and its group: SIGTERM, then SIGKILL after the grace; return its exit code."""
    child.terminate()
    _signal_group(child.pid, signal.SIGTERM)
    try:
        child.wait(timeout=grace_seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    # The leader may be gone while its group is not.
    _signal_group(child.pid, signal.SIGKILL)
    return child.returncode


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def kill_marked(name: str, value: str) -> None:
    """Kill every process that was started with this variable, and all below it.

    So ends what has left its leader's session, as in a container whose first process is gone.
    Only where there is /proc.
    """
    mark = f"{name}={value}".encode()
    below: dict[int, list[int]] = defaultdict(list)
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        pid, fields = int(entry.name), stat_fields(int(entry.name))
        if fields is not None:
            below[int(fields[1])].append(pid)
        with contextlib.suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(pid)
    for pid in found:
        found += [child for child in below[pid] if child not in found]
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def started_ticks(pid: int) -> int | None:
    """Return when a living process was started, in clock ticks since boot; None if it is dead.

    Together with the pid it names one process for good. Where there is no /proc it is 0 for
    every living process.
    """
    if _LIBC is None:
        return 0 if _exists(pid) else None
    fields = stat_fields(pid)
    return None if fields is None or fields[0] in "ZX" else int(fields[19])


def stat_fields(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat from the third (the state) on, None if it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The command's name may hold anything, parentheses too: what follows the last one counts.
    return stat.rpartition(")")[2].split()


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
