"""C# sources: what they listen on and answer, stores and variables that they name, what works."""

import re

from pydantic import JsonValue

from analyzer.languages.dotnet.health import HEALTH_RULES
from analyzer.languages.dotnet.ports import PORT_RULES
from analyzer.languages.dotnet.settings import FLAVOURS
from analyzer.patterns import Pattern
from analyzer.source_rules import SourceRule, constant, text_of, uncommented


def _store(rule: str, field: str, value: str, word: str, names: str) -> SourceRule:
    pattern = Pattern(rf"\.(?:{names})(?:<[\w<>, ]{{1,80}}>)?\(")
    return SourceRule(rule, field, word, pattern, "high", uncommented(value), 200)


def _connection(match: re.Match[str]) -> JsonValue:
    return f"ConnectionStrings__{match[1]}"


def _key(match: re.Match[str]) -> JsonValue:
    return str(match[1]).replace(":", "__")


# A key with its section.
_REQUIRED = r"\"([A-Za-z]\w{0,60}(?::\w{1,60}){1,4})\""


def _required_cache(match: re.Match[str]) -> JsonValue:
    return "redis" if match[1].rpartition(":")[2].lower().startswith("redis") else None


# What works by itself, and what others call: they tell a worker that only lets itself be watched.
WORKS = "dotnet:works"
ENTRY = "dotnet:entry"
# What the project itself adds to the words that set it up.
OWN = "dotnet:own"
_GIVEN_PATH = Pattern(r"\(\s{0,40}(?:pattern:[ \t]*)?\"([^\"\n]{0,100})\"")


def _entry(match: re.Match[str]) -> JsonValue:
    """Read the path that an entry is mapped at; a star where it says none."""
    path = _GIVEN_PATH.match(match.string, match.end())
    return "/" + path[1].strip("/") if path else "*"


