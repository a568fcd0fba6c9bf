"""Caches that a program opens only where its settings ask for one, or can do with another."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from analyzer.facts import Fact, quoted
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

_CODE: Final = (".py", ".js", ".mjs", ".ts", ".tsx", ".go", ".rb", ".php", ".rs", ".cs")
_CODE_ON_BEAM: Final = (".ex", ".exs")
_NAME: Final = r"(?:redis|valkey|memcache)"
_CONDITION: Final = re.compile(
    rf"(?<![\w.])(?:if|elif|elsif|case|when)\b[^\n]{{0,160}}?{_NAME}\w*", re.IGNORECASE
)
# What is there, told by denying that it is not.
_GIVEN: Final = re.compile(r"\bis not None\b|!==?[ \t]*(?:null|nil|undefined|None)\b")
# A client that is made once, where there is none yet.
_DENIED: Final = re.compile(
    r"(?<!!)!(?!!)[ \t]*[\w(.@$]|\bnot\b|\bis None\b|==[ \t]*(?:null|nil|undefined|None)\b|\bnil\?"
)
_CHOICE: Final = re.compile(
    rf"(?:==[ \t]*|\b(?:case|when)[ \t]+)[\"':]\w{{0,20}}{_NAME}", re.IGNORECASE
)
# As many modules of one folder that are called after what they keep things in are choices.
_MANY_STORES: Final = 4
_STORES: Final = re.compile(
    r"redis|valkey|memcache|postgres|pgvector|mysql|mongo|sqlite|dynamo|cassandra|elastic|opensearch"
    r"|chroma|milvus|pinecone|qdrant|weaviate|memory|disk|file|noop|s3|gcs|azure|local"
)
# How many lines above its client a condition is looked for.
_FURTHEST: Final = 40


def unless_optional(tree: SourceTree, facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield what a language's files say; no cache where all that opens one could be left out.

    That is what stands in a condition, or in one of several modules to choose from.

    Drivers that are installed and settings that are named say nothing then; a package that cannot
    do without a cache does.
    """
    found = list(facts)
    opened = [fact for fact in found if _is_opened(fact)]
    conditions = [_condition_of(tree, fact.evidence) for fact in opened if fact.evidence]
    is_needed = any(
        fact.field == "cache" and fact.confidence == "high" and fact not in opened for fact in found
    )
    if is_needed or not conditions or not all(conditions):
        yield from found
        return
    yield from (fact for fact in found if fact.field != "cache")
    yield Fact("cache", "none", "absent/optional-cache", "medium", conditions[0])


def _is_opened(fact: Fact) -> bool:
    is_code = fact.evidence is not None and fact.evidence.file.endswith(_CODE + _CODE_ON_BEAM)
    return fact.field == "cache" and fact.value != "none" and is_code


def _condition_of(tree: SourceTree, client: Evidence | None) -> Evidence | None:
    """Return the condition that a client stands in: behind it in its line, or around it."""
    if client is None or _is_one_of_many(tree, client.file):
        return client
    lines = (tree.text(client.file) or "").split("\n")
    own = lines[client.line - 1]
    behind = _CONDITION.search(own, own.find(client.quote) + len(client.quote))
    if behind and _asks(own[behind.start() :]):
        return _quoted(client.file, lines, client.line - 1, behind)
    depth = _depth(own)
    for number in range(client.line - 2, max(client.line - _FURTHEST, 0) - 1, -1):
        line = lines[number]
        if not line.strip() or _depth(line) >= depth:
            continue
        # A brace of its own belongs to the line above it, which is as deep.
        depth = _depth(line) + (line.strip() == "{")
        condition = _CONDITION.search(line)
        if condition and _asks(line[condition.start() :]):
            return _quoted(client.file, lines, number, condition)
    return None


def _is_one_of_many(tree: SourceTree, path: str) -> bool:
    """Say whether a module is called after its store, and others beside it after other ones."""
    folder, _, name = path.rpartition("/")
    if not folder or not _STORES.search(name.lower()):
        return False
    beside = [other[len(folder) + 1 :].lower() for other in tree.below(folder)]
    named = [_STORES.search(other) for other in beside if "/" not in other]
    return len({match.group() for match in named if match}) >= _MANY_STORES


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _asks(condition: str) -> bool:
    """Say whether a condition holds where a cache is asked for, not where none is there yet."""
    return _CHOICE.search(condition) is not None or not _DENIED.search(_GIVEN.sub("", condition))


def _quoted(path: str, lines: list[str], number: int, condition: re.Match[str]) -> Evidence:
    before = sum(len(line) + 1 for line in lines[:number])
    start, end = condition.span()
    return quoted(path, "\n".join(lines), before + start, before + end)
