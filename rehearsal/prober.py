"""Continuous requests against one URL, from a process of their own, one line of JSON each.

Half of the workers keep their connection and half open a new one for every request, so that both
kinds of client would notice a lost one. The process ends when its standard input closes, which it
does when whoever started it dies.
"""

import argparse
import http.client
import json
import queue
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path
from types import TracebackType
from typing import Self

from rehearsal.traffic import Sample, parse_samples

WORKERS = 4
TIMEOUT_SECONDS = 10.0


class Prober:
    """The prober's process, and the samples it has written so far."""

    def __init__(self, url: str, file: Path, *, requests_per_second: int) -> None:
        self._file = file
        self._command = [
            *(sys.executable, "-m", "rehearsal.prober", url, str(file)),
            *("--requests-per-second", str(requests_per_second)),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start to send requests."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.touch()
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, with every request that was under way counted."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        self._process.wait(timeout=TIMEOUT_SECONDS + 5)

    def samples(self) -> list[Sample]:
        """Return what was seen so far, oldest first."""
        with self._file.open() as lines:
            return sorted(parse_samples(lines), key=lambda sample: sample.at)


class _Worker(threading.Thread):
    """One client, in step with its own schedule whatever an answer takes."""

    def __init__(
        self,
        url: str,
        *,
        keep_alive: bool,
        interval_seconds: float,
        samples: "queue.SimpleQueue[Sample | None]",
        stopping: threading.Event,
    ) -> None:
        super().__init__(daemon=True)
        self._url = urllib.parse.urlsplit(url)
        self._keep_alive = keep_alive
        self._interval_seconds = interval_seconds
        self._samples = samples
        self._stopping = stopping
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        """Send requests until told to stop."""
        due = time.monotonic()
        while not self._stopping.is_set():
            self._samples.put(self._sample())
            due = max(due + self._interval_seconds, time.monotonic() - 1)
            self._stopping.wait(max(0.0, due - time.monotonic()))

    def _sample(self) -> Sample:
        at, started = time.time(), time.monotonic()
        status, commit, error = None, None, None
        try:
            status, commit = self._request()
        except (OSError, http.client.HTTPException) as problem:
            error = f"{type(problem).__name__}: {problem}"
            self._close()
        milliseconds = round((time.monotonic() - started) * 1000, 2)
        return Sample(at=at, status=status, commit=commit, milliseconds=milliseconds, error=error)

    def _request(self) -> tuple[int, str | None]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                self._url.hostname or "", self._url.port, timeout=TIMEOUT_SECONDS
            )
        self._connection.request("GET", self._url.path or "/")
        answer = self._connection.getresponse()
        answer.read()
        commit = answer.getheader("X-Delightful-Commit")
        if answer.will_close or not self._keep_alive:
            self._close()
        return answer.status, commit

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def probe(url: str, file: Path, requests_per_second: int) -> None:
    """Send requests until standard input closes; write one line for each."""
    samples: queue.SimpleQueue[Sample | None] = queue.SimpleQueue()
    stopping = threading.Event()
    workers = [
        _Worker(
            url,
            keep_alive=number % 2 == 0,
            interval_seconds=WORKERS / requests_per_second,
            samples=samples,
            stopping=stopping,
        )
        for number in range(WORKERS)
    ]
    writer = threading.Thread(target=_write, args=(file, samples))
    for thread in (writer, *workers):
        thread.start()
    sys.stdin.buffer.read()
    stopping.set()
    for worker in workers:
        worker.join()
    samples.put(None)
    writer.join()


def _write(file: Path, samples: "queue.SimpleQueue[Sample | None]") -> None:
    with file.open("a", buffering=1) as lines:
        while (sample := samples.get()) is not None:
            lines.write(json.dumps(sample.model_dump()) + "\n")


def main() -> None:
    """Read the arguments and probe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("file", type=Path)
    parser.add_argument("--requests-per-second", type=int, default=50)
    arguments = parser.parse_args()
    probe(arguments.url, arguments.file, arguments.requests_per_second)


if __name__ == "__main__":
    main()
