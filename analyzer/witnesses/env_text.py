"""Files of `NAME=value` lines, and the `${NAME}` that such values fill."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from analyzer.patterns import Pattern

VARIABLE_NAME: Final = Pattern(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNMENT: Final = Pattern(r"(#?)[ \t]?(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=(.*)")
_REFERENCE: Final = Pattern(r"\$(?:\{(\w+)(?::?([-=?+])([^}]*))?\}|(\w+))")
_COMMENT: Final = Pattern(r"[ \t]#.*$")


@dataclass(frozen=True)
class Assignment:
    """A variable as a line sets it, or names it in a comment."""

    name: str
    value: str
    line: int
    is_comment: bool


def read_assignments(text: str) -> Iterator[Assignment]:
    """Yield what each line sets, in order; a commented line that sets something too."""
    for number, line in enumerate(text.split("\n"), start=1):
        match = _ASSIGNMENT.fullmatch(line.strip())
        if match:
            yield Assignment(match[2], _plain(match[3]), number, bool(match[1]))


def values_of(text: str) -> dict[str, str]:
    """Return what a file of assignments sets, each value filled with those before it."""
    values: dict[str, str] = {}
    for assignment in read_assignments(text):
        if not assignment.is_comment:
            values[assignment.name] = filled(assignment.value, values)
    return values


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its references filled; one that is not known gives its default."""

    def value(match: re.Match[str]) -> str:
        known = values.get(match[1] or match[4])
        default = match[3] if match[2] in ("-", "=") else ""
        return known or (default or "").strip("\"'")

    return _REFERENCE.sub(value, text) if "$" in text else text


def _plain(value: str) -> str:
    text = value.strip()
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        return text[1 : end if end > 0 else len(text)]
    return _COMMENT.sub("", text).strip()
