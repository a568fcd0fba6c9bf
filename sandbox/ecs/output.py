"""A container's output: read line by line, and brought to CloudWatch Logs."""

import contextlib
import logging
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

from sandbox.ecs.orders import LogTarget
from sandbox.ecs.runtime import Output, StartFailure

log = logging.getLogger(__name__)

_LONGEST_LINE = 256 * 1024
_BATCH_WALL_SECONDS = 0.1
_MOST_IN_BATCH = 1000


def pump(process: subprocess.Popen[bytes], output: Output) -> threading.Thread:
    """Read a child's standard output into `output` until it ends; return the reading thread."""

    def read() -> None:
        pipe = process.stdout
        if pipe is None:
            return
        with pipe:
            while line := pipe.readline(_LONGEST_LINE):
                output(line.decode(errors="replace").rstrip("\r\n"))

    thread = threading.Thread(target=read, name=f"output-{process.pid}", daemon=True)
    thread.start()
    return thread


class LogStream:
    """One CloudWatch stream: lines go out in batches, with the time at which they came."""

    def __init__(self, backend: Callable[[], Any], target: LogTarget) -> None:
        self._backend, self._target = backend, target
        self._lines: queue.SimpleQueue[tuple[int, str] | None] = queue.SimpleQueue()
        self._open()
        self._thread = threading.Thread(target=self._send_all, name="awslogs", daemon=True)
        self._thread.start()

    def _open(self) -> None:
        logs, target = self._backend(), self._target
        if target.group not in logs.groups:
            if not target.creates_group:
                raise StartFailure(
                    "ResourceInitializationError: failed to validate logger args: create stream "
                    "has been retried 1 times: failed to create Cloudwatch log stream: "
                    "ResourceNotFoundException: The specified log group does not exist."
                )
            logs.create_log_group(target.group, {})
        if target.stream not in logs.groups[target.group].streams:
            logs.create_log_stream(target.group, target.stream)

    def write(self, line: str) -> None:
        """Take one line; an empty one is no event."""
        if line:
            self._lines.put((int(time.time() * 1000), line))

    def close(self) -> None:
        """Send what is left."""
        self._lines.put(None)
        self._thread.join(timeout=5)

    def _send_all(self) -> None:
        while batch := self._batch():
            events = [item for item in batch if item is not None]
            self._send(events)
            if len(events) < len(batch):
                return

    def _batch(self) -> list[tuple[int, str] | None]:
        batch = [self._lines.get()]
        time.sleep(_BATCH_WALL_SECONDS)
        with contextlib.suppress(queue.Empty):
            while len(batch) < _MOST_IN_BATCH and batch[-1] is not None:
                batch.append(self._lines.get_nowait())
        return batch

    def _send(self, lines: list[tuple[int, str]]) -> None:
        events = [{"timestamp": at, "message": line} for at, line in sorted(lines)]
        try:
            if events:
                self._backend().put_log_events(self._target.group, self._target.stream, events)
        except Exception as error:
            # A group deleted under a running task: the task goes on without its log.
            log.warning("cannot write to %s: %s", self._target, error)
