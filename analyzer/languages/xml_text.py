"""XML as text: the stretches between tags and where they stand, without building a document.

Project files are small and flat, and every answer must quote its line, so the text itself is read.
"""

import re
from collections.abc import Iterator

from analyzer.patterns import Pattern

_NOT_NEWLINE = Pattern(r"[^\n]")


def stretches(text: str, opening: str, closing: str) -> Iterator[tuple[int, int]]:
    """Yield where each stretch from an opening to the next closing begins and ends."""
    start = text.find(opening)
    while start >= 0:
        end = text.find(closing, start)
        if end < 0:
            return
        yield start, end + len(closing)
        start = text.find(opening, end)


def blanked(text: str, opening: str, closing: str, unless: str = "\0") -> str:
    """Return the text with those stretches made blank, so that every line keeps its number."""
    parts = []
    done = 0
    for start, end in stretches(text, opening, closing):
        stretch = text[start:end]
        parts += [text[done:start], stretch if unless in stretch else blank(stretch)]
        done = end
    return "".join([*parts, text[done:]])


def blank(stretch: str) -> str:
    """Return as many blanks as there are characters, with the line ends kept."""
    return _NOT_NEWLINE.sub(" ", stretch)


def tagged(text: str, tag: str) -> re.Match[str] | None:
    """Return the first element of a name that holds plain text; group 1 is the text."""
    return re.search(rf"<{re.escape(tag)}>\s*([^<\s]{{1,300}})\s*</", text)
