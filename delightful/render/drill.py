"""A drill for a terminal and for Markdown."""

from delightful.drill import Drill, Half
from delightful.render.markdown import inert, table

_HEADER = ("", "release", "restores", "traffic moved after", "proven after")


def drill_line(drill: Drill) -> str:
    """Return what was rehearsed and how long it took; one line."""
    where = f"{drill.service} in {drill.environment}"
    halves = [("back", drill.back), ("forward", drill.forward)]
    told = [f"{name} in {one.live_seconds:.1f} s" for name, one in halves if one]
    return f"drill of {where}: {', '.join(told)}; everything is as it was"


def drill_card(drill: Drill) -> str:
    """Return both halves as a table; seconds count from when each was asked for."""
    halves = [("back", drill.back), ("forward again", drill.forward)]
    rows = [_row(name, one) for name, one in halves if one is not None]
    title = f"## Drill of {inert(drill.service)} in {inert(drill.environment)}"
    begun = f"Begun {drill.started_at.isoformat(timespec='seconds')}. {drill_line(drill)}."
    return "\n\n".join([title, inert(begun, limit=600), table(_HEADER, rows)]) + "\n"


def _row(name: str, half: Half) -> tuple[str, ...]:
    times = (f"{half.live_seconds:.1f} s", f"{half.good_seconds:.1f} s")
    return (name, inert(half.release_id), inert(half.restores), *times)
