"""C# sources: routes, ports, stores and variables that the code itself names."""

import re

from pydantic import JsonValue

from analyzer.languages.dotnet_settings import FLAVOURS
from analyzer.source_rules import SourceRule, constant, port_of, text_of

_HEALTH = r"(?:_?health(?:z|-?check|_check|y)?|readyz?|readiness|livez?|liveness|alive|hc)"
_ACTION = re.compile(r"\[HttpGet\([ \t]*\"(~?/?[\w/.\[\]-]{0,80})\"")
_CLASS = re.compile(r"\[Route\([ \t]*\"(~?/?[\w/.\[\]-]{0,80})\"")
_CLASS_ROUTE = re.compile(r"\[Route\([ \t]*\"([\w/.\[\]-]{1,80})\"[^\n]{0,60}\)\]")
_IS_HEALTH = re.compile(rf"(?:[\w/.-]{{0,80}}/)?{_HEALTH}", re.IGNORECASE)


def _route(match: re.Match[str]) -> JsonValue:
    """Read an attribute's route; `~` makes it whole, else it lies under that of its class."""
    route = match[1]
    path = route.lstrip("~").strip("/")
    if "[" in path or not _IS_HEALTH.fullmatch(path):
        return None
    if route.startswith(("~", "/")) or match[0].startswith("[Route"):
        return f"/{path}"
    above = list(_CLASS_ROUTE.finditer(match.string, 0, match.start()))
    prefix = above[-1][1].strip("/") if above else ""
    return None if "[" in prefix else f"/{prefix}/{path}".replace("//", "/")


def _store(rule: str, field: str, value: str, word: str, names: str) -> SourceRule:
    pattern = re.compile(rf"\.(?:{names})(?:<[\w<>, ]{{1,80}}>)?\(")
    return SourceRule(rule, field, word, pattern, "high", constant(value))


def _connection(match: re.Match[str]) -> JsonValue:
    return f"ConnectionStrings__{match[1]}"


def _key(match: re.Match[str]) -> JsonValue:
    return str(match[1]).replace(":", "__")


