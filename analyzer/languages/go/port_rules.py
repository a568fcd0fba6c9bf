"""Where Go source says that it listens: calls, flags, tags, names and their defaults."""

import re
from typing import Final

from analyzer.languages.go import readings
from analyzer.languages.go.spellings import by_case
from analyzer.patterns import Pattern
from analyzer.source_rules import Reading, SourceRule
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
            word,
            Pattern(rf"(?:^|\n)[ \t]*(\w+)[ \t]+[\w.*\[\]]+[ \t]+`([^`\n]*{word}[^`\n]*)`"),
            confidence,
            read,
        )
        for confidence, read in _TAGGED
        for word in ('efault:"', ",default=", ':"default:')
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
    *(
        SourceRule(
            "go/port-listen",
            "port",
            word,
            Pattern(
                rf"{re.escape(word)}(?:\"tcp[46]?\",[ \t]*)?"
                r"\"(?:localhost|127\.0\.0\.1)(:\d{2,5})\""
            ),
            "medium",
            readings.listened_port,
        )
        for word in (".Start(", ".Run(", ".Listen(", "ListenAndServe(")
    ),
    *(
        SourceRule(
            "go/port-listen", "port", word, Pattern(pattern), "medium", readings.listened_port
        )
        for word, pattern in (
            ('(":%', r"\(\":%[dsv]\",[ \t]*\"?(\d{4,5})\"?\)"),
            ("JoinHostPort(", r"JoinHostPort\([^,\n]{0,40},[ \t]*\"(\d{2,5})\"\)"),
        )
    ),
    SourceRule(
        "go/port-variable",
        "port",
        'PORT", ',
        Pattern(r"\"((?:[A-Z0-9]{1,20}_){0,3}PORT)\", \"?(:?\d{2,5})\"?\)"),
        "high",
        readings.named_port,
        80,
    ),
    SourceRule(
        "go/port-flag",
        "port",
        '.Default("',
        Pattern(
            r"\.Flag\(\"([\w.-]{2,40})\"[^)\n]{0,200}\)(?:\.\w+\([^)\n]{0,60}\)){0,3}?"
            r"\.Default\(\"([^\"\s]{0,40}?\d{2,5})\"\)"
        ),
        "high",
        readings.named_port,
    ),
    SourceRule(
        "go/port-key",
        "port",
        'ort": ',
        Pattern(r"\"((?:\w{1,20}[._-])?port)\": \"?(\d{4,5})\"?[,}\n]"),
        "medium",
        readings.named_port,
        80,
        ("confmap.Provider", "SetDefaults("),
    ),
    *by_case(
        "go/port-named",
        "port",
        ("Port", "port", "PORT"),
        r"(?:[ \t]+(?:string|u?int(?:16|32)?))?[ \t]*(?::=|=|:)[ \t]*"
        r"\"?(:?\d{2,5})\"?[ \t]*[,\n/)}]",
        "medium",
        readings.assigned_port,
    ),
    *by_case(
        "go/port-named",
        "port",
        ("Addr", "addr", "Listen"),
        r"(?:ess)?(?:[ \t]+string)?[ \t]*(?::=|=|:)[ \t]*"
        r"\"((?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::\])?:\d{2,5})\"",
        "medium",
        readings.assigned_port,
    ),
    SourceRule(
        "go/port-flag",
        "port",
        "ortFlag",
        # A flag whose name is a constant: `flags.Int32P(portFlagName, "p", 8013, "…")`.
        Pattern(
            r"\.U?[iI]nt(?:16|32)?P?\([ \t]*(\w{0,20}[pP]ort)Flag(?:Name)?,"
            r"[ \t]*(?:\"\w?\",[ \t]*)?(\d{2,5}),"
        ),
        "high",
        readings.named_port,
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
            r"\bValue:[ \t]*\"?([^\",}\s]{0,40}?\d{2,5})(?![\w.:])"
        ),
        "high",
        readings.named_port,
    ),
)
