"""YAML that other people wrote for other tools, read for its values and their lines.

Unlike the manifest's strict reader it takes anchors and tags as they come, resolves nothing and
gives up quietly: a broken compose file is no reason to refuse a service.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

_LONGEST_BYTES = 256 * 1024
_DEEPEST = 20
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


class _TooDeep(ValueError):
    """The document is nested beyond anything that people write."""


def read_nodes(text: str) -> Node | None:
    """Return the first document of a YAML text, or None where it cannot be read."""
    if len(text) > _LONGEST_BYTES:
        return None
    try:
        events = yaml.parse(text, Loader=_Loader)
        for event in events:
            if isinstance(event, MappingStartEvent | SequenceStartEvent | ScalarEvent):
                return _node(event, events, 0)
    except (yaml.YAMLError, _TooDeep):
        return None
    return None


def _node(event: Event, events: Iterator[Event], depth: int) -> Node:
    if depth > _DEEPEST:
        raise _TooDeep
    line = event.start_mark.line + 1 if event.start_mark else 1
    if isinstance(event, MappingStartEvent):
        return Node(_mapping(events, depth), line)
    if isinstance(event, SequenceStartEvent):
        items = []
        while not isinstance(event := next(events), SequenceEndEvent):
            items.append(_node(event, events, depth + 1))
        return Node(items, line)
    return Node(str(getattr(event, "value", "")), line)


def _mapping(events: Iterator[Event], depth: int) -> dict[str, Node]:
    entries: dict[str, Node] = {}
    while not isinstance(event := next(events), MappingEndEvent):
        key = _node(event, events, depth + 1)
        entries[key.text] = _node(next(events), events, depth + 1)
    return entries
