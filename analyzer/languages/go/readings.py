"""How what the patterns for Go match is read."""

import re
from functools import lru_cache
from typing import Final

from pydantic import JsonValue

from analyzer.languages.go.structures import settable_names
from analyzer.languages.health_routes import enclosing_prefix
from analyzer.languages.service_ports import (
    has_word,
    is_foreign,
    is_of_another,
    names_own_port,
    own_port,
)
from analyzer.languages.store_conditions import is_demanded
from analyzer.languages.watching import FRONT_PAGE
from analyzer.patterns import Pattern

_NOT_THE_SERVICE: Final = Pattern(r"(?i)metric|prom|pprof|debug|admin|grpc|redis|smtp|example")
# How far around a match what belongs to it is looked for.
_NEAR: Final = 20_000
_FUNCTION: Final = 400
_FUNCTION_HEAD: Final = Pattern(
    r"func (?:\([^)\n]*\) )?(\w+)\((\w+)(?:,[^)\n]*)? (?:\.\.\.)?string\b"
)
_MOST_NAMES: Final = 300
_IGNORED: Final = Pattern(r"//(?:go:build[ \t]+|[ \t]*\+build[ \t]+)(?:ignore|mage|tools)\b")
_FLAVOUR_NAMES: Final = {"postgresql": "postgres", "pgx": "postgres", "sqlite3": "sqlite"} | {
    "mariadb": "mysql",
    "mongo": "mongodb",
    "mssql": "sqlserver",
}
_CHOOSES_STORE: Final = Pattern(
    r"(?i)driver|dialect|database|adapter|db_?(?:type|provider|kind|engine)|dbms|\bdb\b|\.Database\.Type|store_?type"
)
_NAMES_STORE: Final = Pattern(
    r"(?i)^[ \t]*(?:const |var )?\w*(?:postgres|pgx|mysql|maria|sqlite|mongo|sqlserver)\w*"
    r"(?:[ \t]+\w+)?[ \t]*:?=[ \t]*$"
)
_STRUCT: Final = Pattern(r"\btype (\w+) struct\b|\n[ \t]+(\w+)[ \t]+struct[ \t]*\{")
_OWN_HOST: Final = Pattern(r"(?:API|Http|HTTP|Server|Web)Host")
_COMMAND_STRUCT: Final = Pattern(r"\w+(?:Cmd|Command)$")
_OPTIONS_PREFIX: Final = Pattern(r"\bOptions\{[^}]{0,200}?\bPrefix:[ \t]*\"([A-Z][A-Z0-9_]*)\"")
_COMMAND_ENDINGS: Final = ("Cmd struct", "Command struct")
_SERVING_WORDS: Final = Pattern(
    r"api|app|daemon|http|listen|main|root|run|serve|server|start|up|web"
)
_LITERAL: Final = Pattern(r"(\w+)[ \t]*(?::=|=|:)?[ \t]*&?(?:\[\])?[\w.]*\{$")
_OPENS: Final = Pattern(
    r"(?:\b(?:Must)?Open(?:DB|Context)?|\b(?:Must)?Connect(?:Context)?|NewEngine|New)\([^\n]{0,40}$"
)
_MAY_BE_WITHOUT: Final = Pattern(
    r"(?i)case \"redis\"|== ?\"redis\"|redis\w*(?:url|addr|address|host|uri|dsn|endpoint)"
    r"\"?\)? ?[!=]= ?\"\"|\bif [^\n]{0,40}\bredis(?:client|pool|cli|db|cfg|config)? ?!= ?nil"
    r"|redis[\w.]{0,20}enabled?\b|redis\w*default[ \t]*=[ \t]*\"\""
    r"|getenv\(\"redis_\w+\"\) ?[!=]= ?\"\""
)
_JOINED: Final = Pattern(r"[ \t]*\+[ \t]*([\w.]{1,60})")
_MADE: Final = Pattern(r"\n[ \t]*\w*[rR]edis\w*, \w+ :?= [^\n]{1,160}\s*\Z")
_LONGEST_CALL: Final = 200
# One branch for an address that is given, and the other.
_WITHOUT_ADDRESS: Final = Pattern(
    r"\bif [^\n]{0,80}\b(?:Getenv|LookupEnv|\w*(?:DSN|Dsn|dsn|URL|Url|url)\b)[^\n]{0,80}\{[^\n]*\n"
    r"[^{}]*(?:\{[^{}]*\}[^{}]*)*\} else \{[^}]*\Z"
)
_BRANCHES: Final = 1_000
_DEFAULTS: Final = Pattern(r"(?i)default|value|flag|\.string(?:var|p|varp)?\(|[:=][ \t]*$")


