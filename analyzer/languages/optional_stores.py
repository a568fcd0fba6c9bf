"""Stores that a program opens only where it is asked to, or can do with another."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact
from analyzer.languages.cache_switches import SWITCH
from analyzer.languages.store_conditions import Sort, condition_of, sort_of
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

_CODE: Final = (
    *(".cs", ".ex", ".exs", ".go", ".java", ".js", ".kt", ".mjs", ".php", ".py", ".rb", ".rs"),
    *(".ts", ".tsx"),
)
# Files that a program keeps by itself.
_FILES: Final = ("badger", "bolt", "boltdb", "level", "leveldb")
_CACHES: Final = sort_of(
    r"(?:redis|valkey|memcache)",
    (
        *("memory", "inmemory", "in_memory", "in-memory", "inmem", *_FILES),
        *("dummy", "eventemitter", "noop", "null"),
    ),
)
_SERVERS: Final = ("mongodb", "mysql", "postgres", "sqlserver")
_DATABASES: Final = sort_of(
    r"(?:postgres(?:ql)?|pgsql|mysql|mariadb|mongo(?:db)?|mssql|sqlserver)",
    ("sqlite", "sqlite3", *_FILES),
)
# Where modules are choices, and what others of them are called.
_OF_CHOICES: Final = Pattern(
    r"(?:adapter|backend|datastore|driver|engine|provider|storage|store)s?$", re.IGNORECASE
)
_OTHER_STORES: Final = (
    *("azure", "cassandra", "chroma", "dynamodb", "elasticsearch", "file", "local", "milvus"),
    *("mongo", "mongodb", "mysql", "opensearch", "pgvector", "pinecone", "postgres", "postgresql"),
    *("qdrant", "s3", "sqlite", "weaviate"),
)
_MANY_STORES: Final = 3


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


def _asked(tree: SourceTree, clients: Sequence[Evidence], sort: Sort) -> Evidence | None:
    """Return what shows that each of the clients is only opened where it is asked for."""
    lines = {
        path: (tree.text(path) or "").split("\n")
        for path in dict.fromkeys(client.file for client in clients)
    }
    chosen = {path for path in lines if _is_one_of_many(tree, path, sort)}
    conditions = [
        client if client.file in chosen else condition_of(lines[client.file], client, sort)
        for client in clients
    ]
    return conditions[0] if conditions and all(conditions) else None


def _is_one_of_many(tree: SourceTree, path: str, sort: Sort) -> bool:
    """Say whether a module, or its folder, is one of several that only their stores' names tell.

    One that needs no store is enough; of others three, in a folder that is called after choices.
    """
    folder, others = _beside(tree, path, sort)
    is_many = len(others.intersection(_OTHER_STORES)) >= _MANY_STORES
    is_of_choices = _OF_CHOICES.search(folder) is not None
    return (is_many and is_of_choices) or not others.isdisjoint(sort.inside)


def _beside(tree: SourceTree, path: str, sort: Sort) -> tuple[str, set[str]]:
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
