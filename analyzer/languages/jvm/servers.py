"""Java and Kotlin sources: where a server is started, and on which port."""

import re
from typing import Final

from pydantic import JsonValue

from analyzer.source_rules import Pattern, SourceRule, constant, port_of

# Of a variable's name: its port is that of something else.
_OF_OTHERS = re.compile(
    r"ADMIN|DATABASE|DB|DEBUG|JMX|KAFKA|MAIL|MANAGEMENT|METRICS|MONGO|MYSQL|PG|POSTGRES|PROMETHEUS"
    r"|PROXY|RABBIT|REDIS|SMTP"
)


_OF_FRAMEWORKS = re.compile(r"^package io\.(?:javalin|ktor)\b", re.MULTILINE)


def _served_port(match: re.Match[str]) -> JsonValue:
    return None if _OF_OTHERS.search(match[1] or "") else int(match[2])


def _serves(match: re.Match[str]) -> JsonValue:
    """Say that a server is started, unless by the sources of the framework itself."""
    return None if _OF_FRAMEWORKS.search(match.string) else "web"


SERVER_RULES: Final = (
    SourceRule(
        "jvm/grpc-server",
        "kind",
        ".forPort(",
        Pattern(r"\b(?:Netty)?ServerBuilder\.forPort\("),
        "medium",
        constant("web"),
        100,
    ),
    SourceRule(
        "jvm/grpc-port",
        "port",
        ".forPort(",
        Pattern(r"\bServerBuilder\.forPort\([ \t]*(\d{2,5})\b"),
        "high",
        port_of,
        100,
    ),
    SourceRule(
        "jvm/port-variable",
        "port",
        "PORT",
        Pattern(
            r"(?:getenv|getOrDefault|env|get)[(\[][ \t]*\"(\w{1,30}_)?PORT\""
            r"[^\n\"]{0,60}?\"?\b(\d{4,5}|80)\b"
        ),
        "high",
        _served_port,
        200,
    ),
    SourceRule(
        "jvm/embedded-server",
        "port",
        "embeddedServer",
        Pattern(r"\bembeddedServer\([^\n]{0,80}?port[ \t]*=[ \t]*(\d{2,5})\b"),
        "high",
        port_of,
    ),
    SourceRule(
        "jvm/javalin-start",
        "port",
        "Javalin",
        Pattern(
            r"\.start\([ \t]*(\d{2,5})[ \t]*\)"
            r"|\bjetty\.(?:port|defaultPort)[ \t]*=[ \t]*(\d{2,5})\b"
        ),
        "high",
        lambda match: int(match[1] or match[2]),
    ),
    SourceRule(
        "jvm/javalin",
        "kind",
        "Javalin.",
        Pattern(r"\bJavalin\.(?:create|start)\b"),
        "medium",
        _serves,
    ),
    SourceRule(
        "jvm/embedded-engine",
        "kind",
        "embeddedServer(",
        Pattern(r"\bembeddedServer\("),
        "medium",
        _serves,
    ),
    SourceRule(
        "jvm/engine-main",
        "kind",
        "EngineMain.main(",
        Pattern(r"\bEngineMain\.main\("),
        "medium",
        constant("web"),
    ),
    SourceRule(
        "jvm/handler-as-server",
        "kind",
        ".asServer(",
        Pattern(r"\.asServer\("),
        "medium",
        constant("web"),
    ),
    SourceRule(
        "jvm/as-server",
        "port",
        "asServer(",
        Pattern(r"\basServer\([ \t]*\w{1,30}\([ \t]*(?:port[ \t]*=[ \t]*)?(\d{2,5})\b"),
        "high",
        port_of,
    ),
    SourceRule(
        "jvm/listen",
        "port",
        ".listen(",
        Pattern(r"\.listen\([ \t]*(\d{2,5})\b"),
        "medium",
        port_of,
    ),
    SourceRule(
        "jvm/port-constant",
        "port",
        "ort = ",
        Pattern(
            r"\b(?:port|(?:default|http|server|listen)Port)(?:[ \t]*:[ \t]*Int)? = (\d{4,5})\b"
        ),
        "low",
        port_of,
        200,
    ),
    SourceRule(
        "jvm/default-port-constant",
        "port",
        "DEFAULT_",
        Pattern(r"\bDEFAULT_(?:HTTP_|SERVER_)?PORT\b[^\n=]{0,20}= (\d{4,5})\b"),
        "low",
        port_of,
        100,
    ),
    SourceRule(
        "jvm/port-key",
        "port",
        '.port"',
        Pattern(r"\"(?:app|http|server|web)\.port\"[^;{}\"]{0,160}?\b(\d{4,5})\b"),
        "medium",
        port_of,
        250,
    ),
    SourceRule(
        "jvm/port-property",
        "port",
        "defaultValue",
        Pattern(
            r"\bport\b[^\n]{0,80}\([^\n]{0,80}(?:\n[^\n]{0,80}){0,5}?"
            r"\bdefaultValue[ \t]*=[ \t]*(\d{4,5})\b",
            re.IGNORECASE,
        ),
        "medium",
        port_of,
    ),
    SourceRule(
        "jvm/listener",
        "kind",
        "Listener(",
        Pattern(r"@(?:Kafka|Rabbit|Jms|Sqs)Listener\("),
        "low",
        constant("worker"),
    ),
)
