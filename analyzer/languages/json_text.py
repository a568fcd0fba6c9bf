"""JSON with comments, read as text into a flat list of keys: every answer quotes its line."""

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.patterns import Pattern
from delightful.recommendation import Evidence

_LONGEST_CHARACTERS = 256 * 1024
_TOKEN = Pattern(
    r"\"((?:[^\"\\\n]|\\.){0,1000})\"(\s*:)?|([{\[])|([}\]])|(,)|(//[^\n]*)|(-?\d[\d.eE+-]{0,20}|true|false|null)|(\n)"
)


@dataclass(frozen=True)
class Entry:
    """One value and where it stands; `parts` are the keys that lead to it, as written."""

    parts: tuple[str, ...]
    value: str
    path: str
    line: int
    text: str

    @property
    def key(self) -> str:
        """Return the keys in lower case, joined by points."""
        return ".".join(self.parts).lower()

    @property
    def evidence(self) -> Evidence:
        """Return the line of the key, without the value."""
        quote = f'"{self.parts[-1]}"'
        return Evidence(file=self.path, line=self.line, quote=quote)

    @property
    def whole_evidence(self) -> Evidence:
        """Return the line of the key with its value, for values that are no secret."""
        start = self.text.find(f'"{self.parts[-1]}"')
        end = self.text.find(self.value, start + len(self.parts[-1]) + 2)
        quote = self.text[start : end + len(self.value)] if end >= 0 else self.text[start:]
        return Evidence(file=self.path, line=self.line, quote=quote.rstrip(" ,\r"))


def read_entries(path: str, text: str) -> Iterator[Entry]:
    """Yield every value with a key of a JSON text; comments and broken ends are passed over."""
    if len(text) > _LONGEST_CHARACTERS:
        return
    lines = text.split("\n")
    above: list[str] = []
    key = ""
    number = 1
    for match in _TOKEN.finditer(text):
        if match[8]:
            number += 1
        elif match[3]:
            above.append(key)
            key = ""
        elif match[4]:
            key = ""
            if above:
                above.pop()
        elif match[1] is not None and match[2]:
            key = match[1]
            number += match[2].count("\n")
        elif key and (match[1] is not None or match[7]):
            value = match[1] if match[1] is not None else match[7]
            parts = (*(part for part in above if part), key)
            yield Entry(parts, value, path, number, lines[number - 1])
            key = ""
