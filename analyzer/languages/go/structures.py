"""The structures that a Go service's settings are read into: the names of what can be set."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from analyzer.languages.service_ports import words_of
from analyzer.patterns import Pattern

_STRUCTURE: Final = Pattern(r"^type (\w+) struct \{\n((?:(?!\})[^\n]*\n){1,300})\}", re.MULTILINE)
_FIELD: Final = Pattern(
    r"([A-Z]\w*)(?:[ \t]+\*?(\[\]|map\[\w+\])?\*?([\w.]+))?(?:[ \t]+`([^`]*)`)?(?:[ \t]*//.*)?"
)
_INNER: Final = Pattern(r"([A-Z]\w*)[ \t]+struct[ \t]*\{")
_SETTINGS_NAME: Final = Pattern(r"(?i)config|settings|options|environment|specification|^env$")
_NAMED: Final = Pattern(r"\benvconfig:\"([\w-]+)\"")
_DEEPEST: Final = 4
_MOST_NAMES: Final = 300


@dataclass(frozen=True)
class _Field:
    """A field: the names that lead to it, the type that it has, and whether a tag names it."""

    names: tuple[str, ...]
    kind: str
    is_named: bool


@lru_cache(maxsize=2)
def settable_names(text: str) -> tuple[str, ...]:
    """Return what envconfig asks for behind a prefix: the fields of a file's settings.

    A field whose tag names the variable is left to the rule for tags.
    """
    structures = {
        match[1]: (match[2], tuple(_fields(match[2]))) for match in _STRUCTURE.finditer(text)
    }
    fields = {name: found for name, (_, found) in structures.items()}
    within = {field.kind for found in fields.values() for field in found}
    roots = [
        name
        for name, (body, _) in structures.items()
        if name not in within and ("`" in body or _SETTINGS_NAME.search(name))
    ]
    found = (name for root in roots for name in _settable(fields, root, _DEEPEST))
    return tuple(dict.fromkeys(found))[:_MOST_NAMES]


def _settable(
    structures: Mapping[str, Sequence[_Field]], structure: str, deepest: int
) -> Iterator[str]:
    for field in structures[structure]:
        before = "_".join(field.names)
        if field.kind in structures:
            inner = _settable(structures, field.kind, deepest - 1) if deepest else ()
            yield from (f"{before}_{name}" if before else name for name in inner)
        elif before and not field.is_named and not _SETTINGS_NAME.search(field.kind):
            yield before


def _fields(body: str) -> Iterator[_Field]:
    around: list[str] = []
    for line in map(str.strip, body.split("\n")):
        inner, field = _INNER.match(line), _FIELD.fullmatch(line)
        if inner:
            around.append(inner[1])
        elif line.startswith("}"):
            around = around[:-1]
        elif field:
            tags = field[4] or ""
            if 'ignored:"true"' in tags or 'envconfig:"-"' in tags:
                continue
            named = _NAMED.search(tags)
            own = "_".join(words_of(field[1])) if "split_words" in tags else field[1]
            # A structure that is embedded has no name of its own.
            names = (*around, named[1] if named else own) if field[3] else tuple(around)
            kind = field[3] or field[1]
            yield _Field(names, "" if field[2] else kind, named is not None)
