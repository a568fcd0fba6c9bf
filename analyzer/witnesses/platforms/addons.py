"""Stores by the names under which platforms sell them."""

from typing import Final

_STORES: Final = (
    ("postgres", "database", "postgres"),
    ("cockroach", "database", "postgres"),
    ("mysql", "database", "mysql"),
    ("mariadb", "database", "mysql"),
    ("cleardb", "database", "mysql"),
    ("jawsdb", "database", "mysql"),
    ("mongo", "database", "mongodb"),
    ("mlab", "database", "mongodb"),
    ("ormongo", "database", "mongodb"),
    ("mssql", "database", "sqlserver"),
    ("redis", "cache", "redis"),
    ("rediscloud", "cache", "redis"),
    ("openredis", "cache", "redis"),
    ("valkey", "cache", "redis"),
    ("keyvalue", "cache", "redis"),
    ("memcach", "cache", "memcached"),
)


def store_sold_as(name: str) -> tuple[str, str] | None:
    """Return field and flavour of the store that a platform's product is, or None."""
    product = name.partition(":")[0].lower()
    for word, field, flavour in _STORES:
        if word in product:
            return field, flavour
    return None