def line_before(match: re.Match[str]) -> str:
    start = match.start()
    return match.string[match.string.rfind("\n", 0, start) + 1 : start]


def _line_of(match: re.Match[str]) -> str:
    end = match.string.find("\n", match.end())
    return line_before(match) + match.string[match.start() : end if end >= 0 else None]


def imports(match: re.Match[str]) -> JsonValue:
    """Read an import block, or the one path that is imported."""
    return match[1] or match[2]


def program(match: re.Match[str]) -> JsonValue:
    """Read a program's `package main`; None where it is left out of the build."""
    is_ignored = line_before(match) or _IGNORED.search(match.string, 0, match.start())
    return None if is_ignored else "main"


def named_port(match: re.Match[str]) -> JsonValue:
    """Read the port behind a name; None where the name is not the service's own."""
    return own_port(match[2]) if names_own_port(match[1]) else None


def tagged_port(match: re.Match[str]) -> JsonValue:
    """Read the default in a field's tags, if the names there are the service's own."""
    return None if _is_of_command(match) else _tagged_port(match)


def command_port(match: re.Match[str]) -> JsonValue:
    """Read such a default of a subcommand that does not serve by its name."""
    return _tagged_port(match) if _is_of_command(match) else None


def _is_of_command(match: re.Match[str]) -> bool:
    if not any(ending in match.string for ending in _COMMAND_ENDINGS):
        return False
    found = _STRUCT.finditer(match.string, max(match.start() - _NEAR, 0), match.start() + 1)
    name = next((one[1] or one[2] for one in reversed(list(found))), "")
    return _COMMAND_STRUCT.search(name) is not None and not has_word(name, _SERVING_WORDS)


def _tagged_port(match: re.Match[str]) -> JsonValue:
    field, tags = match[1], match[2]
    default = re.search(
        r"\b(?:envDefault|env-default|default):\"([^\"]*)\"|[,\"]default[=:]([^\",]*)", tags
    )
    names = re.findall(
        r"\b(?:env|envconfig|yaml|mapstructure|long|name|json|ini|koanf|toml|split_words)"
        r":\"([\w.-]+)",
        tags,
    )
    argument = re.search(r"\barg:\"([^\"]*)\"", tags)
    names += re.findall(r"(?:--|\benv:)([\w-]{2,})", argument[1]) if argument else ()
    is_own = all(map(names_own_port, names)) if names else _holds_own_port(field)
    port = own_port(default[1] or default[2] or "") if default and is_own else None
    return port if port and not is_of_another(match.string, match.start(), _STRUCT) else None


def _holds_own_port(field: str) -> bool:
    return names_own_port(field) or _OWN_HOST.fullmatch(field) is not None


def listened_port(match: re.Match[str]) -> JsonValue:
    """Read a port that is listened on; None where the line tells of another server."""
    return None if _NOT_THE_SERVICE.search(_line_of(match)) else own_port(match[1])


def fallback_port(match: re.Match[str]) -> JsonValue:
    """Read the port that follows where a variable is empty."""
    if not names_own_port(match[1]):
        return None
    text = match.string
    beside = re.match(
        r",[ \t]*\"[^\"\s]{0,40}?:?(\d{2,5})\"\)", text[match.end() : match.end() + 60]
    )
    if beside:
        return own_port(beside[1])
    after = re.compile(r"(?:=|\breturn)[ \t]*(?:\"[^\"\s]{0,40}?:?(\d{2,5})\"|(\d{4,5})\b)")
    found = after.search(text, match.end(), match.end() + 240)
    return own_port(found[1] or found[2]) if found else None


def _flavour(match: re.Match[str]) -> str:
    name = match[1].lower()
    return _FLAVOUR_NAMES.get(name, name)


def gin_port(match: re.Match[str]) -> JsonValue:
    """Say where Gin listens without an address: on $PORT, else on 8080."""
    router = re.search(r"(\w+)$", line_before(match))
    made = rf"\b{router[1]}[ \t]*:?=[ \t]*gin\.(?:Default|New)\(" if router else r"\Z\A"
    begin = max(match.start() - _NEAR, 0)
    return 8080 if re.search(made, match.string[begin : match.start()]) else None


