"""The table that `make faults` ends with."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# Rows that cannot be run on one machine, with the reason; more than three fail the whole.
CANNOT_RUN: Mapping[str, str] = {}
CANNOT_RUN_AT_MOST = 3
PROPERTY = "fault row"

Line = Mapping[str, Any]


def lines_of(reports: Sequence[Any]) -> list[Line]:
    """Return what the rows recorded, in the order of their names."""
    found = [
        value
        for report in reports
        for name, value in report.user_properties
        if name == PROPERTY and report.when == "call"
    ]
    return sorted(found, key=lambda line: str(line["row"]))


def keep(line: Line) -> None:
    """Add a line to the file that FAULTS_JSON names, as soon as it is there."""
    if file := os.environ.get("FAULTS_JSON"):
        with Path(file).open("a") as kept:
            kept.write(json.dumps(line) + "\n")


def rendered(lines: Sequence[Line]) -> list[str]:
    """Return the table, the share of truth, and what was not run."""
    columns = f"{'row':<34} {'I1…I10 after':<13} {'recovered':<11} {'truth':<7} {'s':>5}"
    return [
        "",
        f"{columns}  injected → happened",
        *(_line(one) for one in lines),
        *(f"{name:<34} cannot be run here: {why}" for name, why in CANNOT_RUN.items()),
        "",
        share_of_truth(lines),
        f"{len(lines)} lines, {sum(not one['passed'] for one in lines)} failed, "
        f"{len(missing(lines))} rows of F01 to F42 not run: {' '.join(missing(lines)) or 'none'}",
    ]


def _line(one: Line) -> str:
    agreeing, speaking = _counted(one)
    truth = f"{agreeing}/{speaking}" if speaking else "-"
    mark = " " if one["passed"] else "!"
    told = f"{one['injected']} → {one['what']}"
    columns = f"{one['row']:<33}{mark} {one.get('after', '-'):<13} {one.get('recovered', '-'):<11}"
    return f"{columns} {truth:<7} {one['seconds']:>5}  {told}"


def _counted(one: Line) -> tuple[int, int]:
    pairs = [one[name] for name in ("truth after", "truth") if name in one]
    return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)


def share_of_truth(lines: Sequence[Line]) -> str:
    """Return how many of all voices said what the prober saw."""
    counted = [_counted(one) for one in lines]
    agreeing, speaking = sum(one[0] for one in counted), sum(one[1] for one in counted)
    share = 100 * agreeing / speaking if speaking else 0.0
    return (
        f"outcome truth: {agreeing} of {speaking} voices said what the prober saw ({share:.1f} %)"
    )


def missing(lines: Sequence[Line]) -> list[str]:
    """Return the rows of the table of which no line was recorded."""
    seen = {str(one["row"])[:3] for one in lines} | set(CANNOT_RUN)
    return [name for name in (f"F{number:02}" for number in range(1, 43)) if name not in seen]
