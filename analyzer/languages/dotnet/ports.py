"""Which port C# sources listen on."""

import re

from pydantic import JsonValue

from analyzer.languages.service_ports import names_own_port, own_port
from analyzer.patterns import Pattern
from analyzer.source_rules import SourceRule, port_of

_SERVER_SETTINGS = Pattern(
    r"\bclass (?:Server|Host|Web|Http|Network|App|Api)\w{0,20}(?:Config|Settings|Options)"
)
# Ports of stores and queues, which are settings of clients.
_OF_STORES = frozenset({1433, 1883, 3306, 5432, 5672, 6379, 9092, 9200, 11211, 27017})


def _configured_port(match: re.Match[str]) -> JsonValue:
    """A port that a class of the server's own settings begins with."""
    port = int(match[1])
    return port if _SERVER_SETTINGS.search(match.string) and port not in _OF_STORES else None


def _constant_port(match: re.Match[str]) -> JsonValue:
    return own_port(match[2]) if names_own_port(match[1]) else None


PORT_RULES = (
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
        "dotnet/listen",
        "port",
        "WebserverSettings(",
        Pattern(r"\bnew WebserverSettings\([^,()\n]{1,60}, (\d{2,5})\b"),
        "medium",
        port_of,
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
)
