"""Stores that a program opens only where it is asked to, or can do with another."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, quoted
from analyzer.languages.cache_switches import SWITCH
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

_CODE: Final = (
    *(".cs", ".ex", ".exs", ".go", ".java", ".js", ".kt", ".mjs", ".php", ".py", ".rb", ".rs"),
    *(".ts", ".tsx"),
)


@dataclass(frozen=True)
class _Sort:
    """A sort of stores: their names, and what modules beside them are called that need none.

    Such a module keeps the same in memory, or in a file.
    """

    name: re.Pattern[str]
    condition: re.Pattern[str]
    unless: re.Pattern[str]
    either: re.Pattern[str]
    choice: re.Pattern[str]
    inside: tuple[str, ...]


def _sort(name: str, inside: tuple[str, ...]) -> _Sort:
    ask = r"(?<![\w.])(?:if|elif|elsif|case|when)\b[^\n]{0,160}?"
    compare = r"(?:==[ \t]*|\b(?:case|when)[ \t]+)[\"':]\w{0,20}"
    return _Sort(
        name=re.compile(name, re.IGNORECASE),
        condition=re.compile(rf"{ask}{name}\w*", re.IGNORECASE),
        unless=re.compile(rf"\bunless\b[^\n]{{0,160}}?{name}\w*", re.IGNORECASE),
        either=re.compile(rf"[\w.]*{name}[\w.()\[\]\"' ]{{0,30}}\?[ \t]*$", re.IGNORECASE),
        choice=re.compile(compare + name, re.IGNORECASE),
        inside=inside,
    )


# Files that a program keeps by itself.
_FILES: Final = ("badger", "bolt", "boltdb", "level", "leveldb")
_CACHES: Final = _sort(
    r"(?:redis|valkey|memcache)",
    ("memory", "inmemory", "in_memory", "in-memory", "inmem", *_FILES),
)
_SERVERS: Final = ("mongodb", "mysql", "postgres", "sqlserver")
_DATABASES: Final = _sort(
    r"(?:postgres(?:ql)?|pgsql|mysql|mariadb|mongo(?:db)?|mssql|sqlserver)",
    ("sqlite", "sqlite3", *_FILES),
)
# What is there, told by denying that it is not.
_GIVEN: Final = re.compile(
    r"\bis not None\b|!==?[ \t]*(?:null|nil|undefined|None)\b"
    r"|![ \t]*(?:\w{1,30}\.){0,3}(?:IsNullOr\w{1,20}|isEmpty|isBlank|empty)\("
    r"|![ \t]*[\w.$]{1,60}\.(?:isEmpty\(|isBlank\(|isNullOr\w{1,20}\(|empty\?|blank\?|nil\?)"
)
# What is not there, upon which nothing is done.
_MISSING: Final = re.compile(
    r"(?<!!)!(?!!)[ \t]*[\w(.@$]|\bnot\b|\bunless\b|\bis None\b|\bIsNullOr\w|\.is(?:Empty|Blank)\("
    r"|==[ \t]*(?:null\b|nil\b|undefined\b|None\b|\"\"|'')|\.(?:nil|blank|empty)\?"
)
_LEAVES: Final = re.compile(r"\breturn\b")
_FAILS: Final = re.compile(
    r"\b(?:throw|raise|panic|exit|Fatal\w{0,3}|errs?|errors?|Errorf|abort)\b"
)
# A client that is made once, where there is none yet, or in one way or another.
_DENIED: Final = re.compile(
    r"(?i:cluster|sentinel|single|\b(?:password|ssl|tls)\b)|(?<!!)!(?!!)[ \t]*[\w(.@$]|\bnot\b"
    r"|\bis None\b|==[ \t]*(?:null|nil|undefined|None)\b|\bnil\?"
)
# Where modules are choices, and what others of them are called.
_OF_CHOICES: Final = re.compile(
    r"(?:adapter|backend|datastore|driver|engine|provider|storage|store)s?$", re.IGNORECASE
)
_OTHER_STORES: Final = (
    *("azure", "cassandra", "chroma", "dynamodb", "elasticsearch", "file", "local", "milvus"),
    *("mongo", "mongodb", "mysql", "opensearch", "pgvector", "pinecone", "postgres", "postgresql"),
    *("qdrant", "s3", "sqlite", "weaviate"),
)
_MANY_STORES: Final = 3
_NEAR: Final = 160
_LONGEST_LINE: Final = 400
# How many lines above its client a condition is looked for, and how many it may lead.
_FURTHEST: Final = 40
_LONGEST_BLOCK: Final = 6
_VARIABLE: Final = re.compile(r"env", re.IGNORECASE)


def unless_optional(tree: SourceTree, facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield what a language's files say, without the stores that could be left out.

    No cache is needed where all that opens one stands in a condition or in one of several modules
    to choose from, or where there is a switch for it that is not on by itself. SQLite is enough
    where it is spoken of and all that opens a server's database stands so. Drivers that are
    installed and settings that are named say nothing then; a package that cannot do without a
    cache does.
    """
    yield from _unless_inside(tree, list(_unless_switched(tree, list(facts))))


