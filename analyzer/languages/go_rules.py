"""What Go source says: the patterns, and how what they match is read."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import JsonValue

from analyzer.languages.health_routes import enclosing_prefix, joined, meaning_of
from analyzer.languages.service_ports import names_own_port, own_port
from analyzer.source_rules import Reading, SourceRule, constant
from delightful.recommendation import Confidence

_NOT_THE_SERVICE: Final = re.compile(r"(?i)metric|prom|pprof|debug|admin|grpc|redis|smtp|example")
_GROUP: Final = r"%s[ \t]*(?::=|=)[ \t]*(?:[\w.]+\.)?(\w+)\.(?:Group|Party|Route|PathPrefix)\("
_GROUP_PATH: Final = re.compile(r"[^\"\n]{0,60}\"(/[^\"\n]*)\"")
_CHI_ROUTE: Final = re.compile(
    r"\.(?:Route|Mount|Group|Namespace|NSNamespace|NewNamespace)\(\"(/[^\"\n]*)\""
)
_REGISTERS: Final = re.compile(
    r"(?:^|[\s.(])(\w+)\.(?:GET|Get|HEAD|Head|ANY|Any|ALL|All|Handle|HandleFunc|HandlerFunc|Path"
    r"|Method|MethodFunc|Match|Route|Add|Router|Use|HandleFuncC|To)\([^\n]*$"
    r"|\b(?:Pattern|Path|Route|path|Endpoint|get):[ \t]*$"
)
_IGNORED: Final = re.compile(r"//(?:go:build[ \t]+|[ \t]*\+build[ \t]+)(?:ignore|mage|tools)\b")
_FLAVOUR_NAMES: Final = {"postgresql": "postgres", "pgx": "postgres", "sqlite3": "sqlite"} | {
    "mariadb": "mysql",
    "mongo": "mongodb",
    "mssql": "sqlserver",
}
_CHOOSES_STORE: Final = re.compile(
    r"(?i)driver|dialect|database|adapter|db_?type|dbms|\bdb\b|\.Database\.Type|store_?type"
)
_OPENS: Final = re.compile(
    r"(?:\b(?:Must)?Open(?:DB|Context)?|\b(?:Must)?Connect(?:Context)?|NewEngine|New)\([^\n]{0,40}$"
)
_MAY_BE_WITHOUT: Final = re.compile(
    r"(?i)case \"redis\"|== ?\"redis\"|\bif [^\n]{0,40}redis[\w.()]* ?(?:!= ?(?:\"\"|nil)|\{)"
    r"|redis[\w.]{0,20}enabled?\b"
)
_DEFAULTS: Final = re.compile(r"(?i)default|value|flag|\.string(?:var|p|varp)?\(|[:=][ \t]*$")


def _line_before(match: re.Match[str]) -> str:
    start = match.start()
    return match.string[match.string.rfind("\n", 0, start) + 1 : start]


def _line_of(match: re.Match[str]) -> str:
    end = match.string.find("\n", match.end())
    return _line_before(match) + match.string[match.start() : end if end >= 0 else None]


def _imports(match: re.Match[str]) -> JsonValue:
    return match[1] or match[2]


def _program(match: re.Match[str]) -> JsonValue:
    is_ignored = _line_before(match) or _IGNORED.search(match.string, 0, match.start())
    return None if is_ignored else "main"


def _route(match: re.Match[str]) -> JsonValue:
    before = _line_before(match)
    registers = _REGISTERS.search(before)
    if registers is None or before.lstrip().startswith("//"):
        return None
    prefix = _group_prefix(match.string, registers[1], match.start()) if registers[1] else ""
    nested = enclosing_prefix(match.string, match.start(), _CHI_ROUTE)
    path = joined(nested, prefix, match[1])
    return path if meaning_of(path) else None


def _group_prefix(text: str, router: str, end: int) -> str:
    """Return what the groups put before a router's routes, as far as this file says."""
    prefixes: list[str] = []
    for _ in range(4):
        pattern = re.compile(_GROUP % rf"\b{re.escape(router)}")
        group = next(iter(reversed(list(pattern.finditer(text, 0, end)))), None)
        path = _GROUP_PATH.match(text, group.end()) if group else None
        if group is None or group[1] == router:
            break
        prefixes.insert(0, path[1] if path else "")
        router, end = group[1], group.start()
    return joined(*prefixes)


def _group_route(match: re.Match[str]) -> JsonValue:
    # A group of its own for the check, with a route at its root.
    at_root = re.compile(rf"\b{re.escape(match[1])}\.(?:GET|Get|Any|Handle)\(\"/?\"")
    path = joined(_group_prefix(match.string, match[2], match.start()), match[3])
    return path if meaning_of(path) and at_root.search(match.string, match.end()) else None


def _named_port(match: re.Match[str]) -> JsonValue:
    return own_port(match[2]) if names_own_port(match[1]) else None


