"""Databases and caches: what settings point at, and what drivers hint at."""

import re
from collections.abc import Iterator, Sequence

from analyzer.facts import Fact, quoted
from analyzer.languages.jvm.build import artifact_in
from analyzer.languages.jvm.project import Project
from analyzer.languages.jvm.settings import Setting, are_settings_elsewhere
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

# What stands after `jdbc:` or `r2dbc:`, or what a setting calls the kind of its database.
FLAVOURS = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "pgsql": "postgres",
    "pg": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlserver": "sqlserver",
    "mssql": "sqlserver",
    "jtds": "sqlserver",
    "sqlite": "sqlite",
    "h2": "h2",
    "hsqldb": "h2",
    "mongodb": "mongodb",
    "mongodb+srv": "mongodb",
    "cassandra": "cassandra",
    "oracle": "oracle",
}
_DRIVERS = {
    "postgresql": "postgres",
    "r2dbc-postgresql": "postgres",
    "quarkus-jdbc-postgresql": "postgres",
    "quarkus-reactive-pg-client": "postgres",
    "vertx-pg-client": "postgres",
    "pgjdbc-ng": "postgres",
    "jdbi3-postgres": "postgres",
    "ktorm-support-postgresql": "postgres",
    # FOLIO's modules are made of it.
    "domain-models-runtime": "postgres",
    "jdbc-postgresql": "postgres",
    "postgres": "postgres",
    "mysql-connector-java": "mysql",
    "mysql-connector-j": "mysql",
    "ktorm-support-mysql": "mysql",
    "r2dbc-mysql": "mysql",
    "r2dbc-mariadb": "mysql",
    "mariadb-java-client": "mysql",
    "quarkus-jdbc-mysql": "mysql",
    "quarkus-jdbc-mariadb": "mysql",
    "quarkus-reactive-mysql-client": "mysql",
    "vertx-mysql-client": "mysql",
    "mysql": "mysql",
    "mssql-jdbc": "sqlserver",
    "r2dbc-mssql": "sqlserver",
    "quarkus-jdbc-mssql": "sqlserver",
    "jtds": "sqlserver",
    "spring-boot-starter-data-mongodb": "mongodb",
    "spring-boot-starter-data-mongodb-reactive": "mongodb",
    "spring-data-mongodb": "mongodb",
    "quarkus-mongodb-client": "mongodb",
    "quarkus-mongodb-panache": "mongodb",
    "quarkus-mongodb-panache-kotlin": "mongodb",
    "jongo": "mongodb",
    "micronaut-data-mongodb": "mongodb",
    "micronaut-mongo-reactive": "mongodb",
    "micronaut-mongo-sync": "mongodb",
    "mongodb-driver-sync": "mongodb",
    "mongodb-driver-reactivestreams": "mongodb",
    "mongodb-driver-kotlin-coroutine": "mongodb",
    "mongo-java-driver": "mongodb",
    "vertx-mongo-client": "mongodb",
    "kmongo": "mongodb",
    "kmongo-coroutine": "mongodb",
    "morphia-core": "mongodb",
    "spring-boot-starter-data-cassandra": "cassandra",
    "java-driver-core": "cassandra",
    "ojdbc8": "oracle",
    "ojdbc10": "oracle",
    "ojdbc11": "oracle",
    "ojdbc17": "oracle",
    "aws-dynamodb-encryption-java": "dynamodb",
    "aws-java-sdk-dynamodb": "dynamodb",
    "dynamodb": "dynamodb",
    "dynamodb-enhanced": "dynamodb",
    "quarkus-amazon-dynamodb": "dynamodb",
}
_EMBEDDED_DRIVERS = {
    "h2": "h2",
    "r2dbc-h2": "h2",
    "quarkus-jdbc-h2": "h2",
    "hsqldb": "h2",
    "derby": "h2",
    "sqlite-jdbc": "sqlite",
}
# A framework's own adapter may have any name around it.
_MONGO = Pattern(r"(?:^|[_-])(?<!embed\.)mongo(?:db)?(?:[_-]|$)")
# Of these a service has one because its framework connects by itself.
_CONNECTING_CACHES = {
    "spring-boot-starter-data-redis": "redis",
    "spring-boot-starter-data-redis-reactive": "redis",
    "spring-boot-starter-session-data-redis": "redis",
    "spring-session-data-redis": "redis",
    "quarkus-redis-client": "redis",
    "quarkus-redis-cache": "redis",
    "micronaut-redis-lettuce": "redis",
    "redisson-spring-boot-starter": "redis",
}
_CACHE_KEYS = Pattern(
    r"spring\.(?:data\.)?redis\.(?:host|url|cluster\.nodes|sentinel\.nodes)"
    r"|quarkus\.redis\.hosts|redis\.uri|(?:[\w.]{1,60}\.)?redis\.(?:host|hosts|url|uri|address)"
    r"|redisson\.[\w.]{1,60}address"
)
_ADDRESS_KEYS = ("datasource.url", "datasource.jdbcurl", "datasource.jdbc.url")
_CACHE_TYPES = frozenset({"spring.cache.type", "spring.session.storetype"})
_URL = Pattern(
    r"\b(r2dbc:(?:pool:|proxy:)?|jdbc:(?:tc:|p6spy:|otel:|jtds:)?|)(\w+(?:\+srv)?):(?://|[\w~./$@{:])"
)
_BARE_SCHEMES = frozenset({"mongodb", "mongodb+srv", "postgresql", "postgres"})
_KIND_KEYS = Pattern(
    r"quarkus\.datasource\.(?:[\w]{1,40}\.)?dbkind|spring\.jpa\.database|spring\.sql\.init\.platform"
    r"|spring\.datasource\.platform|database|(?:[\w.]{1,60}\.)?(?:database|db|datasource|storage)\."
    r"(?:type|kind|provider|vendor|platform)|datasources\.[\w]{1,40}\.(?:dialect|dbtype)"
)
_NO_SOURCE = Pattern(
    r"\bexclude\b[^\n]{0,4}[=:](?:(?!\n\w)[\s\S]){0,600}?\b(DataSourceAutoConfiguration)\b"
)
_DIALECT = Pattern(
    r"(PostgreSQL|Postgres|MySQL|MariaDB|SQLServer|SQLite|H2|HSQL)\w{0,20}Dialect\b|Dialect\.(\w+)",
    re.I,
)
_DRIVER_CLASS = Pattern(
    r"\b(?:org\.(postgresql|mariadb|h2|sqlite|hsqldb)|com\.(mysql)|com\.microsoft\.(sqlserver))\."
)


