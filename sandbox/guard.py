"""The guard: the parent of the supervisor, which stays when the supervisor is killed.

It does nothing but wait. When the supervisor ends, in whatever way, it removes the containers,
kills every process that is left below it and takes the description away. Orphans come to it
because it is their subreaper. It imports next to nothing, so that nothing in it can fail.

Run as `python -m sandbox.guard DIRECTORY SANDBOX_ID SAY_FD LIFELINE_FD`, the supervisor's order on
standard input. `SAY_FD` is handed to the supervisor; when `LIFELINE_FD` (-1 for none) reads
end-of-file, its holder is gone and the sandbox goes too.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from sandbox.children import adopt_orphans, spawn, stat_fields
from sandbox.containers import remove_containers
from sandbox.paths import SandboxPaths, try_lock

LOCKED_EXIT_CODE = 75


def main(arguments: list[str]) -> int:
    """Guard one supervisor until nothing of it is left."""
    directory, sandbox_id = Path(arguments[0]), arguments[1]
    say, lifeline = int(arguments[2]), int(arguments[3])
    paths = SandboxPaths(directory)
    if try_lock(paths.lock) is None:
        return LOCKED_EXIT_CODE
    _clean(paths)
    adopt_orphans()
    supervisor = _start_supervisor(say, paths.logs / "supervisor.log")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: _end(supervisor.pid))
    if lifeline >= 0:
        threading.Thread(target=_follow, args=(lifeline, supervisor.pid), daemon=True).start()
    _wait_for(supervisor.pid)
    remove_containers(paths.run, sandbox_id)
    _kill_all_below(supervisor.pid)
    paths.description.unlink(missing_ok=True)
    shutil.rmtree(paths.run, ignore_errors=True)
    return 0


def _clean(paths: SandboxPaths) -> None:
    """Take away what a killed sandbox left, and make the folders of the next."""
    paths.description.unlink(missing_ok=True)
    for folder in (paths.run, paths.logs):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)


def _start_supervisor(say: int, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as errors:
        supervisor = spawn(
            [sys.executable, "-m", "sandbox.supervisor", str(say)],
            death_signal=signal.SIGTERM,
            pass_fds=(say,),
            stderr=errors,
        )
    os.close(say)
    return supervisor


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)


def _follow(lifeline: int, supervisor_pid: int) -> None:
    while os.read(lifeline, 1024):
        pass
    _end(supervisor_pid)


def _wait_for(pid: int) -> None:
    # Every child, so that adopted orphans do not stay as zombies.
    while os.wait()[0] != pid:
        pass


def _kill_all_below(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    # Killing a child makes its children ours, so direct children are enough, round by round.
    while pids := _children():
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.wait()


def _children() -> list[int]:
    pids = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
    return [pid for pid in pids if (stat_fields(pid) or ["", ""])[1] == str(os.getpid())]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