def _tagged_port(match: re.Match[str]) -> JsonValue:
    field, tags = match[1], match[2]
    default = re.search(r"\b(?:envDefault|env-default|default):\"([^\"]*)\"", tags)
    names = re.findall(
        r"\b(?:env|envconfig|yaml|mapstructure|long|name|json|ini|koanf|toml|split_words)"
        r":\"([\w.-]+)",
        tags,
    )
    is_own = all(names_own_port(name) for name in names) if names else names_own_port(field)
    return own_port(default[1]) if default and is_own else None


def _listened_port(match: re.Match[str]) -> JsonValue:
    return None if _NOT_THE_SERVICE.search(_line_of(match)) else own_port(match[1])


def _fallback_port(match: re.Match[str]) -> JsonValue:
    if not names_own_port(match[1]):
        return None
    text = match.string
    after = re.compile(r"=[ \t]*\"[^\"\s]{0,40}?:?(\d{2,5})\"|=[ \t]*(\d{4,5})\b")
    found = after.search(text, match.end(), match.end() + 240)
    return own_port(found[1] or found[2]) if found else None


def _flavour(match: re.Match[str]) -> str:
    name = match[1].lower()
    return _FLAVOUR_NAMES.get(name, name)


def _opened(match: re.Match[str]) -> JsonValue:
    return _flavour(match) if _OPENS.search(_line_before(match)) else None


def _chosen(match: re.Match[str]) -> JsonValue:
    before = _line_before(match)
    is_case = re.search(r"\bcase\b|[!=]=[ \t]*$|\breturn\b", before)
    is_default = _DEFAULTS.search(before) and _CHOOSES_STORE.search(before)
    return _flavour(match) if is_default and not is_case else None


def _variable(match: re.Match[str]) -> JsonValue:
    return match[1]


def _prefixed(match: re.Match[str]) -> JsonValue:
    # viper: SetEnvPrefix("x") and AutomaticEnv let X_KEY set each key of the same file.
    text = match.string
    if "AutomaticEnv" not in text:
        return None
    keys = re.findall(r"\b(?:SetDefault|BindEnv)\(\"([\w.-]+)\"", text)
    keys += re.findall(r"\.(?:Int|String|Bool|Duration)P?\(\"([\w.-]+)\"", text)
    names = sorted({re.sub(r"[.-]", "_", f"{match[1]}_{key}").upper() for key in keys})
    return list[JsonValue](names) or None


def _assigned_port(match: re.Match[str]) -> JsonValue:
    # The pattern begins in the middle of a name, where a search is fast.
    name = re.search(r"[\w.]*$", _line_before(match))
    word = match.group().split("=")[0].split(":")[0].split()[0]
    return own_port(match[1]) if names_own_port((name.group() if name else "") + word) else None


def _optional(match: re.Match[str]) -> JsonValue:
    return "none" if _MAY_BE_WITHOUT.search(_line_of(match)) else None


def _http(match: re.Match[str]) -> JsonValue:
    return None if _line_before(match).lstrip().startswith("//") else "http"


def _serves(word: str) -> SourceRule:
    pattern = re.compile(rf"{re.escape(word)}\w*")
    return SourceRule("go/serves", "serves", word, pattern, "medium", _http)


def _by_case(
    rule: str,
    field: str,
    words: Sequence[str],
    rest: str,
    confidence: Confidence,
    read: Reading,
) -> Iterator[SourceRule]:
    """Yield one rule a spelling: a pattern that begins with a word is searched for fast."""
    for word in words:
        pattern = re.compile(re.escape(word) + rest)
        yield SourceRule(rule, field, word, pattern, confidence, read)


def _stores(word: str, names: str) -> tuple[SourceRule, SourceRule]:
    literal = re.compile(rf"[\"`]({names})[\"`]")
    return (
        SourceRule("go/sql-open", "database", word, literal, "medium", _opened),
        SourceRule("go/database-default", "database", word, literal, "medium", _chosen),
    )


_ROUTE_LITERAL: Final = (
    r"\"(?:(?:GET|HEAD)[ \t]+)?(/(?:[\w.~-]{1,30}/){0,4}[\w-]{0,12}%s[\w-]{0,12}/?)\""
)


def _routes(word: str) -> SourceRule:
    pattern = re.compile(_ROUTE_LITERAL % word)
    return SourceRule("go/health-route", "health_path", word, pattern, "medium", _route)


