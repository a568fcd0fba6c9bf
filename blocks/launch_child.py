"""Run a command that dies with its parent and is told to stop once: a script of `child_process`.

A signal on the parent's death is set here and not between fork and exec of the parent, where in a
process with threads no Python may run safely. Linux sends it again and again, once for each thread
that had the child when it went, and Terraform gives up in the middle of saving its state at the
second one. So this process takes them all, hands the first one on and waits; it has one thread.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent_pid: int, stop_signal: int, argv: list[str]) -> None:
    """Start the command, hand on the first signal to stop, and end as the command ended."""
    _be_told_of_the_death_of(parent_pid, stop_signal, argv[0])
    awaited = {stop_signal, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    # Whoever starts the parent may have left SIGINT ignored for all below, or SIGCHLD, without
    # which the end of the command is told to nobody.
    for number in awaited:
        signal.signal(number, signal.SIG_DFL)
    own_pid, child = os.getpid(), os.fork()
    if child == 0:
        _be_told_of_the_death_of(own_pid, stop_signal, argv[0])
        signal.pthread_sigmask(signal.SIG_SETMASK, before - awaited)
        os.execvp(argv[0], argv)  # noqa: S606
    _end_as(_status_of(child, stop_signal, awaited))


def _be_told_of_the_death_of(parent_pid: int, stop_signal: int, name: str) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, stop_signal, 0, 0, 0)
        if os.getppid() != parent_pid:
            sys.exit(f"{name} was not started: its parent is gone")


def _status_of(child: int, stop_signal: int, awaited: set[int]) -> int:
    """Wait for the child's end and return its wait status."""
    is_told = False
    while True:
        if signal.sigwait(awaited) == stop_signal and not is_told:
            os.kill(child, stop_signal)
            is_told = True
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid == child:
            return status


def _end_as(status: int) -> None:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
        os.kill(os.getpid(), number)
    sys.exit(os.WEXITSTATUS(status))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
