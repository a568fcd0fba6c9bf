"""What a rehearsal saw: parts with their evidence, phases with their time."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

from delightful.frozen import Frozen
from delightful.release import Check, Release

PartKey = Literal["first", "blue_green", "broken", "rollback"]


class Phase(Frozen):
    """One stretch of a part and how long it took on the wall's clock."""

    name: str
    seconds: float


class Part(Frozen):
    """One of the four things a rehearsal shows, true only if every check looked and held."""

    key: PartKey
    title: str
    release_id: str
    checks: tuple[Check, ...]
    phases: tuple[Phase, ...]
    seconds: float
    evidence: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Say whether this part showed what it had to show."""
        return bool(self.checks) and all(check.ok is True for check in self.checks)


class Report(Frozen):
    """A whole rehearsal."""

    service: str
    source: str
    tasks_mode: str
    load_balancer: str
    speed: float
    notes: tuple[str, ...] = ()
    setting_up: tuple[Phase, ...]
    parts: tuple[Part, ...]
    links: dict[str, str]
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Say whether all four parts were shown."""
        return len(self.parts) == 4 and all(part.holds for part in self.parts)


def phases_of(release: Release) -> tuple[Phase, ...]:
    """Return the time between the transitions of an attempt, named for the state reached."""
    return tuple(
        Phase(name=later.state.value.lower(), seconds=(later.at - earlier.at).total_seconds())
        for earlier, later in pairwise(release.transitions)
    )


def report_lines(report: Report) -> list[str]:
    """Render a report as plain lines for a terminal or a log."""
    lines = [
        f"rehearsal of {report.service} from {report.source}",
        f"  tasks run as: {_how_tasks_run(report.tasks_mode)}; load balancer: "
        f"{report.load_balancer}; sandbox clock: {report.speed:g} times the wall's",
        *(f"  standing in: {note}" for note in report.notes),
        f"  setting up: {_phases(report.setting_up)}",
    ]
    for letter, part in zip("abcd", report.parts, strict=False):
        lines += ["", *_part_lines(letter, part)]
    lines += ["", *(f"  {name}: {url}" for name, url in report.links.items())]
    lines += ["", _closing_line(report)]
    return lines


def _how_tasks_run(tasks_mode: str) -> str:
    if tasks_mode == "process":
        return "plain processes (process mode: no container engine works here)"
    return "containers"


def _part_lines(letter: str, part: Part) -> Iterable[str]:
    yield f"({letter}) {part.title}: {'shown' if part.holds else 'NOT SHOWN'}, {part.seconds:.0f} s"
    yield f"    release {part.release_id}: {_phases(part.phases)}"
    for check in part.checks:
        yield f"    {_MARKS[check.ok]} {check.name}: {check.detail}"
    for line in part.evidence:
        yield f"      | {line}"


_MARKS = {True: "ok    ", False: "FAILED", None: "UNSEEN"}


def _phases(phases: Sequence[Phase]) -> str:
    return ", ".join(f"{phase.name} {phase.seconds:.1f} s" for phase in phases) or "none"


def _closing_line(report: Report) -> str:
    if report.holds:
        return f"all four parts were shown, in {report.seconds:.0f} s"
    missing = [part.title for part in report.parts if not part.holds]
    what = "; ".join(missing) if missing else "the rehearsal ended early"
    return f"NOT SHOWN: {what} → read the lines marked FAILED or UNSEEN above"
