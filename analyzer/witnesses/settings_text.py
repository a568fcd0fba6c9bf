"""TOML files of settings, line by line: each setting with its section and where it stands."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.patterns import Pattern

_SECTION: Final = Pattern(r"\[\[?[ \t]*([\w.\"-]+)[ \t]*\]\]?")
_SETTING: Final = Pattern(r"([\w.-]+|\"[^\"]+\")[ \t]*=[ \t]*(\S.*)")


@dataclass(frozen=True)
class Setting:
    """One `key = value`; `words` are the texts of a list."""

    section: str
    key: str
    value: str
    line: int

    @property
    def words(self) -> list[str]:
        """Return a list's texts; none for anything else."""
        try:
            found = json.loads(self.value)
        except ValueError:
            return []
        return [word for word in found if isinstance(word, str)] if isinstance(found, list) else []


def read_settings(text: str) -> Iterator[Setting]:
    """Yield the settings that stand on one line each, in order."""
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        content = line.strip()
        header = _SECTION.match(content)
        if header:
            section = header[1].replace('"', "")
            continue
        match = _SETTING.match(content) if not content.startswith("#") else None
        if match:
            yield Setting(section, match[1].strip('"'), _plain(match[2]), number)


def _plain(value: str) -> str:
    for quote in ('"""', '"', "'"):
        if value.startswith(quote):
            end = value.find(quote, len(quote))
            return value[len(quote) : end if end > 0 else len(value)]
    return value.partition(" #")[0].strip()
