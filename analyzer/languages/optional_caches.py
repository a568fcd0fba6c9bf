"""Caches that a program opens only where it is asked to, or can do with another."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, quoted
from analyzer.source_rules import Pattern, Reading, SourceRule, constant
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
# A client that is made once, where there is none yet, or in one way or another.
_DENIED: Final = re.compile(
    r"(?i:cluster|sentinel|single|\b(?:password|ssl|tls)\b)|(?<!!)!(?!!)[ \t]*[\w(.@$]|\bnot\b"
    r"|\bis None\b|==[ \t]*(?:null|nil|undefined|None)\b|\bnil\?"
)
_CHOICE: Final = re.compile(
    rf"(?:==[ \t]*|\b(?:case|when)[ \t]+)[\"':]\w{{0,20}}{_NAME}", re.IGNORECASE
)
# Beside a module or folder that is called after its store, one that keeps the same in memory; and
# in a folder of choices, as many that are called after other stores.
_IN_MEMORY: Final = ("memory", "inmemory", "in_memory", "in-memory", "inmem")
_OF_CHOICES: Final = re.compile(
    r"(?:adapter|backend|datastore|driver|engine|provider|storage|store)s?$", re.IGNORECASE
)
_OTHER_STORES: Final = (
    *("azure", "cassandra", "chroma", "dynamodb", "elasticsearch", "file", "local", "milvus"),
    *("mongo", "mongodb", "mysql", "opensearch", "pgvector", "pinecone", "postgres", "postgresql"),
    *("qdrant", "s3", "sqlite", "weaviate"),
)
_MANY_STORES: Final = 3
# What turns a cache on, or a declaration that leaves it out; each with whether it is on by itself.
SWITCH: Final = "cache-switch"
STORE_NAMES: Final = ("edis", "EDIS", "alkey", "ALKEY")
_NEAR: Final = 160
_LONGEST_LINE: Final = 400
# What is on by itself: given as such, and not compared with.
_ON: Final = re.compile(
    r"(?<![=!]=)(?<![=!]= )(?<![=!]=[\"'])(?<![=!]= [\"'])\btrue\b", re.IGNORECASE
)


def _state(match: re.Match[str]) -> JsonValue:
    """Read whether a switch is on by itself: in its line or, of a call, in the next."""
    start = match.string.rfind("\n", 0, match.start()) + 1
    if match.string.find("@Conditional", start, match.start()) >= 0:
        return False
    behind = match.string[match.end() : match.end() + _NEAR]
    return _ON.search("\n".join(behind.split("\n", 2)[:2])) is not None


def _switch(word: str, pattern: str, read: Reading, beside: tuple[str, ...] = ()) -> SourceRule:
    return SourceRule(
        "absent/optional-cache", SWITCH, word, Pattern(pattern), "medium", read, _NEAR, beside
    )


SWITCHES: Final = (
    *(
        _switch(word, rf"\b\w{{0,30}}{re.escape(word)}\b", _state)
        for word in (
            *("REDIS_ENABLED", "redis_enabled", "edisEnabled", "edis.enabled", "edis.Enabled"),
            *("edisConfigured", "edis.IsConfigured", "VALKEY_ENABLED", "alkeyEnabled"),
        )
    ),
    *(
        # What is called so may as well do it.
        _switch(word, rf"\b\w{{0,2}}{re.escape(word)}\b(?!\()", _state)
        for word in (
            *("ENABLE_REDIS", "enable_redis", "nableRedis", "USE_REDIS", "use_redis", "seRedis"),
            *("use-redis", "USE_VALKEY", "seValkey"),
        )
    ),
)
_ASKED_BEAN: Final = _switch(
    "@ConditionalOn",
    r"@ConditionalOn(?:Property|Expression)\([^\n]{0,120}?\b(?:[rR]edis|REDIS|[vV]alkey)\b",
    constant(False),
    ("edis", "alkey"),
)
JVM_SWITCHES: Final = (*SWITCHES, _ASKED_BEAN)
NODE_SWITCHES: Final = (
    *SWITCHES,
    *(
        _switch(f"{word}?: ", rf"\b\w{{0,20}}{word}\?: ", constant(False))
        for store in ("edis", "alkey")
        for word in (store, *(f"{store}{what}" for what in ("Url", "URL", "Uri", "Host", "Client")))
    ),
)
RUST_SWITCHES: Final = (
    *SWITCHES,
    _switch(
        ": Option<",
        r"(?:redis|valkey)\w{0,24}: Option<(?!&)",
        constant(False),
        ("redis", "valkey"),
    ),
)
PYTHON_SWITCHES: Final = (
    *SWITCHES,
    *(
        _switch(
            word,
            rf"(?:redis|REDIS|valkey|VALKEY)\w{{0,24}}: (?:[\w.]{{1,40}} )?{re.escape(word)}",
            constant(False),
            STORE_NAMES,
        )
        for word in ("Optional[", "| None")
    ),
)
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
    switches = [fact for fact in found if fact.field == SWITCH]
    reason = _reason(tree, said, switches) if said else None
    for fact in found:
        if fact.field != SWITCH and (reason is None or fact.field != "cache"):
            yield fact
    if reason:
        yield Fact("cache", "none", "absent/optional-cache", "medium", reason)


def _reason(tree: SourceTree, said: Sequence[Fact], switches: Sequence[Fact]) -> Evidence | None:
    """Return what shows that the service runs without the caches that are spoken of."""
    clients: list[Evidence] = []
    opened: dict[str, set[JsonValue]] = {}
    for fact in said:
        if fact.evidence and fact.evidence.file.endswith(_CODE):
            clients.append(fact.evidence)
            if fact.rule.endswith("-client"):
                opened.setdefault(fact.evidence.file, set()).add(fact.value)
        elif fact.confidence == "high":
            return None
    # What opens either of two in one file leaves the choice to its users.
    either = next((client for client in clients if len(opened.get(client.file, ())) > 1), None)
    if either:
        return either
    lines = {
        path: (tree.text(path) or "").split("\n")
        for path in dict.fromkeys(client.file for client in clients)
    }
    chosen = {path for path in lines if _is_one_of_many(tree, path)}
    conditions = [
        client if client.file in chosen else _condition_of(lines[client.file], client)
        for client in clients
    ]
    if conditions and all(conditions):
        return conditions[0]
    is_on = any(fact.value for fact in switches)
    return switches[0].evidence if switches and not is_on else None


def _condition_of(lines: Sequence[str], client: Evidence) -> Evidence | None:
    """Return the condition that a client stands in: behind it in its line, or around it."""
    own = lines[client.line - 1]
    begin = own.find(client.quote) + len(client.quote)
    behind = _CONDITION.search(own, begin, begin + _NEAR)
    if behind and _asks(own, behind):
        return _quoted(client, lines, client.line - 1, behind)
    depth = _depth(own)
    for number in range(client.line - 2, max(client.line - _FURTHEST, 0) - 1, -1):
        line = lines[number][:_LONGEST_LINE]
        if not line.strip() or _depth(line) >= depth:
            continue
        # A brace of its own belongs to the line above it, which is as deep.
        depth = _depth(line) + (line.strip() == "{")
        condition = _CONDITION.search(line)
        if condition and _asks(line, condition):
            return _quoted(client, lines, number, condition)
    return None


def _is_one_of_many(tree: SourceTree, path: str) -> bool:
    """Say whether a module, or its folder, is one of several that only their stores' names tell.

    One in memory beside it is enough; of others three, in a folder that is called after choices.
    """
    folder, _, name = path.rpartition("/")
    store = re.search(_NAME, name, re.IGNORECASE)
    if store is None:
        folder, _, name = folder.rpartition("/")
        store = re.search(_NAME, name, re.IGNORECASE)
    if store is None or not folder:
        return False
    names = {other[len(folder) + 1 :].partition("/")[0].lower() for other in tree.below(folder)}
    begin, end = name[: store.start()].lower(), name[store.end() :].lower()
    others = [other for other in _OTHER_STORES if f"{begin}{other}{end}" in names]
    is_many = len(others) >= _MANY_STORES and _OF_CHOICES.search(folder) is not None
    return is_many or any(f"{begin}{other}{end}" in names for other in _IN_MEMORY)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _asks(line: str, condition: re.Match[str]) -> bool:
    """Say whether a condition holds where a cache is asked for, not where none is there yet."""
    asked = line[condition.start() : condition.end() + _NEAR]
    return _CHOICE.search(asked) is not None or not _DENIED.search(_GIVEN.sub("", asked))


def _quoted(
    client: Evidence, lines: Sequence[str], number: int, condition: re.Match[str]
) -> Evidence:
    line = quoted(client.file, lines[number], *condition.span())
    return line.model_copy(update={"line": number + 1})
