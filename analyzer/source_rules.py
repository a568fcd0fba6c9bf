"""Rules over source text: a table of patterns, applied in one pass over each file."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from analyzer.facts import Fact, quoted_match
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

# A line beyond this is generated; no rule needs it and every rule would walk it.
_LONGEST_LINE = 2000
_LONG_LINE = re.compile(r"^.{%d,}$" % _LONGEST_LINE, re.MULTILINE)  # noqa: UP031

# A path under one of the names that people give to the load balancer's question.
_HEALTH_PATH = (
    r"[\"'`](/(?:[\w-]{1,30}/){0,4}"
    r"(?:_?health(?:z|-?check|_check)?|readyz?|livez?|liveness|readiness)/?)[\"'`]"
)
# A route of the application itself is a whole path; a router's may lie under any prefix.
HEALTH_ROUTE = re.compile(
    rf"\b(?:app|application|server|fastify)\.(?:get|head|route|all|use)\([ \t]*{_HEALTH_PATH}"
)
HEALTH_LITERAL = re.compile(_HEALTH_PATH)

Reading = Callable[[re.Match[str]], JsonValue]


@dataclass(frozen=True)
class SourceRule:
    """One pattern. `word` must stand in the text before the pattern is tried at all.

    `read` turns a match into the value; None drops it. Patterns are linear: no nested repeats.
    """

    rule: str
    field: str
    word: str
    pattern: re.Pattern[str]
    confidence: Confidence
    read: Reading


def text_of(match: re.Match[str]) -> JsonValue:
    """Read the first group as text."""
    return match[1]


def port_of(match: re.Match[str]) -> JsonValue:
    """Read the first group as a port; None where it is none."""
    number = int(match[1])
    return number if 0 < number < 65536 else None


def constant(value: JsonValue) -> Reading:
    """Return a reading that says one thing whatever matched."""
    return lambda match: value


def scanned(tree: SourceTree, paths: Iterable[str], rules: Iterable[SourceRule]) -> Iterator[Fact]:
    """Apply every rule to every file, each file read once, in the tree's order."""
    table = tuple(rules)
    for path in paths:
        text = tree.text(path)
        if text is not None:
            yield from scanned_text(path, text, table)


def scanned_text(path: str, text: str, rules: Iterable[SourceRule]) -> Iterator[Fact]:
    """Apply rules to a text that is at hand; one with generated lines is passed over."""
    wanted = [rule for rule in rules if rule.word in text]
    if not wanted or _LONG_LINE.search(text):
        return
    for rule in wanted:
        for match in rule.pattern.finditer(text):
            value = rule.read(match)
            if value is not None:
                evidence = quoted_match(path, text, match)
                yield Fact(rule.field, value, rule.rule, rule.confidence, evidence)
