"""C# sources: routes, ports, stores and variables that the code itself names."""

import re

from pydantic import JsonValue

from analyzer.languages.dotnet.settings import FLAVOURS
from analyzer.languages.health_routes import joined
from analyzer.languages.service_ports import names_own_port, own_port
from analyzer.source_rules import (
    Pattern,
    SourceRule,
    constant,
    port_of,
    text_of,
    uncommented,
)

_HEALTH = r"(?:_?health(?:z|-?check|_check|y)?|readyz?|readiness|livez?|liveness|alive|hc)"
_ACTION = Pattern(r"\[HttpGet\([ \t]*\"(~?/?[\w/.\[\]-]{0,80})\"")
_CLASS = Pattern(r"\[Route\([ \t]*\"(~?/?[\w/.\[\]-]{0,80})\"")
_CLASS_ROUTE = re.compile(r"\[Route\([ \t]*\"([\w/.\[\]-]{1,80})\"[^\n]{0,60}\)\]")
_ENDPOINT = Pattern(
    rf"\b(\w{{1,40}})\.MapGet\([ \t\r\n]*\"(/?(?:[\w-]{{1,30}}/){{0,3}}{_HEALTH})\""
)
_SERVER_SETTINGS = re.compile(
    r"\bclass (?:Server|Host|Web|Http|Network|App)\w{0,20}(?:Config|Settings|Options)"
)
# Ports of stores and queues, which are settings of clients.
_OF_STORES = frozenset({1433, 1883, 3306, 5432, 5672, 6379, 9092, 9200, 11211, 27017})
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


def _endpoint(match: re.Match[str]) -> JsonValue:
    """Read an endpoint under the path of the group that it is mapped on."""
    path = match[2].strip("/")
    group = re.search(
        rf"\b{match[1]}[ \t]*=[ \t]*[\w.]{{1,60}}\.MapGroup\([ \t]*\"/?([\w/-]{{0,60}})\"",
        match.string,
    )
    prefix = group[1].strip("/") if group else ""
    return f"/{prefix}/{path}" if prefix else f"/{path}"


def _ready(match: re.Match[str]) -> JsonValue:
    return _endpoint(match) if match[2].rpartition("/")[2].startswith("ready") else None


def _ping(match: re.Match[str]) -> JsonValue:
    """Read an action that answers a ping, under the route of its class."""
    above = list(_CLASS_ROUTE.finditer(match.string, 0, match.start()))
    prefix = above[-1][1] if above else ""
    return joined(prefix, "ping") if "[" not in prefix else None


def _unguarded(match: re.Match[str]) -> JsonValue:
    """Read a whole route to be asked without a key; of a status only where that is said."""
    before = match.string[max(match.start() - 300, 0) : match.start()]
    is_open = "ping" in match[1] or "[AllowAnonymous]" in before
    return match[1] if is_open else None


def _named_check(match: re.Match[str]) -> JsonValue:
    """Read a constant that checks of health are mapped at in the same file; not a sign of life."""
    is_mapped = re.search(rf"\.(?:Map|Use)HealthChecks\(\s{{0,40}}{match[1]}\b", match.string)
    return match[2] if is_mapped and "live" not in match[2].lower() else None


def _configured_port(match: re.Match[str]) -> JsonValue:
    """A port that a class of the server's own settings begins with."""
    port = int(match[1])
    return port if _SERVER_SETTINGS.search(match.string) and port not in _OF_STORES else None


def _constant_port(match: re.Match[str]) -> JsonValue:
    return own_port(match[2]) if names_own_port(match[1]) else None


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
_GIVEN_PATH = re.compile(r"\(\s{0,40}(?:pattern:[ \t]*)?\"([^\"\n]{0,100})\"")


def _entry(match: re.Match[str]) -> JsonValue:
    """Read the path that an entry is mapped at; a star where it says none."""
    path = _GIVEN_PATH.match(match.string, match.end())
    return "/" + path[1].strip("/") if path else "*"


