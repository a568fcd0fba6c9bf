"""Become a command that dies with its parent: a script, run by `blocks.child_process` alone.

A signal on the parent's death is set here and not between fork and exec of the parent, where in a
process with threads no Python may run safely.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent_pid: int, death_signal: int, argv: list[str]) -> None:
    """Set the death signal, give SIGINT its meaning back and become the command."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent_pid:
            sys.exit(f"{argv[0]} was not started: its parent is gone")
    # Whoever starts the parent in the background may have left SIGINT ignored for all its children.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execvp(argv[0], argv)  # noqa: S606


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
