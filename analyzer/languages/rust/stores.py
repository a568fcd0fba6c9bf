"""Which database and cache a Rust service talks to: crates, their features, the pools it opens."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from analyzer.facts import Fact
from analyzer.languages.drivers import driven
from analyzer.languages.rust.cargo import Crate, Dependency
from analyzer.patterns import Pattern
from delightful.recommendation import Confidence, Evidence

_DRIVERS: Final = {
    "tokio-postgres": "postgres",
    "postgres": "postgres",
    "deadpool-postgres": "postgres",
    "bb8-postgres": "postgres",
    "r2d2_postgres": "postgres",
    "rbdc-pg": "postgres",
    "rbdc-mysql": "mysql",
    "rbdc-sqlite": "sqlite",
    "rusqlite": "sqlite",
    "tokio-rusqlite": "sqlite",
    "r2d2_sqlite": "sqlite",
    "libsql": "sqlite",
    "mysql": "mysql",
    "mysql_async": "mysql",
    "mongodb": "mongodb",
    "mungos": "mongodb",
    "tiberius": "sqlserver",
    "aws-sdk-dynamodb": "dynamodb",
    "scylla": "cassandra",
}
# Crates that speak to several databases and have a feature for each.
_MANY: Final = Pattern(
    r"diesel|diesel-async|ormlite|rocket_db_pools|rocket_sync_db_pools|sea-orm|"
    r"sea-orm-migration|sqlx|tower-sessions-sqlx-store"
)
_FLAVOURS: Final = (("postgres", "postgres"), ("mysql", "mysql"), ("sqlite", "sqlite"))
_CACHES: Final = {
    "redis": "redis",
    "fred": "redis",
    "deadpool-redis": "redis",
    "bb8-redis": "redis",
    "r2d2_redis": "redis",
    "mobc-redis": "redis",
    "memcache": "memcached",
}
# Queues and sessions that are kept nowhere else.
_NEED_REDIS: Final = frozenset({"apalis-redis", "rusty-sidekiq", "tower-sessions-redis-store"})


def store_facts(
    crates: Sequence[Crate],
    used: Sequence[Fact],
    clients: Sequence[Fact],
    configured: Sequence[Fact],
) -> Iterator[Fact]:
    """Yield database and cache, as crates, source and settings show them.

    `used` are the databases that sources open, `clients` the caches.
    """
    dependencies = [one for crate in crates for one in crate.dependencies]
    needed = dict(_databases([one for one in dependencies if not one.is_optional]))
    optional = dict(_databases([one for one in dependencies if one.is_optional]))
    optional |= dict(_featured(crates))
    databases = {**optional, **needed}
    yield from chain(
        driven(
            databases,
            "rust/driver",
            are_used=bool(needed),
            opened={fact.value for fact in used},
        ),
        _defaults(crates),
        (fact for fact in used if fact.value in databases),
        (fact for fact in configured if fact.field == "database" and fact.value in databases),
        _caches(crates, clients, configured),
    )


def _databases(dependencies: Sequence[Dependency]) -> Iterator[tuple[str, Evidence]]:
    for one in dependencies:
        if one.name in _DRIVERS:
            yield _DRIVERS[one.name], one.evidence
        elif _MANY.fullmatch(one.name):
            for feature in one.features:
                yield from ((flavour, one.evidence) for flavour in _flavours_in(feature))


def _featured(crates: Sequence[Crate]) -> Iterator[tuple[str, Evidence]]:
    """Yield the databases that a crate can be built for, by its features."""
    for crate in crates:
        for name, (parts, evidence) in crate.features.items():
            if name != "default" and any(_MANY.match(part) for part in parts):
                yield from ((flavour, evidence) for flavour in _flavours_in(name))


def _defaults(crates: Sequence[Crate]) -> Iterator[Fact]:
    for crate in crates:
        parts, evidence = crate.features.get("default", ((), None))
        for flavour in {one for part in parts for one in _flavours_in(part)}:
            yield Fact("database", flavour, "rust/default-feature", "medium", evidence)


def _flavours_in(feature: str) -> list[str]:
    has_all = feature == "sqlx-all"
    return [flavour for word, flavour in _FLAVOURS if word in feature or has_all]


def _caches(
    crates: Sequence[Crate], clients: Sequence[Fact], configured: Sequence[Fact]
) -> Iterator[Fact]:
    drivers = list(_cache_drivers(crates))
    left_out = sum(one.value == "none" for one in drivers)
    yield from drivers
    # Where each of them is left out, what calls one is not built either.
    is_built = not drivers or left_out < len(drivers) - left_out
    yield from clients if is_built else (replace(one, confidence="low") for one in clients)
    if drivers:
        yield from (fact for fact in configured if fact.field == "cache")


def _cache_drivers(crates: Sequence[Crate]) -> Iterator[Fact]:
    asked = {name for crate in crates for one in crate.dependencies for name in one.features}
    for crate in crates:
        for one in crate.dependencies:
            needs = one.name in _NEED_REDIS or _keeps_sessions(one)
            flavour = "redis" if needs else _CACHES.get(one.name)
            if flavour is None:
                continue
            rule = "rust/needs-redis" if needs else "rust/cache-driver"
            confidence: Confidence = "low" if one.is_optional else "medium"
            yield Fact("cache", flavour, rule, confidence, one.evidence)
            if one.is_optional and one.name not in crate.built(asked):
                yield Fact("cache", "none", "absent/optional-cache", "medium", one.evidence)


def _keeps_sessions(one: Dependency) -> bool:
    return one.name == "actix-session" and any("redis" in name for name in one.features)
