"""Where a run may be killed: every phase boundary, from a trace of the run's own effects."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class KillPoint:
    """A moment before or after one effect, in the words of DELIGHTFUL_FAILPOINT."""

    point: str
    flow: str
    task: str

    def __str__(self) -> str:
        return f"{self.point} ({self.flow}: {self.task})"


def read_trace(trace: Path) -> list[KillPoint]:
    """Return every moment of a run, in order."""
    return [KillPoint(**_cleaned(json.loads(line))) for line in trace.read_text().splitlines()]


def _cleaned(line: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in line.items()}


def boundaries(moments: Sequence[KillPoint]) -> list[KillPoint]:
    """Return the phase boundaries: each record, and the first and last effect of each subflow."""
    if not moments:
        return []
    story, found = moments[0].flow, list(_records(moments))
    for flow in dict.fromkeys(one.flow for one in moments if one.flow != story):
        inside = [one for one in moments if one.flow == flow]
        found.append(next(one for one in inside if one.point.endswith(":before")))
        found.append(next(one for one in reversed(inside) if one.point.endswith(":after")))
    places = {one.point: place for place, one in enumerate(moments)}
    return sorted(set(found), key=lambda one: places[one.point])


def _records(moments: Sequence[KillPoint]) -> Iterator[KillPoint]:
    return (one for one in moments if one.point.startswith("record "))
