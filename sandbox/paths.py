"""The files of a sandbox's directory, and the lock that says whether it is alive."""

import contextlib
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

FILE_NAME = "sandbox.json"


@dataclass(frozen=True)
class SandboxPaths:
    """What lies where: `run` is wiped at every start and stop, `logs` only at a start."""

    directory: Path

    @property
    def description(self) -> Path:
        """Return the file that describes the running sandbox."""
        return self.directory / FILE_NAME

    @property
    def lock(self) -> Path:
        """Return the file that the guard holds locked as long as anything may run."""
        return self.directory / "sandbox.lock"

    @property
    def run(self) -> Path:
        """Return the folder of everything that ends with the sandbox."""
        return self.directory / "run"

    @property
    def logs(self) -> Path:
        """Return the folder of the processes' logs."""
        return self.directory / "logs"


def try_lock(path: Path) -> int | None:
    """Lock a file and return its descriptor, or None where another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_locked(path: Path) -> bool:
    """Say whether a living process holds the lock."""
    if not path.exists():
        return False
    descriptor = try_lock(path)
    if descriptor is None:
        return True
    with contextlib.suppress(OSError):
        os.close(descriptor)
    return False