def opened(match: re.Match[str]) -> JsonValue:
    """Read the database that a connection is opened to."""
    return _flavour(match) if _OPENS.search(line_before(match)) else None


def chosen(match: re.Match[str]) -> JsonValue:
    """Read the database that a setting chooses by default."""
    before = line_before(match)
    is_case = re.search(r"\bcase\b|[!=]=[ \t]*$|\breturn\b", before)
    is_default = _DEFAULTS.search(before) and _CHOOSES_STORE.search(before)
    # A constant that is called after a database gives it a name and chooses none.
    is_name = _NAMES_STORE.search(before)
    is_none = is_case or is_name or _is_comment(before)
    return _flavour(match) if is_default and not is_none else None


def fallen_back_on(match: re.Match[str]) -> JsonValue:
    """Read the database that is opened where no address of another one is given."""
    before = match.string[max(match.start() - _BRANCHES, 0) : match.start()]
    return _flavour(match) if _WITHOUT_ADDRESS.search(before) else None


def default_address(match: re.Match[str]) -> JsonValue:
    """Read the database whose address a flag or a field has by default."""
    before = line_before(match)
    is_default = _DEFAULTS.search(before) and not _is_comment(before)
    return _flavour(match) if is_default else None


def _is_comment(before: str) -> bool:
    """Say whether a line is a comment, of Go or of a template of settings."""
    return before.lstrip().startswith(("//", "#"))


def variable(match: re.Match[str]) -> JsonValue:
    """Read a variable's name; None for what is only the beginning of one."""
    return None if match[1].endswith("_") else match[1]


def named_variable(match: re.Match[str]) -> JsonValue:
    """Read a variable whose name a constant of the same file holds."""
    named = rf"\b{match[1]}[ \t]*(?:string[ \t]*)?:?=[ \t]*\"([A-Z][A-Z0-9_]{{2,}})\""
    held = re.search(named, match.string)
    return held[1] if held else None


# Asked for at each tag of a file, and looked for through all of it.
@lru_cache(maxsize=2)
def _prefix_of_all(text: str) -> str:
    whole = _OPTIONS_PREFIX.search(text)
    return whole[1] if whole else ""


def tagged_variable(match: re.Match[str]) -> JsonValue:
    """Read a variable in a field's tags, with the prefix that its structure or the file has."""
    text = match.string
    prefix = _prefix_of_all(text)
    if "envPrefix:" in text:
        found = list(_STRUCT.finditer(text, max(match.start() - _NEAR, 0), match.start()))
        name = (found[-1][1] or "") if found else ""
        used = rf"[ \t]\*?{name}[ \t]+`[^`\n]*\benvPrefix:\"([A-Z][A-Z0-9_]*)\""
        within = re.search(used, text) if name else None
        prefix += within[1] if within else ""
    return f"{prefix}{match[1]}"


def prefixing(match: re.Match[str]) -> JsonValue:
    """Read a function that puts a prefix before its argument: its name, the prefix."""
    text = match.string
    begin = text.rfind("\nfunc ", max(match.start() - _FUNCTION, 0), match.start())
    function = _FUNCTION_HEAD.match(text, begin + 1) if begin >= 0 else None
    if function is None or not re.search(rf"\b{function[2]}\b", match[1]):
        return None
    line = line_before(match)
    written = re.search(r"\"([A-Z][A-Z0-9_]*)$", line) if match.group().startswith("_") else None
    name = re.search(r"(\w*[pP])$", line)
    if written is None and name:
        given = rf"\b{name[1]}refix[ \t]*(?:string[ \t]*)?:?=[ \t]*\"([A-Z][A-Z0-9_]*)_\""
        written = re.search(given, text)
    return [function[1], f"{written[1]}_"] if written else None


def prefixed(match: re.Match[str]) -> JsonValue:
    """Read the variables that viper looks at: X_KEY for each key of the same file."""
    return _viper_names(match.string, f"{match[1]}_") if "AutomaticEnv" in match.string else None


def unprefixed(match: re.Match[str]) -> JsonValue:
    """Read the variables that viper looks at where it is told no prefix: KEY for each key."""
    return None if "SetEnvPrefix" in match.string else _viper_names(match.string, "")


