"""Text that people wrote, made harmless before it is shown."""

import unicodedata

SHOWN_CHARACTERS = 80

# Controls, format characters (bidi, zero-width, byte order mark), surrogates, private use,
# unassigned, and the two separators that break a line: none of them is visible as itself.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def escaped(text: str, *, limit: int = SHOWN_CHARACTERS) -> str:
    """Return text on one line, invisible characters as `\\u....`, cut at `limit` characters."""
    shown = "".join(_visible(character) for character in text[: limit + 1])
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def printable(text: str, *, limit: int) -> str:
    """Return text as `escaped` does, but with its line breaks kept."""
    lines = text[: limit + 1].splitlines() or [""]
    shown = "\n".join(escaped(line, limit=limit) for line in lines)
    return shown if len(text) <= limit else f"{shown[: limit - 1]}…"


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _INVISIBLE:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
