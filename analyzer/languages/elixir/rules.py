"""What Elixir source says: the patterns, and how what they match is read."""

import re
from typing import Final

from pydantic import JsonValue

from analyzer.languages.health_routes import enclosing_prefix, joined, meaning_of
from analyzer.languages.service_ports import is_of_another, names_own_port, own_port
from analyzer.patterns import Pattern
from analyzer.source_rules import Reading, SourceRule, constant, text_of
from delightful.recommendation import Confidence

_SCOPE: Final = Pattern(r"\bscope[ (]+(?:path:[ \t]*)?\"(/[^\"\n]*)\"")
_REGISTERS: Final = Pattern(
    r"\b(?:get|head|match|forward|live|plug|request_path:|request_path ==|path:"
    r"|when path (?:==|in))[ (\[]*"
    r"(?:[\w.]+,[ \t]*(?:\w+:[ \t]*)?\[?)?$"
)
_PLUG: Final = Pattern(r"^ *(?:@behaviour Plug\b|(?:import|use) Plug\.|def call\()", re.MULTILINE)
_HEALTH: Final = r"[\w-]{0,12}?(?:health|ready|readiness|live|heartbeat|ping)[\w-]{0,12}/?"
_ADAPTERS: Final = {
    "Postgres": "postgres",
    "MyXQL": "mysql",
    "MySQL": "mysql",
    "SQLite3": "sqlite",
    "Tds": "sqlserver",
}
_FALLBACK: Final = Pattern(
    r"[ \t]*(?:,[ \t]*(?:\w+:[ \t]*)?\"?|(?:,[ \t]*:\w+)?\)[ \t]*\|\|[ \t]*\"?)(\d{2,5})\b"
)
_TEST_BLOCK: Final = Pattern(r"^(?:if|case)\b[^\n]*:test\b", re.MULTILINE)
_SETTINGS: Final = Pattern(r"^[ \t]*config :\w+, ([\w.]+)", re.MULTILINE)
# What a list or a tuple is given to, up to a place in it.
_OPENER: Final = Pattern(r"(\w[\w:,. \t]*[:(,])[ \t]*[\[{][^\[\]{}]*(?:\{[^{}]*\}[^\[\]{}]*)?$")
_OWN_BLOCK: Final = Pattern(r"\b(?:http|options|Bandit|Cowboy)\b")


def _line_before(match: re.Match[str]) -> str:
    start = match.start()
    return match.string[match.string.rfind("\n", 0, start) + 1 : start]


def _is_comment(match: re.Match[str]) -> bool:
    return _line_before(match).lstrip().startswith("#")


def _route(match: re.Match[str]) -> JsonValue:
    if _is_comment(match) or not _REGISTERS.search(_line_before(match)):
        return None
    path = joined(enclosing_prefix(match.string, match.start(), _SCOPE), match[1])
    return path if meaning_of(path) else None


def _scoped_route(match: re.Match[str]) -> JsonValue:
    path = joined(enclosing_prefix(match.string, match.start(), _SCOPE), match[1])
    return path if meaning_of(path) else None


def _forward(match: re.Match[str]) -> JsonValue:
    path = joined(enclosing_prefix(match.string, match.start(), _SCOPE), match[1])
    return None if _is_comment(match) or path == "/" else [path, match[2]]


def _own_plug(match: re.Match[str]) -> JsonValue:
    """Read a module of the program's own that a router asks before its routes."""
    return match[1].rpartition(".")[2] if "use Plug.Router" in match.string else None


def _path_info(match: re.Match[str]) -> JsonValue:
    path = joined(*re.findall(r"\"([^\"\n]*)\"", match[1]))
    return path if "_" not in re.findall(r"\w+", match[1]) and meaning_of(path) else None


def _compared(match: re.Match[str]) -> JsonValue:
    """Read an attribute of a module that is a plug: it compares the path of a request with it."""
    is_plug = _PLUG.search(match.string) is not None
    return match[1] if is_plug and meaning_of(match[1]) else None