def _unless_switched(tree: SourceTree, found: Sequence[Fact]) -> Iterator[Fact]:
    said = [fact for fact in found if fact.field == "cache" and fact.value != "none"]
    switches = [fact for fact in found if fact.field == SWITCH]
    reason = _reason(tree, said, switches) if said else None
    for fact in found:
        if fact.field != SWITCH and (reason is None or fact.field != "cache"):
            yield fact
    if reason:
        yield Fact("cache", "none", "absent/optional-cache", "medium", reason)


def _unless_inside(tree: SourceTree, found: Sequence[Fact]) -> Iterator[Fact]:
    said = [fact for fact in found if _is_served(fact)]
    opened = [fact for fact in said if not fact.rule.endswith("/driver")] or said
    clients = [
        fact.evidence for fact in opened if fact.evidence and fact.evidence.file.endswith(_CODE)
    ]
    reason = None
    if clients and len(clients) == len(opened) and _is_inside(tree, found, clients):
        reason = _asked(tree, clients, _DATABASES)
    for fact in found:
        if reason is None or not _is_served(fact):
            yield fact
    if reason:
        others = _beside(tree, clients[0].file, _DATABASES)[1]
        is_file = not others.isdisjoint(_FILES) and not _is_spoken_of(found, "sqlite")
        kept = "none" if is_file else "sqlite"
        yield Fact("database", kept, "absent/optional-database", "medium", reason)


def _is_served(fact: Fact) -> bool:
    return fact.field == "database" and fact.value in _SERVERS


def _is_inside(tree: SourceTree, found: Sequence[Fact], clients: Sequence[Evidence]) -> bool:
    """Say whether a database that runs inside the program is spoken of, or has a module beside."""
    if _is_spoken_of(found, "sqlite"):
        return True
    return not _beside(tree, clients[0].file, _DATABASES)[1].isdisjoint(_DATABASES.inside)


def _is_spoken_of(found: Sequence[Fact], flavour: str) -> bool:
    return any(fact.field == "database" and fact.value == flavour for fact in found)


def _reason(tree: SourceTree, said: Sequence[Fact], switches: Sequence[Fact]) -> Evidence | None:
    """Return what shows that the service runs without the caches that are spoken of."""
    clients: list[Evidence] = []
    opened: dict[str, set[JsonValue]] = {}
    for fact in said:
        if fact.evidence and fact.evidence.file.endswith(_CODE):
            clients.append(fact.evidence)
            if fact.rule.endswith(("-client", "/cache-driver")):
                opened.setdefault(fact.evidence.file, set()).add(fact.value)
        elif fact.confidence == "high":
            return None
    # What opens either of two in one file leaves the choice to its users.
    either = next((client for client in clients if len(opened.get(client.file, ())) > 1), None)
    if either:
        return either
    reason = _asked(tree, clients, _CACHES)
    if reason:
        return reason
    is_on = any(fact.value for fact in switches)
    return switches[0].evidence if switches and not is_on else None


def _asked(tree: SourceTree, clients: Sequence[Evidence], sort: _Sort) -> Evidence | None:
    """Return what shows that each of the clients is only opened where it is asked for."""
    lines = {
        path: (tree.text(path) or "").split("\n")
        for path in dict.fromkeys(client.file for client in clients)
    }
    chosen = {path for path in lines if _is_one_of_many(tree, path, sort)}
    conditions = [
        client if client.file in chosen else _condition_of(lines[client.file], client, sort)
        for client in clients
    ]
    return conditions[0] if conditions and all(conditions) else None


