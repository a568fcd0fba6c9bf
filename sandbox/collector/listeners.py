"""Where the stand-in listens: on this machine's loopback, and on that of a container."""

import ctypes
import os
import socket

_CLONE_NEWNET = 0x40000000


class NoWayIn(Exception):
    """The network of a process cannot be entered; the message says why."""


def listener_beside(pid: int, port: int) -> socket.socket:
    """Return a socket that listens on a port of localhost in the network of a process.

    A child enters that network and hands the socket over, so that this process stays in its own,
    from where X-Ray is reached.

    Raises:
        NoWayIn: it may not, or the port is taken there.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        child = os.fork()
        if child == 0:
            os._exit(_hand_over(theirs, pid, port))
        _, status = os.waitpid(child, 0)
        if (code := os.waitstatus_to_exitcode(status)) != 0:
            raise NoWayIn(f"network of process {pid}: {os.strerror(code)}")
        _, (descriptor, *_), *_ = socket.recv_fds(ours, 1, 1)
    return socket.socket(fileno=descriptor)


def _hand_over(to: socket.socket, pid: int, port: int) -> int:
    try:
        _enter(pid)
        with socket.create_server(("127.0.0.1", port)) as listener:
            socket.send_fds(to, [b"."], [listener.fileno()])
    except OSError as error:
        return error.errno or 1
    return 0


def _enter(pid: int) -> None:
    descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
