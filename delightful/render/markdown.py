"""Untrusted text inside Markdown: shown as it is, linking, mentioning and closing nothing."""

import re
from collections.abc import Iterable

from delightful.text import escaped, printable

ZERO_WIDTH_SPACE = "\u200b"

_SPECIAL = re.compile(r"([\\`*_{}\[\]()|~!+\-.=:/$])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def inert(text: str, *, limit: int = 200) -> str:
    """Return text for a line of Markdown: no markup, link, mention, issue or HTML comes of it."""
    shown = _SPECIAL.sub(r"\\\1", escaped(text, limit=limit))
    shown = "".join(_ENTITIES.get(character, character) for character in shown)
    return re.sub(r"([@#])", rf"\1{ZERO_WIDTH_SPACE}", shown)


def code(text: str, *, limit: int = 200) -> str:
    """Return text as inline code; a backtick in it becomes an apostrophe."""
    return f"`{escaped(text, limit=limit).replace('`', chr(39)) or ' '}`"


def block(text: str, *, limit: int) -> str:
    """Return text as a code block that nothing in the text can close."""
    shown = printable(text, limit=limit)
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table; cells are Markdown already."""
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def folded(summary: str, content: str) -> str:
    """Return content that opens on a click."""
    return f"<details><summary>{summary}</summary>\n\n{content}\n\n</details>"


def _cell(text: str) -> str:
    # A table splits at a bar even inside code; outside of code it is escaped already.
    return text.replace("|", "\\|") if text.startswith("`") else text