def _variable_port(match: re.Match[str]) -> JsonValue:
    if _is_comment(match) or not names_own_port(match[1]):
        return None
    fallback = _FALLBACK.match(match.string, match.end())
    return own_port(fallback[1]) if fallback else None


def _endpoint_port(match: re.Match[str]) -> JsonValue:
    # `port:` of the endpoint's `http`, not of its `url` and not of a database.
    start = max(match.start() - 120, 0)
    before = match.string[start : match.start()]
    opener = _OPENER.search(before)
    is_own = opener is not None and _OWN_BLOCK.search(opener[1])
    if is_of_another(match.string, match.start(), _SETTINGS):
        return None
    tests = list(_TEST_BLOCK.finditer(match.string, max(match.start() - 4000, 0), match.start()))
    if tests and "\nend" not in match.string[tests[-1].start() : match.start()]:
        return None
    return own_port(match[1]) if is_own and not _is_comment(match) else None


def _server_port(match: re.Match[str]) -> JsonValue:
    """Read what a server is started with: a number, or an attribute of the module that is one."""
    said = match[1]
    if said.startswith("@"):
        attribute = re.search(rf"^[ \t]*{said} (\d{{2,5}})\b", match.string, re.MULTILINE)
        said = attribute[1] if attribute else ""
    return None if _is_comment(match) else own_port(said)


def _variable(match: re.Match[str]) -> JsonValue:
    return None if _is_comment(match) else match[1]


def _adapter(match: re.Match[str]) -> JsonValue:
    return _ADAPTERS.get(match[1]) if not _is_comment(match) else None


def _one(
    rule: str, field: str, word: str, pattern: str, read: Reading, confidence: Confidence = "medium"
) -> SourceRule:
    return SourceRule(rule, field, word, Pattern(pattern, re.MULTILINE), confidence, read)


