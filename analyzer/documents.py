"""YAML that other people wrote for other tools, read for its values and their lines.

Unlike the manifest's strict reader it follows anchors and merge keys, takes tags as they come and
gives up quietly: a broken compose file is no reason to refuse a service.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

_LONGEST_BYTES = 256 * 1024
_LONGEST_KEPT_BYTES = 16 * 1024
_DEEPEST = 20
_MOST_DOCUMENTS = 100
# A merge copies a mapping, so a file of nothing but merges would grow without bound.
_MOST_MERGED = 20_000
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Node:
    """A value as it was written: text, list or mapping, and the line it begins in, from 1."""

    value: "str | Sequence[Node] | Mapping[str, Node]"
    line: int

    def get(self, key: str) -> "Node | None":
        """Return what a mapping has under a key, or None."""
        return self.value.get(key) if isinstance(self.value, Mapping) else None

    @property
    def entries(self) -> "Mapping[str, Node]":
        """Return a mapping's entries; none for anything else."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def items(self) -> "Sequence[Node]":
        """Return a list's items; none for anything else."""
        return self.value if isinstance(self.value, list) else ()

    @property
    def text(self) -> str:
        """Return a scalar's text; empty for anything else."""
        return self.value if isinstance(self.value, str) else ""


class _TooMuch(ValueError):
    """The document is nested or merged beyond anything that people write."""


def read_nodes(text: str) -> Node | None:
    """Return the first document of a YAML text, or None where it cannot be read."""
    return next(iter(read_documents(text)), None)


def read_documents(text: str) -> Sequence[Node]:
    """Return the documents of a YAML text up to the first that cannot be read."""
    if not text or len(text) > _LONGEST_BYTES:
        return ()
    return _kept(text) if len(text) <= _LONGEST_KEPT_BYTES else _documents(text)


def _documents(text: str) -> Sequence[Node]:
    documents: list[Node] = []
    try:
        events: Iterator[Event] = iter(_Loader(text).get_event, None)
        reader = _Reader(events)
        for event in events:
            if isinstance(event, MappingStartEvent | SequenceStartEvent | ScalarEvent):
                documents.append(reader.node(event, 0))
            if len(documents) == _MOST_DOCUMENTS:
                break
    except (yaml.YAMLError, _TooMuch):
        return documents
    return documents


# Several detectors ask for the same file, and so do the services of one repository.
_kept: Final = lru_cache(maxsize=64)(_documents)


class _Reader:
    """Turns events into nodes; an alias is the very node that its anchor names."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._anchors: dict[str, Node] = {}
        self._merged = 0

    def node(self, event: Event, depth: int) -> Node:
        if depth > _DEEPEST:
            raise _TooMuch
        anchor = getattr(event, "anchor", None)
        if isinstance(event, ScalarEvent) and not anchor:
            return Node(event.value, _line(event))
        if isinstance(event, AliasEvent):
            return self._anchors.get(anchor or "", Node("", _line(event)))
        node = self._value(event, depth)
        if anchor:
            self._anchors[anchor] = node
        return node

    def _value(self, event: Event, depth: int) -> Node:
        line = _line(event)
        if isinstance(event, MappingStartEvent):
            return Node(self._mapping(depth), line)
        if isinstance(event, SequenceStartEvent):
            items = []
            while not isinstance(event := next(self._events), SequenceEndEvent):
                items.append(self.node(event, depth + 1))
            return Node(items, line)
        return Node(str(getattr(event, "value", "")), line)

    def _mapping(self, depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        merged: list[Node] = []
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self.node(event, depth + 1)
            value = self.node(next(self._events), depth + 1)
            if key.text == "<<":
                merged += value.items or [value]
            else:
                entries[key.text] = value
        return self._with_merged(entries, merged)

    def _with_merged(self, entries: dict[str, Node], merged: list[Node]) -> dict[str, Node]:
        self._merged += sum(len(node.entries) for node in merged)
        if self._merged > _MOST_MERGED:
            raise _TooMuch
        for node in merged:
            for name, value in node.entries.items():
                entries.setdefault(name, value)
        return entries


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
