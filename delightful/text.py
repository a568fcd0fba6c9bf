"""Text that people wrote, made harmless before it is shown."""

SHOWN_CHARACTERS = 80


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
    # Not printable: controls, format characters (bidi, zero-width), surrogates, private use,
    # unassigned, and every separator but the plain space.
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
