"""Read haproxy's own log lines and turn them into access entries."""

import json
import threading
from pathlib import Path
from typing import Any

from sandbox.load_balancer.accounting import AccessEntry
from sandbox.load_balancer.haproxy_config import backend_name, frontend_name
from sandbox.load_balancer.routing import Balancer

# A client that went away before the answer: ELB's code for it.
_CLIENT_CLOSED = 460


class LogReader:
    """Reads what one haproxy appended to its log; every complete line once."""

    def __init__(self, path: Path, load_balancer: str) -> None:
        self._path, self._load_balancer = path, load_balancer
        self._offset = 0
        self._names: dict[str, str] = {}
        self._lock = threading.Lock()

    def know(self, balancer: Balancer) -> None:
        """Learn which frontend and backend stand for which ARN; earlier ones stay known."""
        with self._lock:
            self._names |= {frontend_name(item.arn): item.arn for item in balancer.listeners}
            self._names |= {backend_name(group): group for group, _ in balancer.groups}

    def take(self) -> list[AccessEntry]:
        """Return the entries of the lines that were completed since the last call."""
        with self._lock:
            if not self._path.exists():
                return []
            with self._path.open("rb") as file:
                file.seek(self._offset)
                text, _, rest = file.read().rpartition(b"\n")
                self._offset = file.tell() - len(rest)
            lines = [line for line in text.split(b"\n") if line.startswith(b"{")]
            return [self._entry(json.loads(line)) for line in lines]

    def _entry(self, line: dict[str, Any]) -> AccessEntry:
        group = self._names.get(line["group"])
        answered = line["target_ms"] >= 0
        status = line["status"] if line["status"] >= 100 else _CLIENT_CLOSED
        reached = group is not None and line["server"] != "<NOSRV>"
        return AccessEntry(
            at=line["at"] + line["ms"] / 1000,
            load_balancer=self._load_balancer,
            listener=self._names.get(line["listener"], line["listener"]),
            target_group=group,
            target=f"{line['address']}:{line['port']}" if reached else None,
            method=line["method"],
            path=line["path"],
            status=status,
            target_status=status if reached and answered else None,
            milliseconds=line["ms"],
            target_milliseconds=line["target_ms"] if reached and answered else None,
        )