def _viper_names(text: str, prefix: str) -> JsonValue:
    keys = _viper_keys(text)
    names = sorted({re.sub(r"[.-]", "_", f"{prefix}{key}").upper() for key in keys})
    return list[JsonValue](names) or None


@lru_cache(maxsize=1)
def _viper_keys(text: str) -> tuple[str, ...]:
    keys = re.findall(r"\b(?:SetDefault|BindEnv)\(\"([\w.-]+)\"", text)
    keys += re.findall(r"\.(?:Int|String|Bool|Duration)P?\(\"([\w.-]+)\"", text)
    return tuple(dict.fromkeys(keys))[:_MOST_NAMES]


def assigned_port(match: re.Match[str]) -> JsonValue:
    """Read the port given to a name that ends where the pattern begins."""
    # The pattern begins in the middle of a name, where a search is fast.
    name = re.search(r"[\w.]*$", line_before(match))
    word = match.group().split("=")[0].split(":")[0].split()[0]
    whole = (name.group() if name else "") + word
    if not names_own_port(whole):
        return None
    is_field = match.group()[len(word) :].lstrip()[:2] not in ("=", ":=")
    return None if is_field and _is_foreign_literal(match) else own_port(match[1], whole)


def _is_foreign_literal(match: re.Match[str]) -> bool:
    """Say whether the values around a field are another service's: `sftpBinding = Binding{`."""
    around = enclosing_prefix(match.string, match.start(), _LITERAL)
    return any(is_foreign(name) for name in around.split("/"))


def optional(match: re.Match[str]) -> JsonValue:
    """Say that there may be no Redis, if the line asks for it and nothing fails without."""
    is_asked = _MAY_BE_WITHOUT.search(_line_of(match)) is not None
    begin = match.string.rfind("\n", 0, match.start())
    if _MADE.search(match.string, max(begin - _LONGEST_CALL, 0), max(begin, 0)):
        # What has just been made is asked whether that went well.
        return None
    return "none" if is_asked and not is_demanded(match.string, match.start()) else None


def registered(match: re.Match[str]) -> JsonValue:
    """Read a route that is given to a router: its path, or what names it."""
    line = _line_of(match)
    # A handler that is made of a function on the spot is put somewhere else; one of messages is
    # given their context.
    if line.lstrip().startswith("//") or (match[2] or "").startswith(("func(", "ctx")):
        return None
    if "promhttp." in line:
        return "/metrics"
    joined = _JOINED.match(match.string, match.end()) if match[1] == "/" else None
    if joined:
        return joined[1]
    is_front = match[1] == "/" and "func(" in line and "promhttp." in match.string
    return FRONT_PAGE if is_front else match[1] or match[2] or "/"


# What waits on any free port of the loopback for one answer.
_FOR_TESTS: Final = Pattern(r"\n[ \t]*(?:import )?\"(?:testing|net/http/httptest)\"")
# What is called so, and listens to a queue.
_OWN_METHOD: Final = Pattern(r"\) ListenAndServe\(")
_CALLBACK: Final = Pattern(r"\"(?:localhost|127\.0\.0\.1):0\"")


def http(match: re.Match[str]) -> JsonValue:
    """Read a sign of a server that is no comment and serves others than this machine's browser."""
    is_comment = line_before(match).lstrip().startswith("//")
    is_aside = _CALLBACK.search(match.string) or _FOR_TESTS.search(match.string)
    is_other = _OWN_METHOD.search(match.string) and '"net/http"' not in match.string
    return None if is_comment or is_aside or is_other else "http"


def fields(match: re.Match[str]) -> JsonValue:
    """Read the variables that envconfig looks at: PREFIX_FIELD for each field of the file."""
    prefix = match[1] or ""
    if match[2]:
        said = re.search(rf"\b{match[2]}[ \t]*(?:string[ \t]*)?:?=[ \t]*\"(\w*)\"", match.string)
        if said is None:
            return None
        prefix = said[1]
    names = settable_names(match.string)
    before = f"{prefix}_" if prefix else ""
    return list[JsonValue](sorted({f"{before}{name}".upper() for name in names})) or None


def command(match: re.Match[str]) -> JsonValue:
    """Read a subcommand; a general name counts where its file serves."""
    is_plain = match[1] in ("serve", "server", "web", "worker", "consumer", "scheduler")
    return match[1] if is_plain or re.search(r"Listen|Serve\b|[sS]erver", match.string) else None
