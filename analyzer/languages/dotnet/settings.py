"""Settings of a .NET service: what its `appsettings.json` points at."""

import re
from collections.abc import Iterator, Sequence

from analyzer.facts import Fact, is_port
from analyzer.languages.dotnet.project import Project
from analyzer.languages.json_text import Entry, read_entries
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

_FIELD = "environment_variables"
_SETTINGS = Pattern(
    r"(?:appsettings|hosting)(?:\.(?:production|prod|docker|container))?\.json", re.IGNORECASE
)
_PORT_OF_URL = Pattern(r"https?://[^:/\s]{1,80}:(\d{2,5})\b")
_URL_KEYS = frozenset({"urls", "server.urls"})
_PORT_KEYS = frozenset({"port", "httpport", "http_port", "server.port", "http.port"})
_HEALTH_KEYS = Pattern(r"(?:[\w.]{1,60}\.)?health(?:checks?)?\.?(?:path|endpoint|route|url)")
_HEALTH_PATH = Pattern(r"/[\w/-]{1,60}")
FLAVOURS = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "npgsql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mssql": "sqlserver",
    "sqlserver": "sqlserver",
    "sqlite": "sqlite",
    "mongodb": "mongodb",
    "mongo": "mongodb",
}
_KIND_KEYS = Pattern(
    r"(?:[\w.]{1,60}\.)?(?:database|db|store|storage|datastore|persistence|data|eventstore)"
    r"\.(?:type|provider|kind)"
    r"|(?:[\w.]{1,60}\.)?(?:database|db)(?:type|provider|kind|engine)"
)
# `SqlServer: { ConnectionString: … }`: the section is called after its database.
_NAMED_STORE = Pattern(
    r"(?:[\w.]{1,60}\.)?(postgres|postgresql|mysql|mariadb|sqlserver|mssql|mongodb|mongo)\."
    r"(?:connection|connectionstring|connectionuri|configuration|host|server|uri|url)"
)
# By what a connection string is told to be whose.
_CONNECTIONS: tuple[tuple[Pattern[str], str], ...] = (
    (Pattern(r"mongodb(?:\+srv)?://"), "mongodb"),
    (Pattern(r"postgres(?:ql)?://|\bHost=[^;]{1,100};|User ID=postgres", re.I), "postgres"),
    (Pattern(r"Data ?Source=[^;=]{0,100}\.(?:db|sqlite3?|db3)\b|Filename=", re.I), "sqlite"),
    (Pattern(r"\b(?:Uid|User)=[^;]{0,60};[^\n]{0,200}(?:Pwd|Password)=", re.I), "mysql"),
    (
        Pattern(
            r"Initial Catalog=|Trusted_Connection=|Integrated Security=|\(localdb\)"
            r"|TrustServerCertificate=|MultipleActiveResultSets=|Server=tcp:|User Id=sa\b",
            re.IGNORECASE,
        ),
        "sqlserver",
    ),
)
_REDIS_VALUE = Pattern(r"[\w.-]{1,80}:6379\b|redis://", re.IGNORECASE)
# What is kept there is told by other settings than where it is logged.
_REDIS_NAME = Pattern(r"redis(?!_?log)", re.IGNORECASE)
_CACHE_KIND = Pattern(r"(?:[\w.]{1,60}\.)?(?:distributed)?cache\.?(?:type|provider|kind)")
# Settings whose value depends on where the service runs, by the last part of their key.
_OF_THE_PLACE = Pattern(
    r"(?:.*(?:url|uri|host|hostname|username|password|secret|token|apikey|key|connectionstring"
    r"|endpoint|authority|server|address|configuration)|type|provider|path|user|clientid|adminemail)",
    re.IGNORECASE,
)
# What developers have one of their own of, and the service another.
_OWN = Pattern(r".*(?:key|password|secret|token|connection(?:string)?)", re.IGNORECASE)
_OF_NO_USE = Pattern(r"(?:logging|serilog|allowedhosts|kestrel|nlog)\b")
_MOST_VARIABLES = 80


def read_settings(tree: SourceTree, project: Project) -> list[Entry]:
    """Return what the settings files that hold in production say."""
    return [
        entry
        for path in tree.sources(".json")
        if _SETTINGS.fullmatch(path.rpartition("/")[2]) and _is_read(path, project)
        for entry in read_entries(path, tree.text(path) or "")
    ]