def database_facts(
    tree: SourceTree, project: Project, settings: Sequence[Setting]
) -> Iterator[Fact]:
    """Yield the databases that settings point at, and those whose drivers are there."""
    for setting in settings:
        yield from _pointed_at(setting)
    is_elsewhere = are_settings_elsewhere(tree, project, settings)
    yield from _driver_facts(project, settings, is_elsewhere=is_elsewhere)
    yield from _open_facts(project, settings)


def no_database_facts(
    tree: SourceTree, project: Project, settings: Sequence[Setting]
) -> Iterator[Fact]:
    """Yield that there is none where settings switch off what would connect, and no driver is.

    One that a module of other services brings as well is no reason to connect.
    """
    drivers = _found(project, _DRIVERS | _EMBEDDED_DRIVERS)
    own = [evidence for _, evidence in drivers if not evidence.file.startswith("../")]
    if own or any("datasource." in setting.key for setting in settings):
        return
    for path in dict.fromkeys(setting.path for setting in settings if setting.is_default):
        text = tree.text(path) or ""
        match = _NO_SOURCE.search(text)
        if match:
            evidence = quoted(path, text, match.start(1), match.end(1))
            yield Fact("database", "none", "jvm/no-data-source", "high", evidence)
            return


def cache_facts(project: Project, settings: Sequence[Setting]) -> Iterator[Fact]:
    """Yield the caches that settings point at, and those that the framework connects to."""
    if any(_is_left_out(one, "Redis") or _is_kept_elsewhere(one) for one in settings):
        return
    for setting in settings:
        if _CACHE_KEYS.fullmatch(setting.key) and setting.is_default:
            yield Fact("cache", "redis", "jvm/cache-setting", "medium", setting.evidence)
        if setting.key in _CACHE_TYPES and setting.value.lower() == "redis":
            yield Fact("cache", "redis", "jvm/cache-type", "high", setting.whole_evidence)
    sessions_elsewhere = any(
        setting.key == "spring.session.storetype" and setting.value.lower() != "redis"
        for setting in settings
    )
    for artifact, cache in _CONNECTING_CACHES.items():
        evidence = artifact_in(project.dependencies, artifact)
        if evidence and not (sessions_elsewhere and "session" in artifact):
            yield Fact("cache", cache, "jvm/cache-extension", "medium", evidence)


def _is_kept_elsewhere(setting: Setting) -> bool:
    """Say whether Spring keeps its caches in what the program brings; Redis is a choice then."""
    is_type = setting.key == "spring.cache.type" and setting.is_default
    return is_type and setting.value.lower() in ("caffeine", "ehcache", "none", "simple")