def _condition_of(lines: Sequence[str], client: Evidence, sort: _Sort) -> Evidence | None:
    """Return the condition that a client stands in: in its line, around it, or left before it."""
    own = lines[client.line - 1]
    begin = own.find(client.quote)
    end = begin + len(client.quote)
    behind = sort.condition.search(own, end, end + _NEAR)
    before = sort.condition.search(own, max(begin - _NEAR, 0), end)
    for condition in (behind, before):
        # A client that is made in a condition is none that is asked for.
        is_asked = condition and (condition.end() <= begin or condition is behind)
        if condition and (is_asked or _is_variable(client)) and _asks(own, condition, sort):
            return _quoted(client, lines, client.line - 1, condition)
    either, at = sort.either.search(own, max(begin - _NEAR, 0), begin), client.line - 1
    if own.count(client.quote) > 1:
        # Each branch opens one.
        either = None
    if own.lstrip().startswith("?") and at > 0:
        # The branches stand in lines of their own.
        at -= 1
        either = sort.either.search(f"{lines[at][:_LONGEST_LINE].rstrip()} ?")
    if either and _asks(either.string, either, sort):
        return _quoted(client, lines, at, either)
    depth = _depth(own)
    for number in range(client.line - 2, max(client.line - _FURTHEST, 0) - 1, -1):
        line = lines[number][:_LONGEST_LINE]
        if line.strip() and _depth(line) == depth:
            left = _left(lines, number, sort)
            if left:
                return _quoted(client, lines, number, left)
        if not line.strip() or _depth(line) >= depth:
            continue
        # A brace of its own belongs to the line above it, which is as deep.
        depth = _depth(line) + (line.strip() == "{")
        condition = sort.condition.search(line)
        if condition and _asks(line, condition, sort):
            return _quoted(client, lines, number, condition)
    return None


def _is_variable(client: Evidence) -> bool:
    return _VARIABLE.search(client.quote) is not None


def _left(lines: Sequence[str], number: int, sort: _Sort) -> re.Match[str] | None:
    """Return the condition of a line upon which a function is left where no store is given."""
    line = lines[number][:_LONGEST_LINE]
    condition = sort.condition.search(line) or sort.unless.search(line)
    if condition is None or not _MISSING.search(_GIVEN.sub("", line)):
        return None
    block = [line]
    for below in lines[number + 1 : number + 1 + _LONGEST_BLOCK]:
        if below.strip() and _depth(below) <= _depth(line):
            break
        block.append(below[:_LONGEST_LINE])
    done = "\n".join(block)
    return condition if _LEAVES.search(done) and not _FAILS.search(done) else None


def _is_one_of_many(tree: SourceTree, path: str, sort: _Sort) -> bool:
    """Say whether a module, or its folder, is one of several that only their stores' names tell.

    One that needs no store is enough; of others three, in a folder that is called after choices.
    """
    folder, others = _beside(tree, path, sort)
    is_many = len(others.intersection(_OTHER_STORES)) >= _MANY_STORES
    is_of_choices = _OF_CHOICES.search(folder) is not None
    return (is_many and is_of_choices) or not others.isdisjoint(sort.inside)


def _beside(tree: SourceTree, path: str, sort: _Sort) -> tuple[str, set[str]]:
    """Return the folder of a module that is called after its store, or of its own folder.

    With it what others there have in their names in place of the store.
    """
    folder, _, name = path.rpartition("/")
    above, _, own = folder.rpartition("/")
    if sort.name.search(own):
        folder, name = above, own
    store = sort.name.search(name)
    if store is None or not folder:
        return folder, set()
    begin, end = name[: store.start()].lower(), name[store.end() :].lower()
    names = {other[len(folder) + 1 :].partition("/")[0].lower() for other in tree.below(folder)}
    return folder, {
        other.removeprefix(begin).removesuffix(end)
        for other in names
        if other.startswith(begin) and other.endswith(end)
    }


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _asks(line: str, condition: re.Match[str], sort: _Sort) -> bool:
    """Say whether a condition holds where a cache is asked for, not where none is there yet."""
    asked = line[condition.start() : condition.end() + _NEAR]
    return sort.choice.search(asked) is not None or not _DENIED.search(_GIVEN.sub("", asked))


def _quoted(
    client: Evidence, lines: Sequence[str], number: int, condition: re.Match[str]
) -> Evidence:
    line = quoted(client.file, lines[number], *condition.span())
    return line.model_copy(update={"line": number + 1})
