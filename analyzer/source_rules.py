"""Rules over source text: a table of patterns, applied in one pass over each file."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import itemgetter

from ahocorasick_rs import BytesAhoCorasick, Implementation
from pydantic import JsonValue

from analyzer.facts import Fact, quoted_match
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

# A line beyond this is generated; no rule needs it and every rule would walk it.
_LONGEST_LINE = 2000

# How far before its word a match may begin, and how often a pattern is tried for nothing.
_LEAD = 160
_MOST_IN_VAIN = 400
# How many matches of one rule are read in a file: no file that people write comes near it, and
# each costs a look at what stands around it.
_MOST_MATCHES = 600
# Its values are many and stand in many places: in each file the first is quoted.
_LISTED = "environment_variables"
# Of a match of words: which of them it is.
_INDEX = itemgetter(0)

Reading = Callable[[re.Match[str]], JsonValue]


@dataclass(frozen=True, eq=False)
class SourceRule:
    """One pattern. `word` must stand in the text before the pattern is tried at all.

    Where `word` is frequent, `beside` names rarer ones, of which one must stand in the text too.

    With a `span`, the pattern is tried only around each place of the word: from a little before it
    in its line to so many characters behind it. That is many times faster than to walk the whole
    text; a file in which it is tried in vain too often is left.

    `read` turns a match into the value; None drops it.
    """

    rule: str
    field: str
    word: str
    pattern: Pattern[str]
    confidence: Confidence
    read: Reading
    span: int = 0
    beside: tuple[str, ...] = ()


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


def uncommented(value: JsonValue) -> Reading:
    """Return a reading that says one thing of whatever matched outside comments."""
    return lambda match: None if is_commented(match) else value


def is_commented(match: re.Match[str]) -> bool:
    """Say whether a match stands behind `//`, or in a block that opens its line with `/*`."""
    text, begin = match.string, match.start()
    if _line_before(text, begin).lstrip().startswith("//"):
        return True
    opened = text.rfind("/*", 0, begin)
    while opened >= 0 and _line_before(text, opened).strip():
        # One within a line may as well be part of a path.
        opened = text.rfind("/*", 0, opened)
    return opened >= 0 and text.find("*/", opened, begin) < 0


def _line_before(text: str, place: int) -> str:
    return text[text.rfind("\n", 0, place) + 1 : place]


class WordFinder:
    """Words that are looked for all in one pass."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(words)
        # Left to choose, it takes one half as fast for more than a hundred words.
        self._finder = BytesAhoCorasick(
            [word.encode() for word in self.words], implementation=Implementation.DFA
        )

    def indexes_in(self, data: bytes) -> frozenset[int]:
        """Return which of the words stand in a file, by their places in `words`."""
        return frozenset(map(_INDEX, self._finder.find_matches_as_indexes(data, overlapping=True)))

    def in_data(self, data: bytes) -> frozenset[str]:
        """Return which of the words stand in a file."""
        return frozenset(map(self.words.__getitem__, self.indexes_in(data)))


class _Table:
    """Rules by the words that they want."""

    def __init__(self, rules: Iterable[SourceRule]) -> None:
        self._rules: dict[str, list[SourceRule]] = {}
        for rule in rules:
            self._rules.setdefault(rule.word, []).append(rule)
        further = (word for named in self._rules.values() for rule in named for word in rule.beside)
        self._finder = WordFinder(dict.fromkeys((*self._rules, *further)))
        # Most files of a repository hold one of a few sets of words.
        self._beside = lru_cache(maxsize=1024)(self._wanted_beside)

    def wanted(self, data: bytes) -> Sequence[SourceRule]:
        """Return the rules whose words stand in a file, in the order of the words."""
        indexes = self._finder.indexes_in(data)
        return self._beside(indexes) if indexes else ()

    def _wanted_beside(self, indexes: frozenset[int]) -> Sequence[SourceRule]:
        there = dict.fromkeys(self._finder.words[index] for index in sorted(indexes))
        return [
            rule
            for word in there
            for rule in self._rules.get(word, ())
            if not rule.beside or not there.keys().isdisjoint(rule.beside)
        ]


_table = lru_cache(maxsize=64)(_Table)


def scanned(
    tree: SourceTree,
    paths: Iterable[str],
    rules: Iterable[SourceRule],
    may_matter: Callable[[bytes], bool] | None = None,
) -> Iterator[Fact]:
    """Apply every rule to every file, each file read once, in the tree's order.

    One pass over a file's bytes tells which words stand in it; most hold none and end there. A
    file that does not matter, where that can be asked, is passed over.
    """
    table = _table(tuple(rules))
    for path in paths:
        data = tree.data(path)
        is_read = data and (may_matter is None or may_matter(data))
        wanted = table.wanted(data) if data and is_read else ()
        text = tree.text(path, data) if wanted else None
        if text:
            yield from _scanned_text(path, text, wanted)


def scanned_text(path: str, text: str, rules: Iterable[SourceRule]) -> Iterator[Fact]:
    """Apply rules to a text that is at hand."""
    wanted = [
        rule
        for rule in rules
        if rule.word in text and (not rule.beside or any(word in text for word in rule.beside))
    ]
    yield from _scanned_text(path, text, wanted)


def _has_long_line(text: str) -> bool:
    start = 0
    while len(text) - start > _LONGEST_LINE:
        end = text.rfind("\n", start, start + _LONGEST_LINE)
        if end < 0:
            return True
        start = end + 1
    return False


def _scanned_text(path: str, text: str, wanted: Sequence[SourceRule]) -> Iterator[Fact]:
    if any(not rule.span for rule in wanted) and _has_long_line(text):
        wanted = [rule for rule in wanted if rule.span]
    named: set[tuple[str, str]] = set()
    for rule in wanted:
        for match in islice(_matches(rule, text), _MOST_MATCHES):
            value = rule.read(match)
            if value is None or (rule.field == _LISTED and _is_repeated(rule, value, named)):
                continue
            evidence = quoted_match(path, text, match)
            yield Fact(rule.field, value, rule.rule, rule.confidence, evidence)


def _is_repeated(rule: SourceRule, value: JsonValue, named: set[tuple[str, str]]) -> bool:
    """Say whether a rule has named this before, and remember that it does."""
    name = (rule.rule, str(value))
    is_repeated = name in named
    named.add(name)
    return is_repeated


def _matches(rule: SourceRule, text: str) -> Iterator[re.Match[str]]:
    if not rule.span:
        yield from rule.pattern.finditer(text)
        return
    pattern = rule.pattern
    done, vain, at = 0, 0, text.find(rule.word)
    while at >= 0:
        line = text.rfind("\n", max(0, at - _LEAD), at) + 1
        match = pattern.search(text, max(line, at - _LEAD, done), at + rule.span)
        if match:
            yield match
            done = match.end()
        vain += match is None
        at = text.find(rule.word, max(at + 1, done)) if vain < _MOST_IN_VAIN else -1
