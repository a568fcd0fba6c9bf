"""Where Go source says that it listens: calls, flags, tags, names and their defaults."""

from typing import Final

from analyzer.languages.go import readings
from analyzer.languages.go.spellings import by_case
from analyzer.source_rules import Pattern, Reading, SourceRule
from delightful.recommendation import Confidence

_TAGGED: Final[tuple[tuple[Confidence, Reading], ...]] = (
    ("high", readings.tagged_port),
    ("low", readings.command_port),
)

PORT_RULES: Final = (
    *by_case(
        "go/port-variable",
        "port",
        ("Env", "env"),
        r"\w*\([ \t]*\"([A-Z][A-Z0-9_]*)\"[ \t]*,[ \t]*\"?([^\",()\s]{0,40}?\d{2,5})\"?\)",
        "high",
        readings.named_port,
    ),
    *by_case(
        "go/port-fallback",
        "port",
        {"Getenv(": "env", "LookupEnv(": "Env"},
        r"\"([A-Z][A-Z0-9_]*)\"\)",
        "medium",
        readings.fallback_port,
    ),
    *by_case(
        "go/port-flag",
        "port",
        {".Int": "lag", ".Uint": "lag", ".String": "lag", ".SetDefault": ".SetDefault"},
        r"(?:16|32)?(?:P|Var|VarP)?\([ \t]*(?:&?[\w.\[\]*]+[ \t]*,[ \t]*)?\"([\w.-]{2,40})\"[ \t]*,"
        r"[ \t]*(?:\"\w?\"[ \t]*,[ \t]*)?\"?([^\",()\s]{0,40}?\d{2,5})\"?[ \t]*[,)]",
        "high",
        readings.named_port,
    ),
    *(
        SourceRule(
            "go/port-tag",
            "port",
            'efault:"',
            Pattern(r"(?:^|\n)[ \t]*(\w+)[ \t]+[\w.*\[\]]+[ \t]+`([^`\n]*efault:\"[^`\n]*)`"),
            confidence,
            read,
        )
        for confidence, read in _TAGGED
    ),
    SourceRule(
        "go/port-listen",
        "port",
        '":',
        Pattern(r"\"(?:0\.0\.0\.0|\[::\])?(:\d{2,5})\""),
        "medium",
        readings.listened_port,
    ),
    SourceRule(
        "go/port-listen",
        "port",
        '"0.0.0.0:',
        Pattern(r"\"0\.0\.0\.0(:\d{2,5})\""),
        "medium",
        readings.listened_port,
    ),
    SourceRule(
        "go/port-listen",
        "port",
        ".Start(",
        Pattern(r"\.Start\(\"(?:localhost|127\.0\.0\.1)(:\d{2,5})\"\)"),
        "medium",
        readings.listened_port,
    ),
    *by_case(
        "go/port-named",
        "port",
        ("Port", "port", "PORT"),
        r"(?:[ \t]+(?:string|u?int(?:16|32)?))?[ \t]*(?::=|=|:)[ \t]*"
        r"\"?(:?\d{2,5})\"?[ \t]*[,\n/)]",
        "medium",
        readings.assigned_port,
    ),
    *by_case(
        "go/port-named",
        "port",
        ("Addr", "addr"),
        r"(?:ess)?(?:[ \t]+string)?[ \t]*(?::=|=|:)[ \t]*"
        r"\"((?:localhost|127\.0\.0\.1|0\.0\.0\.0)?:\d{2,5})\"",
        "medium",
        readings.assigned_port,
    ),
    SourceRule(
        "go/gin-run",
        "port",
        ".Run()",
        Pattern(r"\.Run\(\)"),
        "medium",
        readings.gin_port,
    ),
    SourceRule(
        "go/port-flag",
        "port",
        "Flag{",
        Pattern(
            r"Flag\{\s*Name:[ \t]*\"([\w-]+)[^}]{0,300}?"
            r"\bValue:[ \t]*\"?([^\",}\s]{0,40}?\d{2,5})\b"
        ),
        "high",
        readings.named_port,
    ),
)
