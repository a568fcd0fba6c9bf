"""The difference of two releases for a terminal and a log: a line each."""

from collections.abc import Sequence

from delightful.difference import Difference
from delightful.text import escaped

_LIMIT = 120


def difference_lines(found: Sequence[Difference]) -> tuple[str, ...]:
    """Return one line for each thing that differs, or one that says that nothing does."""
    if not found:
        return ("nothing differs",)
    return tuple(f"{escaped(one.what, limit=_LIMIT)}: {_change(one)}" for one in found)


def _change(one: Difference) -> str:
    before, after = (
        "none" if value is None else escaped(value, limit=_LIMIT)
        for value in (one.before, one.after)
    )
    return f"{before} → {after}"
