"""What no package knows of: a store that is run beside a service may be another's."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree

# Each names all that is installed, what packages bring included.
_LOCKS: Final = {
    "elixir": ("mix.lock",),
    "go": ("go.sum",),
    "node": (
        *("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"),
    ),
    "python": ("poetry.lock", "uv.lock", "Pipfile.lock", "pdm.lock"),
    "ruby": ("Gemfile.lock",),
    "rust": ("Cargo.lock",),
}
# What traces the calls of a client is there with or without one.
_TRACING: Final = Pattern(rb"instrumentation[-_][\w-]+")
# What clients of a store are called, and what brings its own.
_OBJECTS: Final = rb"prisma|sqlx|diesel|sea-orm|jdbc|odbc"
_CLIENTS: Final = {
    "redis": Pattern(
        rb"redis|valkey|sidekiq|resque|rueidis|\bbull(?:mq)?\b|\brq\b|celery|kombu|\brrl\b",
        re.IGNORECASE,
    ),
    "memcached": Pattern(rb"memcache|dalli|pylibmc|memjs", re.IGNORECASE),
    "postgres": Pattern(
        rb"postgres|psycopg|asyncpg|pg8000|pgx|/pq\b|go-pg|\bpg\b|" + _OBJECTS, re.IGNORECASE
    ),
    "mysql": Pattern(rb"mysql|mariadb|trilogy|" + _OBJECTS, re.IGNORECASE),
    "mongodb": Pattern(rb"mongo|prisma", re.IGNORECASE),
    "sqlserver": Pattern(rb"mssql|sqlserver|tedious|tiberius|" + _OBJECTS, re.IGNORECASE),
}
_BESIDE: Final = "compose/"


def of_known_stores(tree: SourceTree, facts: Sequence[Fact], language: JsonValue) -> Sequence[Fact]:
    """Return the facts without the stores that a compose file alone names and no package can use.

    Where no lock says what is installed, nothing is known, and all of them stay.
    """
    strange = {
        field for field in ("database", "cache") if _is_strange(tree, facts, field, language)
    }
    if "database" in strange:
        strange.add("database_version")
    return [
        fact for fact in facts if fact.field not in strange or not fact.rule.startswith(_BESIDE)
    ]


def _is_strange(tree: SourceTree, facts: Sequence[Fact], field: str, language: JsonValue) -> bool:
    """Say whether compose files alone name stores of a sort, and none that a package can use."""
    stores = [fact for fact in facts if fact.field == field and fact.value != "none"]
    if not stores or any(not fact.rule.startswith(_BESIDE) for fact in stores):
        return False
    flavours = {fact.value for fact in stores}
    installed = list(_installed(tree, language)) if flavours <= _CLIENTS.keys() else []
    return bool(installed) and not any(_can_use(data, flavours) for data in installed)


def _installed(tree: SourceTree, language: JsonValue) -> Iterator[bytes]:
    for name in _LOCKS.get(str(language), ()):
        path = tree.nearest(name)
        data = tree.data(path) if path else None
        if data:
            yield _TRACING.sub(b"", data)


def _can_use(data: bytes, flavours: set[JsonValue]) -> bool:
    return any(_CLIENTS[str(flavour)].search(data) for flavour in flavours)
