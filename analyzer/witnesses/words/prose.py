"""The prose of a README: its first paragraphs, without marks, badges and listings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from analyzer.patterns import Pattern

_FENCE: Final = Pattern(r"[ \t]*(?:```|~~~)")
_MARKS: Final = (
    # A line that is broken by hand ends what it says.
    (Pattern(r"(\w[*_]{0,3})[ \t]*<br[ \t]*/?>[ \t]*$"), r"\1."),
    (Pattern(r"<[^<>\n]*>|!\[[^\]\n]*\](?:\([^)\n]*\)|\[[^\]\n]*\])"), ""),
    (Pattern(r"\[[ \t]*\](?:\([^)\n]*\)|\[[^\]\n]*\])"), ""),
    (Pattern(r"\[([^\[\]\n]*)\](?:\([^)\n]*\)|\[[^\]\n]*\])?"), r"\1"),
    (Pattern(r"`([^`\n<]*?)(?:[ ]?<[^>`\n]*>)?`_{0,2}"), r"\1"),
    (Pattern(r"[*_`]{1,3}"), ""),
)
_HEADING: Final = Pattern(r"[ \t]*(?:#|=+[ \t]\S)")
_LISTED: Final = Pattern(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]")
_UNSAID: Final = Pattern(r"\.\.|:|\[[^\]\n]*\]:|https?:|<!--")
_EDGES: Final = " \t\r>#=-~|\ufeff"
# A line of nothing but these leads elsewhere.
_LINK: Final = Pattern(r"<a\b[^<>\n]*>[^<>\n]*</a>|(?<!!)\[[^\[\]\n]*\]\([^)\n]*\)", re.I)
_BETWEEN_LINKS: Final = Pattern(r"<[^<>\n]*>|&\w+;|[\s|\u00b7\u2022,/*_-]")
_SENTENCE: Final = Pattern(r"(?<=[.!?])[ ]")
_MOST_LINES: Final = 100


@dataclass(frozen=True)
class Paragraph:
    """A paragraph or heading as people read it; its lines are counted from `first`, from 1."""

    text: str
    first: int
    last: int
    is_heading: bool = False

    def sentences(self, most: int) -> Iterator[str]:
        """Yield the first sentences."""
        yield from _SENTENCE.split(self.text, maxsplit=most)[:most]


def paragraphs(text: str) -> Iterator[Paragraph]:
    """Yield paragraphs and headings in order; what stands in lists and listings is left out."""
    read: list[str] = []
    number = begun = 0
    is_listing = False
    for number, line in enumerate(islice(text.split("\n"), _MOST_LINES), start=1):
        is_listing ^= bool(_FENCE.match(line))
        said = "" if is_listing or _LISTED.match(line) else _read(line)
        is_heading = bool(_HEADING.match(line))
        if read and (is_heading or not said):
            yield Paragraph(" ".join(read), begun, number - 1)
            read = []
        if is_heading and said:
            yield Paragraph(said, number, number, is_heading=True)
        elif said:
            begun = number if not read else begun
            read.append(said)
    if read:
        yield Paragraph(" ".join(read), begun, number)


def _read(line: str) -> str:
    """Return a line without its marks; nothing where it only places or links something."""
    if _leads_elsewhere(line):
        return ""
    for pattern, replacement in _MARKS:
        line = pattern.sub(replacement, line)
    line = line.strip(_EDGES)
    return "" if _UNSAID.match(line) or _FENCE.match(line) else line


def _leads_elsewhere(line: str) -> bool:
    """Say whether a line that is no heading consists of links."""
    rest = _LINK.sub("", line)
    return rest != line and not _BETWEEN_LINKS.sub("", rest)
