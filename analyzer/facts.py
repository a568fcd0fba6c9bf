"""Facts: what one rule read from one place, before anybody decides."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from delightful.recommendation import Confidence, Evidence

_LONGEST_QUOTE = 200


@dataclass(frozen=True)
class Fact:
    """One value for one field, the rule that read it and the line it was read from."""

    field: str
    value: JsonValue
    rule: str
    confidence: Confidence
    evidence: Evidence | None


def quoted(path: str, text: str, start: int, end: int) -> Evidence:
    """Return the evidence for a stretch of a file; of several lines, the first.

    Only what matched is quoted, never the rest of the line: a secret may stand there.
    """
    stretch = text[start:end]
    lead = len(stretch) - len(stretch.lstrip())
    line = text.count("\n", 0, start + lead) + 1
    quote = stretch.strip().split("\n", 1)[0].rstrip()[:_LONGEST_QUOTE]
    return Evidence(file=path, line=line, quote=quote.rstrip())


def quoted_match(path: str, text: str, match: re.Match[str]) -> Evidence:
    """Return the evidence for a match."""
    return quoted(path, text, match.start(), match.end())


def quoted_line(path: str, text: str, line: int) -> Evidence:
    """Return the evidence for a whole line, counted from 1."""
    quote = text.split("\n")[line - 1].strip()[:_LONGEST_QUOTE].strip()
    return Evidence(file=path, line=line, quote=quote)


def first_line(path: str, text: str) -> Evidence:
    """Return the evidence for a file as such: its first line that is not blank."""
    lines = text.split("\n")
    return quoted_line(path, text, next((n for n, line in enumerate(lines, 1) if line.strip()), 1))


def is_true_of(evidence: Evidence, lines: Sequence[str]) -> bool:
    """Say whether a file's lines hold the quote where the evidence says."""
    return 1 <= evidence.line <= len(lines) and evidence.quote in lines[evidence.line - 1]


def is_port(text: str) -> bool:
    """Say whether a text is a port number."""
    return text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65536
