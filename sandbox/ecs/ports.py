"""Loopback ports for tasks.

They come from below the range in which the kernel picks ports for outgoing connections: under load
one of those might take a task's port between its choice and the task's own bind.
"""

import random
import threading
from collections.abc import Iterator
from itertools import cycle, islice

from sandbox.load_balancer.addresses import is_free

_PORTS = range(20_000, 32_000)
_lock = threading.Lock()


def _from_anywhere() -> Iterator[int]:
    # Another sandbox begins elsewhere; within one, a port comes again only after a whole round.
    start = random.randrange(len(_PORTS))  # noqa: S311 - a place to begin, no secret
    return islice(cycle(_PORTS), start, None)


_candidates = _from_anywhere()


def task_port() -> int:
    """Return a loopback port that is free now and was not handed out for a while.

    Raises:
        RuntimeError: no port is free.
    """
    with _lock:
        for port in islice(_candidates, len(_PORTS)):
            if is_free("127.0.0.1", port):
                return port
    raise RuntimeError("no loopback port is free for a task")
