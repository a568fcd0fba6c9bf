"""Caches that a program opens only where it is asked to, or can do with another."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from analyzer.facts import Fact, quoted, quoted_match
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

_CODE: Final = (
    *(".cs", ".ex", ".exs", ".go", ".java", ".js", ".kt", ".mjs", ".php", ".py", ".rb", ".rs"),
    *(".ts", ".tsx"),
)
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
# What turns a cache on, or a declaration that leaves it out.
_SWITCH: Final = re.compile(
    r"\b(?:use|enable)[_-]?(?:redis|valkey)\b(?!\()"
    r"|\b\w{0,30}(?:redis|valkey)[_.-]?(?:is)?_?(?:enabled|configured)\b"
    r"|@ConditionalOn(?:Property|Expression)\([^\n]{0,120}?\b(?:redis|valkey)\b"
    r"|(?:redis|valkey)\w{0,24}: (?:Option<(?!&)|Optional\[|[\w.]{1,40} \| None\b)"
    r"|(?:redis|valkey)(?:_?(?:url|uri|host|client|config))?\?: ",
    re.IGNORECASE,
)
_NAMES: Final = (b"edis", b"EDIS", b"alkey", b"ALKEY")
# What is on by itself: given as such, and not compared with.
_ON: Final = re.compile(
    r"(?<![=!]=)(?<![=!]= )(?<![=!]=[\"'])(?<![=!]= [\"'])\btrue\b", re.IGNORECASE
)
_NEAR: Final = 160
_MOST_SWITCHES: Final = 100
# How many lines above its client a condition is looked for.
_FURTHEST: Final = 40


def unless_optional(tree: SourceTree, facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield what a language's files say; no cache where all that opens one could be left out.

    That is what stands in a condition or in one of several modules to choose from, and all where
    there is a switch for it that is not on by itself. Drivers that are installed and settings that
    are named say nothing then; a package that cannot do without a cache does.
    """
    found = list(facts)
    said = [fact for fact in found if fact.field == "cache" and fact.value != "none"]
    reason = _reason(tree, said) if said else None
    for fact in found:
        if reason is None or fact.field != "cache":
            yield fact
    if reason:
        yield Fact("cache", "none", "absent/optional-cache", "medium", reason)


def _reason(tree: SourceTree, said: Sequence[Fact]) -> Evidence | None:
    """Return what shows that the service runs without the caches that are spoken of."""
    opened = [fact for fact in said if fact.evidence and fact.evidence.file.endswith(_CODE)]
    if any(fact.confidence == "high" and fact not in opened for fact in said):
        return None
    conditions = [_condition_of(tree, fact.evidence) for fact in opened if fact.evidence]
    return conditions[0] if conditions and all(conditions) else _switch_of(tree)


def _condition_of(tree: SourceTree, client: Evidence) -> Evidence | None:
    """Return the condition that a client stands in: behind it in its line, or around it."""
    if _is_one_of_many(tree, client.file):
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


def _switch_of(tree: SourceTree) -> Evidence | None:
    """Return what turns the cache on, unless that is on by itself."""
    first = None
    for path in tree.sources(*_CODE):
        data = tree.data(path) or b""
        text = tree.text(path, data) if any(name in data for name in _NAMES) else None
        for switch in islice(_SWITCH.finditer(text or ""), _MOST_SWITCHES):
            if text and _is_on(text, switch):
                return None
            first = first or quoted_match(path, text or "", switch)
    return first


def _is_on(text: str, switch: re.Match[str]) -> bool:
    """Say whether a switch is on by itself: in its line or, of a call, in the next."""
    behind = "\n".join(text[switch.end() : switch.end() + _NEAR].split("\n", 2)[:2])
    return not switch.group().startswith("@") and _ON.search(behind) is not None


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