RULES: Final = (
    SourceRule(
        "go/import",
        "imports",
        "import",
        # A block is the last import: taking the rest with it ends the search there.
        re.compile(r"\nimport (?:\(([^)]*)\)(?s:.*)|(?:[\w.]+ )?(\"[^\"\n]+\"))"),
        "medium",
        _imports,
    ),
    SourceRule(
        "go/program",
        "programs",
        "package main",
        re.compile(r"package main\b"),
        "medium",
        _program,
    ),
    _serves("ListenAndServe"),
    _serves(".Listen("),
    _serves("http.Serve"),
    _serves("http.NewServeMux("),
    SourceRule(
        "go/grpc-server",
        "serves",
        "grpc.NewServer(",
        re.compile(r"grpc\.NewServer\("),
        "medium",
        constant("grpc"),
    ),
    *(_routes(word) for word in ("health", "ready", "readiness", "live", "heartbeat", "ping")),
    SourceRule(
        "go/health-route",
        "health_path",
        ".Group(",
        re.compile(r"(\w+)[ \t]*:?=[ \t]*(\w+)\.Group\(\"(/[\w./-]*(?:health|ping|ready)[\w-]*)\""),
        "medium",
        _group_route,
    ),
    *_by_case(
        "go/port-variable",
        "port",
        ("Env", "env"),
        r"\w*\([ \t]*\"([A-Z][A-Z0-9_]*)\"[ \t]*,[ \t]*\"?([^\",()\s]{0,40}?\d{2,5})\"?\)",
        "high",
        _named_port,
    ),
    *_by_case(
        "go/port-fallback",
        "port",
        ("Getenv(", "LookupEnv("),
        r"\"([A-Z][A-Z0-9_]*)\"\)",
        "medium",
        _fallback_port,
    ),
    *_by_case(
        "go/port-flag",
        "port",
        (".Int", ".Uint", ".String", ".SetDefault", ".Flag"),
        r"(?:16|32)?(?:P|Var|VarP)?\([ \t]*(?:&?[\w.\[\]*]+[ \t]*,[ \t]*)?\"([\w.-]{2,40})\"[ \t]*,"
        r"[ \t]*(?:\"\w?\"[ \t]*,[ \t]*)?\"?([^\",()\s]{0,40}?\d{2,5})\"?[ \t]*[,)]",
        "high",
        _named_port,
    ),
    SourceRule(
        "go/port-tag",
        "port",
        'efault:"',
        re.compile(r"(?:^|\n)[ \t]*(\w+)[ \t]+[\w.*\[\]]+[ \t]+`([^`\n]*efault:\"[^`\n]*)`"),
        "high",
        _tagged_port,
    ),
    SourceRule(
        "go/port-listen",
        "port",
        '":',
        re.compile(r"\"(?:0\.0\.0\.0|\[::\])?(:\d{2,5})\""),
        "medium",
        _listened_port,
    ),
    SourceRule(
        "go/port-listen",
        "port",
        '"0.0.0.0:',
        re.compile(r"\"0\.0\.0\.0(:\d{2,5})\""),
        "medium",
        _listened_port,
    ),
    *_by_case(
        "go/port-named",
        "port",
        ("Port", "port", "PORT"),
        r"(?:[ \t]+(?:string|u?int(?:16|32)?))?[ \t]*(?::=|=|:)[ \t]*"
        r"\"?(:?\d{2,5})\"?[ \t]*[,\n/)]",
        "medium",
        _assigned_port,
    ),
    *_by_case(
        "go/port-named",
        "port",
        ("Addr", "addr", "Address"),
        r"(?:[ \t]+string)?[ \t]*(?::=|=|:)[ \t]*\"([\w.]*:\d{2,5})\"",
        "medium",
        _assigned_port,
    ),
    *_stores("postgres", "postgres(?:ql)?"),
    *_stores("mysql", "mysql|mariadb"),
    *_stores("sqlite", "sqlite3?"),
    *_stores('"pgx"', "pgx"),
    *_stores("mongo", "mongo(?:db)?"),
    *_stores("sqlserver", "sqlserver"),
    SourceRule(
        "go/optional-cache",
        "optional-cache",
        "edis",
        re.compile(r"edis\w*(?:\"[ \t]*:|\.\w*nabled|[\w.()]{0,30} ?(?:[!=]= ?(?:\"\"|nil)|\{))"),
        "medium",
        _optional,
    ),
    *_by_case(
        "go/environment",
        "environment_variables",
        ("Env", "env"),
        r"\w*\([ \t]*(?:&?[\w.]+,[ \t]*)?\"([A-Z][A-Z0-9_]{2,})\"",
        "high",
        _variable,
    ),
    SourceRule(
        "go/environment-tag",
        "environment_variables",
        "env",
        re.compile(r"env(?:config)?:\"(?:[a-z]+=)?([A-Z][A-Z0-9_]{2,})\b"),
        "high",
        _variable,
    ),
    SourceRule(
        "go/environment-flag",
        "environment_variables",
        "Env",
        re.compile(r"Env(?:Vars?|ar)\b[^\"\n]{0,20}\"([A-Z][A-Z0-9_]{2,})\""),
        "high",
        _variable,
    ),
    SourceRule(
        "go/environment-prefix",
        "prefixed-variables",
        "SetEnvPrefix(",
        re.compile(r"SetEnvPrefix\(\"([\w-]+)\"\)"),
        "medium",
        _prefixed,
    ),
    SourceRule(
        "go/command",
        "commands",
        "Use:",
        re.compile(r"Use:[ \t]*\"([\w-]+)"),
        "medium",
        _variable,
    ),
    SourceRule(
        "go/command",
        "commands",
        "cli.Command{",
        re.compile(r"cli\.Command\{\s*Name:[ \t]*\"([\w-]+)\""),
        "medium",
        _variable,
    ),
    SourceRule(
        "go/auto-migrate",
        "migration_tool",
        ".AutoMigrate(",
        re.compile(r"\.AutoMigrate\("),
        "medium",
        constant("gorm"),
    ),
)
