"""Where Node sources listen, and which of the sources are to be asked."""

import re
from functools import lru_cache
from typing import Final

from pydantic import JsonValue

from analyzer.languages.service_ports import is_foreign, is_foreign_port
from analyzer.patterns import Pattern
from analyzer.source_rules import SourceRule
from delightful.recommendation import Confidence

_ENTRY: Final = frozenset(
    {"app", "config", "configuration", "constants", "defaults", "env", "environment", "index"}
    | {"main", "server", "settings", "start", "www"}
)
_SPAN: Final = 400
# Where the word stands within what is looked for.
_SHORT: Final = 40
_PORT_NAME: Final = r"(?:(?:APP|SERVER|HTTP|API|WEB|LISTEN|SERVICE)_)?PORT"
_NUMBER: Final = r"[\"'`]?(\d{2,5})\b"
_OR_CHOICE: Final = r"env\.PORT[ \t]*(?:\|\||\?\?)[ \t]*\([ \t]*(?:process\.)?env\.NODE_ENV[ \t]*"
_DEFAULT: Final = r"(?:\|\||\?\?|,)[ \t]*" + _NUMBER


def _port(match: re.Match[str]) -> JsonValue:
    # A radix (`parseInt(port, 10)`) and a port of the system's own are none of the service's.
    number = int(next(group for group in match.groups() if group and group.isdecimal()))
    if is_foreign_port(number) and is_foreign(match.groupdict().get("name", "")):
        return None
    return number if number in (80, 443) or 1000 <= number < 65536 else None


def _ports(
    word: str,
    confidence: Confidence,
    rule: str,
    *patterns: str,
    beside: tuple[str, ...] = (),
    span: int = _SPAN,
) -> list[SourceRule]:
    return [
        SourceRule(rule, "port", word, Pattern(pattern), confidence, _port, span, beside)
        for pattern in patterns
    ]