def settings_facts(settings: Sequence[Entry]) -> Iterator[Fact]:
    """Yield the port, health path, stores and variables that settings name."""
    for entry in settings:
        yield from _port(entry)
        yield from _stores(entry)
        if _HEALTH_KEYS.fullmatch(entry.key) and _HEALTH_PATH.fullmatch(entry.value):
            path, evidence = entry.value, entry.whole_evidence
            yield Fact("health_path", path, "dotnet/health-setting", "medium", evidence)
    yield from _variables(settings)


def developer_facts(
    tree: SourceTree, project: Project, settings: Sequence[Entry]
) -> Iterator[Fact]:
    """Yield the secrets and connections that developers set, and nobody where the service runs."""
    known = {entry.key for entry in settings}
    path = f"{project.main.folder}appsettings.Development.json"
    for entry in read_entries(path, tree.text(path) or ""):
        is_own = entry.key.startswith("connectionstrings.") or _OWN.fullmatch(entry.parts[-1])
        if is_own and entry.key not in known and not _OF_NO_USE.match(entry.key):
            name = "__".join(entry.parts)
            yield Fact(_FIELD, name, "dotnet/developer-setting", "low", entry.evidence)


def launch_facts(tree: SourceTree, project: Project) -> Iterator[Fact]:
    """Yield the variables with which developers start the program; their ports are their own."""
    path = f"{project.main.folder}Properties/launchSettings.json"
    for entry in read_entries(path, tree.text(path) or ""):
        if "environmentVariables" in entry.parts[:-1]:
            yield Fact(_FIELD, entry.parts[-1], "dotnet/launch-variable", "low", entry.evidence)


def _is_read(path: str, project: Project) -> bool:
    return path.startswith(project.main.folder) and project.owns(path)


def _port(entry: Entry) -> Iterator[Fact]:
    last = entry.parts[-1].lower()
    if (entry.key.startswith("kestrel.endpoints.") and last == "url") or entry.key in _URL_KEYS:
        match = _PORT_OF_URL.search(entry.value)
        if match and not entry.value.startswith("https"):
            port, evidence = int(match[1]), entry.whole_evidence
            yield Fact("port", port, "dotnet/kestrel-endpoint", "high", evidence)
    elif entry.key in _PORT_KEYS and is_port(entry.value):
        yield Fact("port", int(entry.value), "dotnet/port-setting", "medium", entry.whole_evidence)


def _stores(entry: Entry) -> Iterator[Fact]:
    flavour = FLAVOURS.get(entry.value.lower())
    if flavour and _KIND_KEYS.fullmatch(entry.key):
        yield Fact("database", flavour, "dotnet/database-kind", "high", entry.whole_evidence)
    if entry.value.lower() == "redis" and _CACHE_KIND.fullmatch(entry.key):
        yield Fact("cache", "redis", "dotnet/cache-kind", "high", entry.whole_evidence)
    named = _NAMED_STORE.fullmatch(entry.key)
    if named:
        flavour = FLAVOURS[named[1]]
        yield Fact("database", flavour, "dotnet/database-section", "medium", entry.evidence)
    if not entry.key.startswith("connectionstrings.") and "=" not in entry.value:
        return
    if _REDIS_VALUE.search(entry.value) or _REDIS_NAME.match(entry.parts[-1]):
        yield Fact("cache", "redis", "dotnet/redis-setting", "medium", entry.evidence)
        return
    flavour = next((name for form, name in _CONNECTIONS if form.search(entry.value)), None)
    if flavour:
        sure: Confidence = "medium" if entry.key.startswith("connectionstrings.") else "low"
        yield Fact("database", flavour, "dotnet/connection-string", sure, entry.evidence)


def _variables(settings: Sequence[Entry]) -> Iterator[Fact]:
    seen: set[str] = set()
    for entry in settings:
        name = "__".join(entry.parts)
        if name in seen or len(seen) >= _MOST_VARIABLES or _OF_NO_USE.match(entry.key):
            continue
        is_connection = entry.key.startswith("connectionstrings.")
        if is_connection or _OF_THE_PLACE.fullmatch(entry.parts[-1]):
            seen.add(name)
            sure: Confidence = "medium" if is_connection else "low"
            yield Fact(_FIELD, name, "dotnet/setting-variable", sure, entry.evidence)
