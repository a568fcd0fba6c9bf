"""The variables that fill a Rust service's settings: a prefix, then the names of the fields."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact
from analyzer.languages.settings_files import Setting
from analyzer.patterns import Pattern

_STRUCTURE: Final = Pattern(
    r"^[ \t]*(?:pub(?:\([^)\n]*\))? )?struct (\w+)(?:<[^>\n]*>)? \{\n"
    r"((?:(?!\s*\})[^\n]*\n){1,200})",
    re.MULTILINE,
)
_FIELD: Final = Pattern(
    r"(?:pub(?:\([^)]*\))? )?(?:r#)?([a-z]\w*)[ \t]*:[ \t]*([^/]+?),?[ \t]*(?://.*)?"
)
_RENAMED: Final = Pattern(r"\brename[ \t]*=[ \t]*\"([\w-]+)\"")
_SETTINGS_NAME: Final = Pattern(r"Config|Settings|Environment|Options?$|Env$")
_SEPARATOR: Final = Pattern(r"\.(?:separator|split)\(\s*\"([^\"\n]{1,3})\"")
_PREFIX_SEPARATOR: Final = Pattern(r"\.prefix_separator\(\s*\"([^\"\n]{1,3})\"")
_ASKED_AS: Final = Pattern(r"::<(\w+)>")
# How far behind a prefix the way in which names are joined is said.
_NEAR: Final = 240
_BEFORE: Final = 300
_DEEPEST: Final = 4
_MOST_NAMES: Final = 300


@dataclass(frozen=True)
class _Field:
    """A field of a structure; a flattened one is its fields."""

    name: str
    kind: str
    is_flat: bool


def prefixed(match: re.Match[str]) -> JsonValue:
    """Read how settings are asked for: what stands before, what between, then each variable."""
    behind = match.string[match.end() : match.end() + _NEAR].partition(";")[0]
    between = _SEPARATOR.search(behind)
    first = _PREFIX_SEPARATOR.search(behind) or between
    stem = match[1] if match.re.groups else ""
    prefix = stem if not stem or stem.endswith("_") else stem + (first[1] if first else "_")
    asked = _ASKED_AS.match(behind)
    separator = between[1] if between else ""
    names = _names(match.string, separator, asked[1] if asked else "")
    return [prefix.upper(), separator, *(f"{prefix}{name}".upper() for name in names)]


def prefixed_facts(found: Sequence[Fact], configured: Sequence[Setting]) -> Iterator[Fact]:
    """Yield the variables of settings: of the structures' fields and of the files' keys."""
    for fact in found:
        prefix, separator, *names = fact.value if isinstance(fact.value, list) else ("", "")
        for name in names:
            yield replace(fact, field="environment_variables", value=name)
        for setting in configured[:_MOST_NAMES] if prefix else ():
            parts = [part for name in (*setting.sections, setting.key) for part in name.split(".")]
            name = f"{prefix}{str(separator).join(parts)}".upper()
            if re.fullmatch(r"\w+", name) and (separator or len(parts) == 1):
                yield replace(
                    fact, field="environment_variables", value=name, evidence=setting.evidence
                )


@lru_cache(maxsize=4)
def _names(text: str, separator: str, asked: str) -> tuple[str, ...]:
    """Return the names of the fields that can be set, those within others joined."""
    structures = dict(_structures(text))
    within = {field.kind for fields in structures.values() for field in fields}
    roots = [name for name in structures if name not in within]
    named = [name for name in roots if _SETTINGS_NAME.search(name)]
    chosen = [asked] if asked in structures else named
    found = (name for root in chosen for name in _settable(structures, root, separator, _DEEPEST))
    return tuple(sorted(dict.fromkeys(found)))[:_MOST_NAMES]


def _settable(
    structures: Mapping[str, Sequence[_Field]], structure: str, separator: str, deepest: int
) -> Iterator[str]:
    for field in structures[structure]:
        is_whole = field.kind not in structures and not _SETTINGS_NAME.search(field.kind)
        if is_whole and not field.is_flat:
            yield field.name
        elif field.kind in structures and deepest and (field.is_flat or separator):
            before = "" if field.is_flat else f"{field.name}{separator}"
            for name in _settable(structures, field.kind, separator, deepest - 1):
                yield f"{before}{name}"


def _structures(text: str) -> Iterator[tuple[str, Sequence[_Field]]]:
    for match in _STRUCTURE.finditer(text):
        yield match[1], tuple(_fields(match[2]))


def _fields(body: str) -> Iterator[_Field]:
    attributes = ""
    for line in map(str.strip, body.split("\n")):
        field = _FIELD.fullmatch(line)
        if line.startswith("#["):
            attributes += line
        elif field:
            renamed = _RENAMED.search(attributes)
            kind = re.findall(r"\w+", field[2])[-1:]
            is_skipped = re.search(r"\bskip\b", attributes)
            if kind and not is_skipped:
                yield _Field(renamed[1] if renamed else field[1], kind[0], "flatten" in attributes)
            attributes = ""