STORE_RULES = frozenset(
    {"dotnet/postgres", "dotnet/sqlserver", "dotnet/mysql", "dotnet/sqlite", "dotnet/mongodb"}
)
SOURCE_RULES = (
    *HEALTH_RULES,
    *PORT_RULES,
    _store("dotnet/postgres", "database", "postgres", "Npgsql",
           "UseNpgsql|AddNpgsql|AddNpgsqlDbContext|AddNpgsqlDataSource|AddPostgres|UsePostgreSql"),
    _store("dotnet/sqlserver", "database", "sqlserver", "SqlServer",
           "UseSqlServer|AddSqlServer|AddSqlServerDbContext|AddSqlServerClient"),
    _store("dotnet/mysql", "database", "mysql", "UseMy", "UseMySql|UseMySQL"),
    _store("dotnet/sqlite", "database", "sqlite", "UseSqlite", "UseSqlite"),
    _store("dotnet/in-memory", "database", "none", "UseInMemoryDatabase", "UseInMemoryDatabase"),
    SourceRule(
        "dotnet/mongodb",
        "database",
        "MongoClient(",
        Pattern(r"\bnew MongoClient\("),
        "medium",
        uncommented("mongodb"),
    ),
    SourceRule(
        "dotnet/redis",
        "cache",
        "edis",
        Pattern(
            r"\.(?:AddStackExchangeRedisCache|AddRedis(?!Instrumentation)\w{0,24}|"
            r"AddStackExchangeRedis)\(|\bConnectionMultiplexer\.Connect(?:Async)?\("
            r"|\bnew (?:CSRedis|Redis)Client\("
        ),
        "medium",
        uncommented("redis"),
    ),
    SourceRule(
        "dotnet/memcached",
        "cache",
        "AddEnyimMemcached",
        Pattern(r"\.AddEnyimMemcached\("),
        "medium",
        uncommented("memcached"),
    ),
    SourceRule(
        "dotnet/default-database",
        "database",
        "rovider",
        Pattern(
            r"rovider\"?[ \t]*(?:,|=(?!=)|\?\?=?)[ \t]*(?:[^\n;\"]{0,80}\?\?[ \t]*)?"
            r"(?:\w{1,40}\.)?\"?"
            r"(sqlite|postgres|postgresql|npgsql|mysql|mariadb|sqlserver|mssql|mongodb)\b",
            re.IGNORECASE,
        ),
        "medium",
        lambda match: FLAVOURS[match[1].lower()],
        200,
    ),
    SourceRule(
        "dotnet/environment",
        "environment_variables",
        "GetEnvironmentVariable(",
        Pattern(r"\bGetEnvironmentVariable\([ \t]*\"([A-Za-z][A-Za-z0-9_]{1,60})\""),
        "high",
        text_of,
    ),
    *(
        SourceRule("dotnet/environment", "environment_variables", word, Pattern(pattern), "high",
                   text_of, 120)
        for word, pattern in (
            ("Env.Get", r"\bEnv\.Get\w{2,10}\([ \t]*\"([A-Z][A-Z0-9_]{2,60})\""),
            ('Env("', r"\b\w{1,20}Env\(\"([A-Z][A-Z0-9_]{2,60})\""),
        )
    ),
    SourceRule(
        "dotnet/connection-name",
        "environment_variables",
        "GetConnectionString(",
        Pattern(r"\bGetConnectionString\([ \t]*\"([\w.-]{1,60})\""),
        "high",
        _connection,
    ),
    SourceRule(
        "dotnet/aspire-connection",
        "environment_variables",
        "builder.Add",
        Pattern(
            r"\bbuilder\.Add(?:Npgsql|SqlServer|MySql|MongoDB|Redis|RabbitMQ|Kafka|Azure)\w{0,40}"
            r"(?:<[\w<>, ]{1,80}>)?\([ \t]*(?:connectionName:[ \t]*)?\"([\w.-]{1,60})\""
        ),
        "high",
        _connection,
    ),
    SourceRule(
        "dotnet/configuration-key",
        "environment_variables",
        'onfiguration["',
        Pattern(r"onfiguration\[\"([A-Za-z][\w:-]{1,80})\"\]"),
        "medium",
        _key,
    ),
    SourceRule(
        "dotnet/configuration-value",
        "environment_variables",
        "onfiguration.GetValue",
        Pattern(r"onfiguration\.GetValue(?:<\w{1,20}\??>)?\([ \t]*\"([A-Za-z][\w:-]{1,80})\""),
        "medium",
        _key,
    ),
    *(
        SourceRule("dotnet/required-key", field, word, Pattern(pattern), "medium", read, 160)
        for word, pattern in (
            ("Require(", rf"\bRequire\([^\"\n)]{{0,60}}{_REQUIRED}"),
            ("GetRequired", rf"\bGetRequired\w{{0,30}}(?:<[\w<>?]{{1,60}}>)?\([ \t]*{_REQUIRED}"),
        )
        for field, read in (("environment_variables", _key), ("cache", _required_cache))
    ),
    *(
        SourceRule(
            "dotnet/background-service", WORKS, word, Pattern(pattern), "high", constant(True)
        )
        for word, pattern in (
            ("BackgroundService", r":[ \t]*BackgroundService\b"),
            ("IHostedService", r":[ \t]*IHostedService\b"),
            ("IConsumer<", r":[ \t]*IConsumer<"),
            (
                "Trigger",
                r"\[(?:ServiceBus|Timer|Queue|EventHub|EventGrid|Blob|CosmosDB|RabbitMQ|Kafka)"
                r"Trigger\b",
            ),
        )
    ),
    SourceRule(
        "dotnet/own-extension",
        OWN,
        "(this ",
        Pattern(r"\b((?:Add|Use)\w{1,60})(?:<[\w, ]{1,80}>)?\(this "),
        "medium",
        text_of,
        200,
    ),
    SourceRule(
        "dotnet/entry",
        ENTRY,
        ".Map",
        Pattern(r"\.Map(?:\w*HealthCheck\w*|Metrics)\("),
        "medium",
        constant("/health"),
        200,
    ),
    *(
        SourceRule("dotnet/entry", ENTRY, word, Pattern(pattern), "medium", _entry, 200)
        for word, pattern in (
            (
                ".Map",
                r"\.Map(?!\w*HealthCheck|Metrics|Hangfire|When)[A-Z]\w*(?:<[^>\n]{1,80}>)?(?=\()",
            ),
            ("[Api", r"\[ApiController\]"),
            ("[HttpTrigger", r"\[HttpTrigger\b"),
            ("Controller", r":[ \t]*Controller(?:Base)?\b"),
            ("Endpoint", r":[ \t]*Endpoint(?:WithoutRequest)?(?:<|\b)|\bICarterModule\b"),
            ("UseOcelot", r"\.UseOcelot\("),
            ("UseMvc", r"\.UseMvc\w*\("),
            ("UseStaticFiles", r"\.UseStaticFiles\("),
        )
    ),
)  # fmt: skip