STORE_RULES = frozenset(
    {"dotnet/postgres", "dotnet/sqlserver", "dotnet/mysql", "dotnet/sqlite", "dotnet/mongodb"}
)
SOURCE_RULES = (
    SourceRule(
        "dotnet/health-checks",
        "health_path",
        "HealthChecks(",
        Pattern(
            r"\.(?:Map|Use)HealthChecks\([ \t\r\n]*(?:pattern:[ \t]*|path:[ \t]*|new PathString\()?"
            r"\"(/?[\w/.-]{1,80})\""
        ),
        "high",
        lambda match: f"/{match[1].lstrip('/')}",
    ),
    SourceRule(
        "dotnet/health-constant",
        "health_path",
        "const string ",
        Pattern(r"\bconst string (\w{1,60}) = \"(/[\w/.-]{1,60})\""),
        "medium",
        _named_check,
        200,
        ("HealthChecks(",),
    ),
    SourceRule("dotnet/readiness-endpoint", "health_path", "MapGet(", _ENDPOINT, "high", _ready),
    SourceRule("dotnet/health-endpoint", "health_path", "MapGet(", _ENDPOINT, "medium", _endpoint),
    SourceRule("dotnet/health-route", "health_path", "[HttpGet(", _ACTION, "medium", _route),
    *(
        SourceRule("dotnet/health-endpoint", "health_path", word, Pattern(pattern), "medium",
                   text_of, 120)
        for word, pattern in (
            ("app.Map(", rf"\bapp\.Map\(\"(/{_HEALTH})\""),
            # FastEndpoints: the path is said within the endpoint.
            (" Get(", rf"[ \t{{]Get\(\"(/(?:[\w-]{{1,30}}/){{0,3}}{_HEALTH})\"\);"),
            ("route ", rf"\broute \"(/{_HEALTH})\""),
            ("StartsWithSegments(", rf"\.StartsWithSegments\(\"(/{_HEALTH})\""),
            ("Route(", rf"\[HttpGet, Route\(\"(/{_HEALTH})\""),
        )
    ),
    SourceRule(
        "dotnet/health-endpoint",
        "health_path",
        "MapGroup(",
        Pattern(rf"\.MapGroup\(\"(/?[\w/-]{{0,60}})\"\)\.MapGet\(\"(/?{_HEALTH})\""),
        "medium",
        lambda match: joined(match[1], match[2]),
    ),
    SourceRule(
        "dotnet/ping",
        "health_path",
        '[HttpGet("',
        Pattern(r"\[HttpGet\([ \t]*\"~?(/(?:api/)?(?:ping|status|up))\""),
        "low",
        _unguarded,
    ),
    SourceRule(
        "dotnet/ping",
        "health_path",
        '[HttpGet("ping")]',
        Pattern(r"\[HttpGet\(\"ping\"\)\]"),
        "low",
        _ping,
    ),
    SourceRule(
        "dotnet/aspire-check",
        "health_path",
        "WithHttpHealthCheck(",
        Pattern(r"\.WithHttpHealthCheck\((?:path:[ \t]*)?\"(/[\w/.-]{1,60})\""),
        "medium",
        text_of,
        120,
    ),
    SourceRule(
        "dotnet/ping",
        "health_path",
        '[Route("/',
        Pattern(r"\[Route\(\"(/(?:api/)?ping)\"\)\]"),
        "low",
        text_of,
    ),
    SourceRule(
        "dotnet/ping",
        "health_path",
        "MapGet(",
        Pattern(r"\bapp\.MapGet\([ \t\r\n]*\"(/(?:api/)?ping)\""),
        "low",
        text_of,
    ),
    SourceRule("dotnet/health-class", "health_path", "[Route(", _CLASS, "medium", _route),
    SourceRule(
        "dotnet/listen",
        "port",
        "isten",
        Pattern(
            r"\.(?:ListenAnyIP|ListenLocalhost|Listen\((?:System\.Net\.)?IPAddress\."
            r"(?:(?:IPv6)?Any|Parse\(\"0\.0\.0\.0\"\)),)[ (]+(\d{2,5})\b"
        ),
        "medium",
        port_of,
    ),
    SourceRule(
        "dotnet/urls",
        "port",
        "http://",
        Pattern(
            r"(?:UseUrls|\bapp\.Run|\.RunAsync|Urls\.Add)\([ \t]*\$?\"http://[^:\"\n/]{1,60}:(\d{2,5})\b"
        ),
        "high",
        port_of,
    ),
    SourceRule(
        "dotnet/wildcard-address",
        "port",
        "http://",
        # An address of every host is one to listen on, whatever it is given to.
        Pattern(r"\"http://(?:\*|\+|0\.0\.0\.0|\[::\]):(\d{2,5})(?:/?\"|;)"),
        "medium",
        port_of,
    ),
    *(
        SourceRule(
            "dotnet/port-variable",
            "port",
            word,
            Pattern(
                rf"\"(\w{{0,30}}{word})\"[)\]](?:[ \t\r\n]*\?\?|[^;\n]{{0,80}}?[)\w] :)[ \t]*"
                r"\"?(\d{2,5})\b"
            ),
            "high",
            _constant_port,
        )
        for word in ("PORT", "Port")
    ),
    SourceRule(
        "dotnet/port-value",
        "port",
        'PORT", ',
        Pattern(r"\bGetValue\w{0,10}(?:<int>)?\(\"PORT\", (\d{4,5})\)"),
        "medium",
        port_of,
        100,
    ),
    SourceRule(
        "dotnet/port-named",
        "port",
        "ort = ",
        Pattern(r"\b(?:var|int|ushort|string) (port|[a-z]\w{0,20}Port) = \"?(\d{4,5})\"?;"),
        "medium",
        _constant_port,
        100,
    ),
    SourceRule(
        "dotnet/port-value",
        "port",
        'Port", ',
        Pattern(r"\bGetValue\w{0,10}(?:<int>)?\(\"(?:Http)?Port\", (\d{4,5})\)"),
        "medium",
        port_of,
        100,
    ),
    SourceRule(
        "dotnet/port-of-settings",
        "port",
        "Port = ",
        Pattern(r"\b(?:Http)?Port = (\d{4,5});"),
        "medium",
        _configured_port,
    ),
    SourceRule(
        "dotnet/port-of-settings",
        "port",
        "Port { get;",
        Pattern(r"\b(?:Http)?Port \{ get; (?:private )?(?:set|init); \} = (\d{4,5});"),
        "medium",
        _configured_port,
    ),
    SourceRule(
        "dotnet/port-constant",
        "port",
        "ort = ",
        Pattern(r"\bconst (?:int|ushort) ((?:Default\w{0,30}|Http)?Port) = (\d{4,5})\b"),
        "medium",
        _constant_port,
    ),
    SourceRule(
        "dotnet/port-constant",
        "port",
        "PORT = ",
        Pattern(r"\bconst (?:int|ushort) (DEFAULT_(?:\w{1,30}_)?PORT) = (\d{4,5})\b"),
        "medium",
        _constant_port,
    ),
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
        "dotnet/aspire-defaults",
        "health_path",
        "MapDefaultEndpoints(",
        Pattern(r"\.MapDefaultEndpoints\(\)"),
        "low",
        constant("/health"),
    ),
    *(
        SourceRule(
            "dotnet/background-service", WORKS, word, Pattern(pattern), "high", constant(True)
        )
        for word, pattern in (
            ("BackgroundService", r":[ \t]*BackgroundService\b"),
            ("IHostedService", r":[ \t]*IHostedService\b"),
            ("IConsumer<", r":[ \t]*IConsumer<"),
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
            (".Map", r"\.Map(?!\w*HealthCheck|Metrics|When)[A-Z]\w*(?:<[^>\n]{1,80}>)?(?=\()"),
            ("[Api", r"\[ApiController\]"),
            ("Controller", r":[ \t]*Controller(?:Base)?\b"),
            ("Endpoint", r":[ \t]*Endpoint(?:WithoutRequest)?(?:<|\b)|\bICarterModule\b"),
            ("UseOcelot", r"\.UseOcelot\("),
            ("UseMvc", r"\.UseMvc\w*\("),
            ("UseStaticFiles", r"\.UseStaticFiles\("),
        )
    ),
)  # fmt: skip