STORE_RULES = frozenset(
    {"dotnet/postgres", "dotnet/sqlserver", "dotnet/mysql", "dotnet/sqlite", "dotnet/mongodb"}
)
SOURCE_RULES = (
    SourceRule(
        "dotnet/health-checks",
        "health_path",
        "HealthChecks(",
        re.compile(
            r"\.(?:Map|Use)HealthChecks\([ \t\r\n]*(?:pattern:[ \t]*|path:[ \t]*)?"
            r"\"(/[\w/.-]{1,80})\""
        ),
        "high",
        text_of,
    ),
    SourceRule(
        "dotnet/health-endpoint",
        "health_path",
        "MapGet(",
        re.compile(rf"\.MapGet\([ \t\r\n]*\"(/?(?:[\w-]{{1,30}}/){{0,3}}{_HEALTH})\""),
        "medium",
        lambda match: f"/{match[1].strip('/')}",
    ),
    SourceRule("dotnet/health-route", "health_path", "[HttpGet(", _ACTION, "medium", _route),
    SourceRule("dotnet/health-class", "health_path", "[Route(", _CLASS, "medium", _route),
    SourceRule(
        "dotnet/listen",
        "port",
        "isten",
        re.compile(r"\.(?:ListenAnyIP|Listen\(IPAddress\.Any,|ListenLocalhost)[ (]+(\d{2,5})\b"),
        "medium",
        port_of,
    ),
    SourceRule(
        "dotnet/urls",
        "port",
        "http://",
        re.compile(
            r"(?:UseUrls|\bapp\.Run|\.RunAsync|Urls\.Add)\([ \t]*\$?\"http://[^:\"\n/]{1,60}:(\d{2,5})\b"
        ),
        "high",
        port_of,
    ),
    SourceRule(
        "dotnet/port-variable",
        "port",
        "PORT",
        re.compile(r"\"PORT\"\)[ \t]*\?\?[ \t]*\"?(\d{2,5})\b"),
        "high",
        port_of,
    ),
    SourceRule(
        "dotnet/port-constant",
        "port",
        "ort = ",
        re.compile(r"\bconst int (?:Default)?(?:Http)?Port = (\d{4,5})\b"),
        "medium",
        port_of,
    ),
    _store("dotnet/postgres", "database", "postgres", "Npgsql",
           "UseNpgsql|AddNpgsql|AddNpgsqlDbContext|AddNpgsqlDataSource|AddPostgres|UsePostgreSql"),
    _store("dotnet/sqlserver", "database", "sqlserver", "SqlServer",
           "UseSqlServer|AddSqlServer|AddSqlServerDbContext|AddSqlServerClient"),
    _store("dotnet/mysql", "database", "mysql", "UseMy", "UseMySql|UseMySQL"),
    _store("dotnet/sqlite", "database", "sqlite", "UseSqlite", "UseSqlite"),
    SourceRule(
        "dotnet/mongodb",
        "database",
        "MongoClient(",
        re.compile(r"\bnew MongoClient\("),
        "medium",
        constant("mongodb"),
    ),
    SourceRule(
        "dotnet/redis",
        "cache",
        "edis",
        re.compile(
            r"\.(?:AddStackExchangeRedisCache|AddRedisClient|AddRedisDistributedCache|"
            r"AddStackExchangeRedis|AddRedisOutputCache)\(|\bConnectionMultiplexer\.Connect(?:Async)?\("
        ),
        "medium",
        constant("redis"),
    ),
    SourceRule(
        "dotnet/memcached",
        "cache",
        "AddEnyimMemcached",
        re.compile(r"\.AddEnyimMemcached\("),
        "medium",
        constant("memcached"),
    ),
    SourceRule(
        "dotnet/environment",
        "environment_variables",
        "GetEnvironmentVariable(",
        re.compile(r"\bGetEnvironmentVariable\([ \t]*\"([A-Za-z][A-Za-z0-9_]{1,60})\""),
        "high",
        text_of,
    ),
    SourceRule(
        "dotnet/connection-name",
        "environment_variables",
        "GetConnectionString(",
        re.compile(r"\bGetConnectionString\([ \t]*\"([\w.-]{1,60})\""),
        "high",
        _connection,
    ),
    SourceRule(
        "dotnet/aspire-connection",
        "environment_variables",
        "builder.Add",
        re.compile(
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
        re.compile(r"onfiguration\[\"([A-Za-z][\w:-]{1,80})\"\]"),
        "medium",
        _key,
    ),
    SourceRule(
        "dotnet/configuration-value",
        "environment_variables",
        "onfiguration.GetValue",
        re.compile(r"onfiguration\.GetValue(?:<\w{1,20}\??>)?\([ \t]*\"([A-Za-z][\w:-]{1,80})\""),
        "medium",
        _key,
    ),
    SourceRule(
        "dotnet/default-database",
        "database",
        "rovider",
        re.compile(
            r"rovider\"?[ \t]*(?:,|=(?!=)|\?\?=?)[ \t]*(?:[^\n;\"]{0,80}\?\?[ \t]*)?"
            r"(?:\w{1,40}\.)?\"?"
            r"(sqlite|postgres|postgresql|npgsql|mysql|mariadb|sqlserver|mssql|mongodb)\b",
            re.IGNORECASE,
        ),
        "medium",
        lambda match: FLAVOURS[match[1].lower()],
    ),
    SourceRule(
        "dotnet/aspire-defaults",
        "health_path",
        "MapDefaultEndpoints(",
        re.compile(r"\.MapDefaultEndpoints\(\)"),
        "low",
        constant("/health"),
    ),
    SourceRule(
        "dotnet/background-service",
        "kind",
        "BackgroundService",
        re.compile(r":[ \t]*BackgroundService\b"),
        "low",
        constant("worker"),
    ),
)  # fmt: skip
