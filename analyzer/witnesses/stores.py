"""Which store a variable's value names: by its URL's scheme, or by the driver that it picks."""

import re
from typing import Final

from analyzer.patterns import Pattern

_SCHEME: Final = Pattern(
    r"(?:jdbc:)?(postgres(?:ql)?|postgis|pgsql|mysql2?|mariadb|mongodb|mongo|sqlserver|mssql|sqlite3?|"
    r"h2|rediss?|memcached)(?:\+\w+)?:(?://|mem:|file:)"
)
_FLAVOURS: Final = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "postgis": "postgres",
    "pgsql": "postgres",
    "pg": "postgres",
    "mysql": "mysql",
    "mysql2": "mysql",
    "mysqli": "mysql",
    "mariadb": "mysql",
    "mongodb": "mongodb",
    "mongo": "mongodb",
    "sqlserver": "sqlserver",
    "sqlsrv": "sqlserver",
    "mssql": "sqlserver",
    "dynamodb": "dynamodb",
    "cassandra": "cassandra",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "h2": "h2",
}
_CACHES: Final = {"redis": "redis", "rediss": "redis", "memcached": "memcached"}
_DATABASE_DRIVER: Final = Pattern(
    r"(?:^|_)(?:DB|DATABASE|PERSISTENCE|STORE|STORAGE|SQL|DATASOURCE)_*"
    r"(?:CONNECTION|DRIVER|ENGINE|TYPE|DIALECT|CLIENT|ADAPTER|VENDOR|PROVIDER|KIND|BACKEND)$"
)
_CACHE_DRIVER: Final = Pattern(
    r"(?:^|_)(?:CACHE|SESSION|QUEUE|BROADCAST|BROKER|PERSISTENCE)_*"
    r"(?:STORE|DRIVER|CONNECTION|TYPE|BACKEND|PROVIDER|ENGINE|ADAPTER)$"
)
_NOT_THE_SERVICES: Final = Pattern(r"TEST|SHADOW|EXAMPLE|REPLICA", re.IGNORECASE)


def store_named(name: str, value: str) -> tuple[str, str] | None:
    """Return the field and flavour of the store that a variable names, or None."""
    if _NOT_THE_SERVICES.search(name):
        return None
    scheme = _SCHEME.match(value.strip())
    if scheme:
        word = scheme[1]
        return ("cache", _CACHES[word]) if word in _CACHES else ("database", _FLAVOURS[word])
    upper, driver = name.upper(), value.strip().lower().rpartition(".")[2]
    if _DATABASE_DRIVER.search(upper) and driver in _FLAVOURS:
        return "database", _FLAVOURS[driver]
    if _CACHE_DRIVER.search(upper) and driver in _CACHES:
        return "cache", _CACHES[driver]
    return None