def flavour_of_url(text: str) -> tuple[str, str] | None:
    """Return the flavour that a database's address names, and the part that says so."""
    for match in _URL.finditer(text):
        flavour = FLAVOURS.get(match[2].lower())
        if flavour and (match[1] or match[2] in _BARE_SCHEMES):
            return flavour, f"{match[1]}{match[2]}:"
    return None


def _pointed_at(setting: Setting) -> Iterator[Fact]:
    found = flavour_of_url(setting.value)
    if found:
        flavour, part = found
        quote = part if part in setting.text else setting.written
        evidence = Evidence(file=setting.path, line=setting.line, quote=quote)
        yield _of_profile(setting, flavour, evidence)
    elif _KIND_KEYS.fullmatch(setting.key) and setting.value.lower() in FLAVOURS:
        flavour = FLAVOURS[setting.value.lower()]
        if setting.is_default:
            yield Fact("database", flavour, "jvm/database-kind", "high", setting.whole_evidence)
    elif setting.is_default:
        yield from _named(setting)


def _of_profile(setting: Setting, flavour: str, evidence: Evidence) -> Fact:
    if setting.is_default:
        return Fact("database", flavour, "jvm/database-address", "high", evidence)
    return Fact("database", flavour, "jvm/database-of-profile", "low", evidence)


def _named(setting: Setting) -> Iterator[Fact]:
    """A dialect or a driver's class names its database too."""
    key = setting.key.rpartition(".")[2]
    match = None
    if "dialect" in key or key == "databaseplatform":
        match = _DIALECT.search(setting.value)
    elif "driver" in key:
        match = _DRIVER_CLASS.search(setting.value)
    name = next((group for group in match.groups() if group), "") if match else ""
    flavour = FLAVOURS.get(name.lower().replace("hsql", "h2"))
    if flavour:
        yield Fact("database", flavour, "jvm/database-dialect", "medium", setting.whole_evidence)


def _driver_facts(
    project: Project, settings: Sequence[Setting], *, is_elsewhere: bool
) -> Iterator[Fact]:
    is_without = any(_is_left_out(one, "Mongo") for one in settings if one.is_default)
    found = [one for one in _found(project, _DRIVERS) if not is_without or one[0] != "mongodb"]
    embedded = _found(project, _EMBEDDED_DRIVERS)
    confidence: Confidence = "medium" if len({flavour for flavour, _ in found}) == 1 else "low"
    is_pointed = any(flavour_of_url(setting.value) for setting in settings if setting.is_default)
    # A server's driver is there for the settings that are not to be seen.
    is_for_others = is_elsewhere and bool(found)
    if embedded and not is_pointed:
        # With nothing set, Spring and its like start the embedded database that they find.
        is_started = any(flavour != "sqlite" for flavour, _ in embedded) and not is_for_others
        confidence = "low" if is_started else confidence
        for flavour, evidence in embedded:
            is_set = is_for_others or _is_set_from_outside(settings)
            is_hint = is_set or (flavour == "sqlite" and found)
            sure: Confidence = "low" if is_hint else "medium"
            yield Fact("database", flavour, "jvm/embedded-database", sure, evidence)
    for flavour, evidence in found:
        yield Fact("database", flavour, "jvm/driver", confidence, evidence)
    if not (found or embedded or is_without):
        for name, evidence in project.dependencies.items():
            if _MONGO.search(name.partition(":")[2]):
                yield Fact("database", "mongodb", "jvm/driver", "low", evidence)


def _open_facts(project: Project, settings: Sequence[Setting]) -> Iterator[Fact]:
    """An address from outside and no driver in sight: there is a database, and it stays open which.

    Hints that speak for two are answered with "unknown", which is not "none".
    """
    if _found(project, _DRIVERS | _EMBEDDED_DRIVERS):
        return
    for setting in settings:
        if setting.key.endswith(_ADDRESS_KEYS) and setting.value.startswith("${"):
            for flavour in ("postgres", "mysql"):
                yield Fact("database", flavour, "jvm/some-database", "low", setting.evidence)
            return


def _found(project: Project, drivers: dict[str, str]) -> list[tuple[str, Evidence]]:
    return [
        (drivers[artifact], evidence)
        for name, evidence in project.dependencies.items()
        if (artifact := name.partition(":")[2]) in drivers and "testcontainers" not in name
    ]


def _is_set_from_outside(settings: Sequence[Setting]) -> bool:
    keys = ("spring.datasource.url", "spring.r2dbc.url", "datasources.default.url")
    return any(setting.key in keys and "${" in setting.value for setting in settings)


def _is_left_out(setting: Setting, store: str) -> bool:
    """Settings can switch off what a dependency would connect to."""
    return "exclude" in setting.key and store in setting.value
