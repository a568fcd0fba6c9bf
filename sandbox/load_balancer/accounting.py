"""Every request counted: one line in the access log, one entry in the counts."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

ACCESS_LOG = "access.jsonl"


@dataclass(frozen=True)
class AccessEntry:
    """One answered request.

    `at` is when it was finished (UTC epoch seconds). `target_status` is None where the load
    balancer answered by itself; `target_group` and `target` are None where none was chosen.
    """

    at: float
    load_balancer: str
    listener: str
    target_group: str | None
    target: str | None
    method: str
    path: str
    status: int
    target_status: int | None
    milliseconds: float
    target_milliseconds: float | None


@dataclass
class Counts:
    """What was counted for one load balancer, or one of its target groups.

    `target_codes` and `elb_codes` count by hundreds (2 for 2xx); latencies are the target's,
    in seconds.
    """

    requests: int = 0
    target_codes: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    elb_codes: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    latencies: list[float] = field(default_factory=list)

    def add(self, entry: AccessEntry) -> None:
        """Count one request."""
        self.requests += entry.target is not None
        if entry.target_status is None:
            self.elb_codes[entry.status // 100] += 1
            return
        self.target_codes[entry.target_status // 100] += 1
        if entry.target_milliseconds is not None:
            self.latencies.append(entry.target_milliseconds / 1000)


CountKey = tuple[str, str, str | None]
"""Load balancer ARN, listener ARN, target group ARN (None: no group was chosen)."""


class Accounting:
    """Counts since they were last taken, and the access log."""

    def __init__(self, directory: Path) -> None:
        self._lock = threading.Lock()
        self._counts: dict[CountKey, Counts] = defaultdict(Counts)
        self.path = directory / ACCESS_LOG
        self._file = self.path.open("a", encoding="utf-8")

    def add(self, entries: Iterable[AccessEntry]) -> None:
        """Log and count requests."""
        with self._lock:
            for entry in entries:
                self._file.write(json.dumps(asdict(entry)) + "\n")
                self._counts[entry.load_balancer, entry.listener, entry.target_group].add(entry)
            self._file.flush()

    def take(self) -> dict[CountKey, Counts]:
        """Return the counts since the last call, and begin anew."""
        with self._lock:
            taken, self._counts = dict(self._counts), defaultdict(Counts)
            return taken

    def close(self) -> None:
        """Close the access log."""
        with self._lock:
            self._file.close()