PORT_RULES: Final = [
    *_ports(
        "PORT",
        "high",
        "node/port-variable",
        r"env(?:\.PORT\b|\[[\"'`]PORT[\"'`]\])[ \t!]*(?:,[ \t]*10)?[ \t)]*"
        rf"(?:(?:\|\||\?\?)[ \t]*(?:process\.)?env\.\w{{1,40}}[ \t]+)?{_DEFAULT}",
        r"env\.PORT[ \t]*\?[ \t]*[^\n:?]{1,50}:[ \t]*" + _NUMBER,
        beside=("env.PORT", 'env["PORT', "env['PORT", "env[`PORT"),
    ),
    *_ports(
        "PORT",
        "high",
        "node/port-variable",
        r"(?:get(?:<\w{1,20}>)?|env|int|number|integer)\([\"'`]PORT[\"'`](?:\)[ \t!]*)?" + _DEFAULT,
        r"get\([\"'`]PORT[\"'`]\)(?:\.\w{1,20}\(\))?\.default\(" + _NUMBER,
        beside=('("PORT', "('PORT", "(`PORT"),
    ),
    *_ports(
        "PORT",
        "high",
        "node/port-variable",
        r"(?<![A-Z_])PORT[\"']?:[ \t]*[\w.]{1,20}[^,;{}]{0,160}?\bdefault\([ \t]*" + _NUMBER,
        r"(?<![A-Z_])PORT[\"']?:[ \t]*\w{0,10}\(?\{[^}]{0,160}?\bdefault:[ \t]*" + _NUMBER,
        beside=("PORT:", 'PORT":', "PORT':"),
    ),
    *_ports(
        "PORT",
        "high",
        "node/port-variable",
        rf"{_OR_CHOICE}!==?[ \t]*[\"']development[\"'][ \t]*\?[ \t]*" + _NUMBER,
        rf"{_OR_CHOICE}===?[ \t]*[\"']production[\"'][ \t]*\?[ \t]*" + _NUMBER,
        rf"{_OR_CHOICE}===?[ \t]*[\"']development[\"'][ \t]*\?[^:\n]{{1,20}}:[ \t]*" + _NUMBER,
        beside=("NODE_ENV",),
    ),
    *_ports(
        "PORT",
        "medium",
        "node/named-port",
        # What is chosen where it is no machine of a developer's.
        rf"\.{_PORT_NAME}[ \t]*(?:,[ \t]*10)?[ \t)]*(?:\|\||\?\?)[ \t]*\([ \t]*"
        r"(?:is_?)?[dD]ev\w{0,15}[ \t]*\?[ \t]*\d{2,5}[ \t]*:[ \t]*" + _NUMBER,
    ),
    *_ports(
        "format:",
        "high",
        "node/port-format",
        r"\bformat:[ \t]*[\"']port[\"'],\s{0,20}default:[ \t]*" + _NUMBER,
    ),
    *_ports(
        "port:",
        "medium",
        "node/port-key",
        # At the first depth of what a file of settings exports.
        r"(?m:^(?:\t| {2}| {4})port:[ \t]*(\d{4,5}),$)",
    ),
    *_ports(
        "PORT",
        "medium",
        "node/named-port",
        # What follows a host in an address is where another one is asked.
        rf"(?<!\}}:\$\{{)(?<!\}}:\$\{{process\.)env\.{_PORT_NAME}"
        rf"[ \t!]*(?:,[ \t]*10)?[ \t)]*{_DEFAULT}",
        beside=("env.",),
    ),
    *_ports(
        "PORT",
        "medium",
        "node/named-port",
        r"\b[pP]ort[ \t]*[:=][ \t]*(?:[\w.]{1,30}[ \t]*\|\|[ \t]*)?(?:\w{1,10}\()?"
        r"(?:process\.)?env\.(?P<name>\w{1,40}_PORT)\b[ \t)]*" + _DEFAULT,
        beside=("_PORT",),
    ),
    *_ports(
        "PORT",
        "medium",
        "node/named-port",
        rf"\.listen\([ \t]*(?:process\.)?env\.\w{{1,40}}_PORT\b[ \t]*{_DEFAULT}",
        beside=(".listen(",),
    ),
    *_ports(
        "PORT",
        "medium",
        "node/named-port",
        rf"env\.\w{{1,40}}_PORT,[ \t]*(?:process\.)?env\.PORT[ \t]*{_DEFAULT}",
        beside=("env.PORT",),
    ),
    *_ports(
        "PORT",
        "medium",
        "node/named-port",
        rf"\b(?:DEFAULT_)?{_PORT_NAME}(?::[ \t]*number)?[ \t]*[=:][ \t]*[\"']?(\d{{4,5}})\b",
        span=_SHORT,
    ),
    *_ports(
        "ort = ",
        "medium",
        "node/port-constant",
        r"\b(?:const|let|var)[ \t]+(?:default)?[pP]ort(?::[ \t]*\w+)?[ \t]*=[ \t]*(\d{4,5})\b",
        span=_SHORT,
    ),
    *_ports(
        "ort = ",
        "medium",
        "node/port-constant",
        r"\bport[ \t]*=[ \t]*port[ \t]*\|\|[ \t]*(\d{4,5})\b",
        beside=("port ||", "port||"),
    ),
    *_ports(
        "(port",
        "medium",
        "node/port-constant",
        # The default of what a function that starts the server is told first.
        r"\bfunction \w{0,10}[sS]tart\w{0,20}\(port(?::[ \t]*\w+)?[ \t]*=[ \t]*[\"']?(\d{4,5})\b",
    ),
    *_ports(
        ".port",
        "medium",
        "node/port-constant",
        r"\bport[ \t]*[=:][ \t]*(?:[\w.]{1,30}\.port[ \t]*(?:\|\||\?\?)[ \t]*){1,3}(\d{4,5})\b",
        r"(?m:^(?:module\.)?exports\.port[ \t]*=[ \t]*(\d{4,5});?$)",
    ),
    *_ports(
        "ort')",
        "medium",
        "node/port-constant",
        r"get\('(?:\w{1,20}\.)?port'\)[ \t]*\|\|[ \t]*(\d{4,5})\b",
    ),
    *_ports(
        ".listen(",
        "medium",
        "node/listen",
        r"\.listen\([ \t]*(\d{2,5})\b",
        r"\.listen\(\s{0,20}\{[^}]{0,80}?\bport:[ \t]*(\d{2,5})\b",
    ),
    *_ports(
        "serve(",
        "medium",
        "node/listen",
        r"\bserve\(\s{0,20}\{[^}]{0,160}?\bport:[ \t]*(\d{2,5})\b",
    ),
]


_BESIDE: Final = frozenset(
    {"client", "frontend", "scripts", "script", "tools", "seeds", "storybook", ".storybook"}
    | {"locales", "i18n", "lang", "public", "static", "extra", "examples", "dev", "mock", "mocks"}
    | {"experimental", "playground", "sandbox"}
)


@lru_cache(maxsize=4096)
def _is_beside(folder: str) -> bool:
    return not _BESIDE.isdisjoint(folder.split("/"))


def is_server_side(path: str) -> bool:
    """Say whether a source may be what runs: no browser's code, no tool's settings, no script."""
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    if stem in _BESIDE or _is_beside(folder) or name.endswith(".d.ts"):
        return False
    return ".config." not in name and not stem.startswith(("webpack", "vite", "gulp", "Grunt"))


def is_entry(path: str) -> bool:
    """Say whether a source bears one of the names of what is started or of its settings."""
    return path.rpartition("/")[2].partition(".")[0].lower() in _ENTRY
