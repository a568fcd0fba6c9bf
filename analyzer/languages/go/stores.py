"""Which database and cache a Go service talks to: drivers, what it opens, what it defaults to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from analyzer.facts import Fact
from analyzer.languages.dependencies import Dependencies
from analyzer.languages.drivers import driven
from analyzer.languages.go.project import GoModule, flavours_of
from analyzer.patterns import Pattern
from delightful.recommendation import Evidence

_DATABASES: Final = {
    "github.com/jackc/pgx": "postgres",
    "github.com/lib/pq": "postgres",
    "github.com/go-pg/pg": "postgres",
    "github.com/uptrace/bun/driver/pgdriver": "postgres",
    "github.com/cockroachdb/cockroach-go": "postgres",
    "github.com/upper/db/v4/adapter/postgresql": "postgres",
    "gorm.io/driver/postgres": "postgres",
    "github.com/jinzhu/gorm/dialects/postgres": "postgres",
    "github.com/go-sql-driver/mysql": "mysql",
    "github.com/golang-migrate/migrate/v4/database/mysql": "mysql",
    "github.com/golang-migrate/migrate/v4/database/pgx": "postgres",
    "github.com/golang-migrate/migrate/v4/database/postgres": "postgres",
    "github.com/ziutek/mymysql": "mysql",
    "gorm.io/driver/mysql": "mysql",
    "github.com/jinzhu/gorm/dialects/mysql": "mysql",
    "github.com/upper/db/v4/adapter/mysql": "mysql",
    "github.com/mattn/go-sqlite3": "sqlite",
    "github.com/ncruces/go-sqlite3": "sqlite",
    "github.com/glebarez/sqlite": "sqlite",
    "github.com/glebarez/go-sqlite": "sqlite",
    "modernc.org/sqlite": "sqlite",
    "zombiezen.com/go/sqlite": "sqlite",
    "crawshaw.io/sqlite": "sqlite",
    "gorm.io/driver/sqlite": "sqlite",
    "github.com/jinzhu/gorm/dialects/sqlite": "sqlite",
    "github.com/uptrace/bun/driver/sqliteshim": "sqlite",
    "github.com/pocketbase/pocketbase": "sqlite",
    "go.mongodb.org/mongo-driver": "mongodb",
    "gopkg.in/mgo.v2": "mongodb",
    "github.com/globalsign/mgo": "mongodb",
    "github.com/kamva/mgm": "mongodb",
    "github.com/zeromicro/go-zero/core/stores/mon": "mongodb",
    "github.com/zeromicro/go-zero/core/stores/postgres": "postgres",
    "github.com/qiniu/qmgo": "mongodb",
    "github.com/microsoft/go-mssqldb": "sqlserver",
    "github.com/denisenkom/go-mssqldb": "sqlserver",
    "gorm.io/driver/sqlserver": "sqlserver",
    "github.com/aws/aws-sdk-go-v2/service/dynamodb": "dynamodb",
    "github.com/aws/aws-sdk-go/service/dynamodb": "dynamodb",
    "github.com/guregu/dynamo": "dynamodb",
    "github.com/gocql/gocql": "cassandra",
}
_CACHES: Final = {
    "github.com/redis/go-redis": "redis",
    "github.com/go-redis/redis": "redis",
    "gopkg.in/redis": "redis",
    "github.com/redis/rueidis": "redis",
    "github.com/valkey-io/valkey-go": "redis",
    "github.com/gomodule/redigo": "redis",
    "github.com/garyburd/redigo": "redis",
    "github.com/mediocregopher/radix": "redis",
    "github.com/hibiken/asynq": "redis",
    "github.com/gocraft/work": "redis",
    "github.com/gofiber/storage/redis": "redis",
    "github.com/gin-contrib/sessions/redis": "redis",
    "github.com/boj/redistore": "redis",
    "github.com/rbcervilla/redisstore": "redis",
    "github.com/adjust/rmq": "redis",
    "github.com/ulule/limiter/v3/drivers/store/redis": "redis",
    "github.com/bradfitz/gomemcache": "memcached",
    "github.com/memcachier/mc": "memcached",
    "github.com/rainycape/memcache": "memcached",
    "github.com/zeromicro/go-zero/core/stores/cache": "redis",
    "github.com/zeromicro/go-zero/core/stores/redis": "redis",
    "github.com/gofiber/storage/memcache": "memcached",
}
# Who writes a driver for it in Go calls it so.
_OF_SQLITE: Final = Pattern(r"^[\w-]+\.\w+/[\w-]+/(?:go-)?sqlite3?(?:/v\d+)?$")
# What a house calls its own client.
_OF_REDIS: Final = Pattern(r"^[\w-]+\.\w+/[\w-]+/(?:[\w-]+-)?redis(?:/v\d+)?$")
# Or a part of another module of theirs.
_PART_OF_REDIS: Final = Pattern(r"^([\w-]+\.\w+/[\w-]+/[\w-]+)/redis$")
# What a module calls the part of it that keeps things.
_STORING: Final = Pattern(r"/(?:database|db|postgres\w*|mysql\w*|sqlstore|storage|store)$")
_STORING_REDIS: Final = Pattern(r"/(?:caches?|databases?|db|storage|stores?)/redis$")
# What keeps in memory what a cache would.
_IN_MEMORY: Final = Pattern(r"/(?:in-?)?mem(?:ory)?[-_]?(?:store|cache)$")
# Where the program has Redis made by another part of its module.
MADE: Final = "redis-made"
# A database whose driver a framework brings along: go-zero's for MySQL.
BROUGHT: Final = "database-brought"
Found = Mapping[str, Sequence[Fact]]
# Folders of what is there to choose from, each a file or a folder of its own.
_OF_CHOICES: Final = Pattern(
    r"(.*\b(?:checks|collectors|connectors|exporters|functions|inputs|integrations|notifiers"
    r"|outputs|plugins|receivers|scalers|scanners|sinks))/([^/]+)"
)
_MANY_CHOICES: Final = 10


def store_facts(
    imports: Dependencies, module: GoModule | None, found: Found, configured: Sequence[Fact]
) -> Iterator[Fact]:
    """Yield database and cache, as drivers, source and settings show them."""
    required = _required_above(module)
    imported = dict(flavours_of(imports, _DATABASES))
    for path in filter(_OF_SQLITE.match, imports):
        imported.setdefault("sqlite", imports[path])
    for fact in found.get(BROUGHT, ()):
        if fact.evidence:
            imported.setdefault(str(fact.value), fact.evidence)
    databases = imported or dict(flavours_of(required, _DATABASES))
    opened = {fact.value for fact in found.get("database", ()) if fact.rule == "go/sql-open"}
    named = [*found.get("database", ()), *_set(configured, is_choice=len(opened) > 1)]
    spoken = list(_spoken(named, databases))
    reached = bool(required) and any(map(_STORING.search, imports))
    yield from chain(
        # What a module above requires, other programs of it may use.
        driven(databases, "go/driver", are_used=bool(imported) or reached, opened=opened)
        if imported or spoken or reached
        else (),
        spoken,
        _caches(imports, module, found, configured),
    )


def without_choices(found: Found, sources: Sequence[str]) -> Found:
    """Leave out what is said of stores where one is an output, a function … of many."""
    beside: dict[str, set[str]] = {}
    for path in sources:
        choice = _OF_CHOICES.match(path)
        if choice:
            beside.setdefault(choice[1], set()).add(choice[2])
    many = tuple(f"{folder}/" for folder, names in beside.items() if len(names) >= _MANY_CHOICES)
    if not many:
        return found
    return {
        field: [one for one in facts if not one.evidence or not one.evidence.file.startswith(many)]
        for field, facts in found.items()
    }


def _set(configured: Sequence[Fact], *, is_choice: bool) -> Iterator[Fact]:
    """Yield the databases that settings name; of several that can be opened they pick one."""
    databases = [fact for fact in configured if fact.field == "database"]
    is_picked = is_choice and len({fact.value for fact in databases}) == 1
    for fact in databases:
        yield replace(fact, confidence="high") if is_picked else fact


def _spoken(facts: Sequence[Fact], databases: Dependencies) -> Iterator[Fact]:
    # A name of a database says nothing where no driver for it is at hand.
    yield from (fact for fact in facts if fact.value in databases)


def _required_above(module: GoModule | None) -> Dependencies:
    return module.requirements if module and module.path.startswith("../") else {}


def _caches(
    imports: Dependencies, module: GoModule | None, found: Found, configured: Sequence[Fact]
) -> Iterator[Fact]:
    required = _required_above(module)
    asked_for = module.requirements if module else {}
    drivers = dict(flavours_of(imports or required, _CACHES))
    through = "redis" in dict(flavours_of(required, _CACHES))
    for path, evidence in imports.items():
        part = _PART_OF_REDIS.search(path)
        is_of_others = part is not None and part[1] in asked_for
        if _OF_REDIS.search(path) or is_of_others or (through and _STORING_REDIS.search(path)):
            drivers.setdefault("redis", evidence)
    made = next((fact.evidence for fact in found.get(MADE, ()) if fact.evidence), None)
    if through and made:
        # A part of the module above has the client, and gives it to who asks.
        drivers.setdefault("redis", made)
    optional = next(iter(found.get("optional-cache", ())), None)
    if optional and optional.evidence and found.get("cache-address"):
        # Where it has an address by default, an empty one is an error and not a choice.
        is_choice = "nabled" in optional.evidence.quote or '"' in optional.evidence.quote[:8]
        optional = optional if is_choice else None
    for flavour, evidence in drivers.items():
        choice = optional or _choice_beside(imports, evidence)
        if choice:
            yield replace(choice, field="cache")
        # Who speaks to Redis too has Memcached for another choice.
        is_spare = choice or (flavour == "memcached" and "redis" in drivers)
        yield Fact("cache", flavour, "go/cache-driver", "low" if is_spare else "medium", evidence)
    if drivers:
        yield from (fact for fact in configured if fact.field == "cache")


def _choice_beside(imports: Dependencies, client: Evidence) -> Fact | None:
    """Return what a file imports beside a client that keeps the same in memory."""
    for path, evidence in imports.items():
        if evidence.file == client.file and evidence != client and _IN_MEMORY.search(path):
            return Fact("cache", "none", "go/optional-cache", "medium", evidence)
    return None
