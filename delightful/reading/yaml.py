"""The strict YAML reader: bytes in, plain values with their places out, or one error.

PyYAML's parser only splits the text into events; composing, resolving and constructing are done
here, because `safe_load` takes duplicate keys, aliases, octal numbers and `no` as false.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml
from pydantic import JsonValue
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from delightful.errors import ConfigError
from delightful.reading.fault import TOP, Mark, Place, fault
from delightful.reading.scalar import Ambiguous, OutOfRange, plain_value
from delightful.reading.utf8 import decoded, is_encodable
from delightful.text import escaped

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20

Path = tuple[str | int, ...]

_QUOTE = "quote the value if text is meant"


@dataclass(frozen=True)
class Document:
    """A value and where each part of it stands; `words` are the scalars as they were written."""

    file: str
    value: JsonValue
    marks: dict[Path, Mark] = field(default_factory=dict)
    key_marks: dict[Path, Mark] = field(default_factory=dict)
    words: dict[Path, str] = field(default_factory=dict)

    def place(self, path: Path, *, of_key: bool = False) -> Place:
        """Return where a value stands, or its key; for what is absent, the nearest parent."""
        key = dotted(path) or "file"
        if of_key and path in self.key_marks:
            return Place(self.file, self.key_marks[path], key)
        while path and path not in self.marks:
            path = path[:-1]
        return Place(self.file, self.marks.get(path, TOP), key)


def dotted(path: Path) -> str:
    """Return a path as people write it: `rollout.bake_seconds`, `start_command[2]`."""
    return "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in path
    ).removeprefix(".")


def read_yaml(data: bytes, file: str) -> Document:
    """Read one YAML document of at most 64 KiB of UTF-8, 20 levels deep.

    Raises:
        ConfigError: E_YAML_SIZE, E_ENC, E_YAML, E_YAML_ALIAS, E_YAML_TAG, E_YAML_DEPTH,
            E_YAML_MULTIDOC, E_YAML_DUPKEY, E_TYPE (a word that readers disagree on), E_RANGE.
    """
    if len(data) > MAX_BYTES:
        raise fault(
            "E_YAML_SIZE", Place(file), "too large", got=f"{len(data)} bytes", allowed="65536"
        )
    text = decoded(data, file)
    try:
        return _Reader(file, yaml.parse(text, Loader=yaml.SafeLoader)).document()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text, file) from error


class _Reader:
    """Consumes the events of one document and builds the value and its marks."""

    def __init__(self, file: str, events: Iterator[Event]) -> None:
        self._file = file
        self._events = events
        self._document = Document(file, None)

    def document(self) -> Document:
        next(self._events)
        if isinstance(next(self._events), StreamEndEvent):
            return self._document
        value = self._value(next(self._events), ())
        next(self._events)
        following = next(self._events)
        if isinstance(following, DocumentStartEvent):
            raise fault("E_YAML_MULTIDOC", self._place(following, ()), "a second document begins")
        return replace(self._document, value=value)

    def _value(self, event: Event, path: Path) -> JsonValue:
        self._check(event, path)
        self._document.marks[path] = _mark(event)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        value = self._scalar(event, path)
        self._document.words[path] = event.value  # type: ignore[attr-defined]
        return value

    def _check(self, event: Event, path: Path) -> None:
        place = self._place(event, path)
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise fault("E_YAML_ALIAS", place, "aliases and anchors are not allowed")
        if getattr(event, "tag", None):
            raise fault("E_YAML_TAG", place, "tags are not allowed", got=_tag(event))
        if len(path) >= MAX_DEPTH and not isinstance(event, ScalarEvent):
            raise fault("E_YAML_DEPTH", place, "nested too deep", allowed=f"{MAX_DEPTH} levels")

    def _mapping(self, path: Path) -> JsonValue:
        mapping: dict[str, JsonValue] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._key(event, path)
            here = (*path, key)
            if key in mapping:
                first = self._document.key_marks[here].line
                reason = f"given twice, in line {first} and in line {_mark(event).line}"
                raise fault("E_YAML_DUPKEY", self._place(event, here), reason)
            self._document.key_marks[here] = _mark(event)
            mapping[key] = self._value(next(self._events), here)
        return mapping

    def _key(self, event: Event, path: Path) -> str:
        self._check(event, path)
        if not isinstance(event, ScalarEvent):
            raise fault(
                "E_TYPE", self._place(event, path), "a key must be text", got="a collection"
            )
        if event.value == "<<" and event.implicit[0]:
            raise fault("E_YAML_ALIAS", self._place(event, path), "merge keys are not allowed")
        key = self._scalar(event, (*path, event.value))
        if not isinstance(key, str):
            reason = f"a key must be text: {_QUOTE}"
            raise fault("E_TYPE", self._place(event, path), reason, got=event.value)
        return key

    def _sequence(self, path: Path) -> JsonValue:
        items: list[JsonValue] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _scalar(self, event: Any, path: Path) -> JsonValue:
        if not event.implicit[0]:
            return self._quoted(event, path)
        try:
            return plain_value(event.value)
        except Ambiguous:
            reason = f"readers of YAML disagree on this word: {_QUOTE}"
            raise fault("E_TYPE", self._place(event, path), reason, got=event.value) from None
        except OutOfRange as error:
            reason = f"{error}: {_QUOTE}"
            raise fault("E_RANGE", self._place(event, path), reason, got=event.value) from None

    def _quoted(self, event: Any, path: Path) -> str:
        if not is_encodable(event.value):
            raise fault("E_ENC", self._place(event, path), "half a character: a lone surrogate")
        return str(event.value)

    def _place(self, event: Event, path: Path) -> Place:
        return Place(self._file, _mark(event), dotted(path) or "file")


def _mark(event: Event) -> Mark:
    mark = event.start_mark
    return Mark(mark.line + 1, mark.column + 1) if mark else TOP


def _tag(event: Event) -> str:
    return str(getattr(event, "tag", "")).replace("tag:yaml.org,2002:", "!!")


def _syntax_error(error: yaml.MarkedYAMLError, text: str, file: str) -> ConfigError:
    mark = error.problem_mark or error.context_mark
    place = Place(file, Mark(mark.line + 1, mark.column + 1) if mark else TOP)
    problem = escaped(error.problem or "not YAML")
    if mark is not None and text[mark.index : mark.index + 1] == "\t":
        return fault("E_ENC", place, "a tab where YAML wants spaces")
    if "tag" in problem:
        return fault("E_YAML_TAG", place, f"tags are not allowed: {problem}")
    return fault("E_YAML", place, problem)