RULES: Final = (
    _one(
        "elixir/endpoint",
        "serves",
        "use Phoenix.Endpoint",
        r"use Phoenix\.Endpoint",
        constant("endpoint"),
    ),
    _one(
        "elixir/server",
        "serves",
        "Plug.Cowboy",
        r"Plug\.Cowboy(?:\b[^\n]*(?:scheme|plug)|\.(?:child_spec|https?)\()",
        constant("server"),
    ),
    _one(
        "elixir/server",
        "serves",
        "Plug.Adapters.Cowboy",
        r"Plug\.Adapters\.Cowboy2?(?:\.(?:child_spec|http|https)\(|, scheme: )",
        constant("server"),
    ),
    _one("elixir/server", "serves", "{Bandit", r"\{Bandit\b", constant("server")),
    _one(
        "elixir/health-route",
        "health_path",
        '"/',
        rf'"(/(?:[\w.~-]{{1,30}}/){{0,4}}{_HEALTH})"',
        _route,
    ),
    *(
        # A router takes a path without its first slash, too.
        _one(
            "elixir/health-route",
            "health_path",
            word,
            rf'^[ \t]*{word}"({_HEALTH})"',
            lambda match: f"/{match[1]}",
        )
        for word in ("get ", "match ")
    ),
    _one("elixir/health-route", "health_path", '"/status"', r'"(/status)"', _route, "low"),
    _one(
        "elixir/health-route",
        "health_path",
        "scope ",
        rf'scope[ (]"(/(?:[\w.~-]{{1,30}}/){{0,4}}{_HEALTH})"[^\n]* do\n'
        r'(?:[^\n]*\n){0,3}? *(?:get|match)[ (]"/"',
        _scoped_route,
    ),
    _one(
        "elixir/forward",
        "forwards",
        "forward",
        r'\bforward[ (]+"(/[\w/-]{0,60})", (?:[A-Z]\w{0,60}\.){0,6}([A-Z]\w{0,60}Router)\b',
        _forward,
    ),
    *(
        _one("elixir/route", "routes", word, rf'^[ \t]*{word}[ (]+"(/[^"\n]{{0,80}})"', text_of)
        for word in ("get", "post", "put", "patch", "delete", "match", "forward")
    ),
    _one(
        "elixir/route",
        "routes",
        "plug ",
        r"^[ \t]*plug[ (]+(?!Plug\.)((?:[A-Z]\w{0,60}\.){0,6}[A-Z]\w{0,60})",
        _own_plug,
    ),
    _one(
        "elixir/health-plug",
        "health_path",
        "path_info:",
        r"path_info: \[([^\]\n]*)\]",
        _path_info,
    ),
    _one(
        "elixir/health-plug",
        "health_path",
        "request_path",
        rf'^[ \t]*@\w{{1,40}}[ \t]+\[?\s{{0,20}}"(/(?:[\w.~-]{{1,30}}/){{0,4}}{_HEALTH})"',
        _compared,
    ),
    _one(
        "elixir/health-plug",
        "health_path",
        "plug PlugHeartbeat",
        r"plug PlugHeartbeat(?:, path: \"([^\"\n]+)\")?",
        lambda match: match[1] or "/heartbeat",
    ),
    _one(
        "elixir/port-variable",
        "port",
        "PORT",
        r"\"([A-Z_]*PORT)\"",
        _variable_port,
        "high",
    ),
    _one("elixir/endpoint-port", "port", "port:", r"port: (\d{2,5})\b", _endpoint_port),
    *(
        _one(
            "elixir/server-port",
            "port",
            word,
            r"(?:\{Bandit,|\bBandit\.start_link\(|\bCowboy\.http\()[^{}()]{0,200}?"
            r"\bport: (\d{2,5}\b|@\w{1,30})",
            _server_port,
        )
        for word in ("{Bandit,", "Bandit.start_link(", "Cowboy.http(")
    ),
    _one(
        "elixir/server-port",
        "port",
        ":port, ",
        r"\bget_env\(:\w{1,40}, :(?:http_)?port, (\d{2,5})\)",
        _server_port,
    ),
    _one(
        "elixir/environment",
        "environment_variables",
        "env",
        r"env[\w?]*!?\.?\(\s*(?:\w+,\s*)?\"([A-Z][A-Z0-9_]{2,})\"",
        _variable,
        "high",
    ),
    _one(
        "elixir/environment",
        "environment_variables",
        "Env.",
        r"Env\.\w+!?\(\"([A-Z][A-Z0-9_]{2,})\"",
        _variable,
        "high",
    ),
    _one(
        "elixir/environment",
        "environment_variables",
        "System.get_env()",
        r"System\.get_env\(\), \"([A-Z][A-Z0-9_]{2,})\"",
        _variable,
        "high",
    ),
    _one(
        "elixir/environment",
        "environment_variables",
        "{:system",
        r"\{:system, (?::\w+, )?\"([A-Z][A-Z0-9_]{2,})\"",
        _variable,
        "high",
    ),
    _one(
        "elixir/environment",
        "environment_variables",
        "|> System.",
        r"\"([A-Z][A-Z0-9_]{2,})\"\s*\|> System\.(?:get|fetch)_env",
        _variable,
        "high",
    ),
    *(
        _one("elixir/store", "stores", word, rf"\b{word}\b", constant(True))
        for word in ("EventStore", "Exqlite", "Mongo", "MyXQL", "Postgrex", "Repo", "Tds")
    ),
    _one("elixir/adapter", "database", "Ecto.Adapters.", r"Ecto\.Adapters\.(\w+)", _adapter),
    _one(
        "elixir/release-task",
        "release-tasks",
        "def migrate",
        r"defmodule ([\w.]*Release\w*) do(?s:.{0,4000}?)\n  def (?:migrate)\b",
        text_of,
    ),
)
