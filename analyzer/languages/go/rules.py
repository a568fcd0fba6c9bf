"""What Go source says: the patterns, each with what reads its match."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from analyzer.languages.go import readings
from analyzer.source_rules import Pattern, Reading, SourceRule, constant, text_of
from delightful.recommendation import Confidence


def _serves(word: str) -> SourceRule:
    # What sends a file is called by a server, and says nothing of one that listens.
    pattern = Pattern(rf"{re.escape(word)}(?!File|Content)\w*")
    return SourceRule("go/serves", "serves", word, pattern, "medium", readings.http)


def _by_case(
    rule: str,
    field: str,
    words: Sequence[str] | Mapping[str, str],
    rest: str,
    confidence: Confidence,
    read: Reading,
) -> Iterator[SourceRule]:
    """Yield one rule a spelling: a pattern that begins with a word is searched for fast.

    Where a mapping says what else must stand in the text, that is looked for instead.
    """
    for word in words:
        needed = words[word] if isinstance(words, Mapping) else word
        yield SourceRule(rule, field, needed, Pattern(re.escape(word) + rest), confidence, read)


def _stores(word: str, names: str) -> tuple[SourceRule, SourceRule]:
    literal = Pattern(rf"[\"`]({names})[\"`]")
    return (
        SourceRule("go/sql-open", "database", word, literal, "medium", readings.opened),
        SourceRule("go/database-default", "database", word, literal, "medium", readings.chosen),
    )


# A path whose last part may be a name for the load balancer's question.
_PATH: Final = (
    r"(/(?:[\w.~-]{1,30}/){0,4}[\w-]{0,12}?"
    r"(?:health|ready|readiness|live|heartbeat|ping)[\w-]{0,12}/?)\""
)


def _routes(word: str) -> SourceRule:
    pattern = Pattern(re.escape(word.removesuffix("/")) + _PATH)
    return SourceRule("go/health-route", "health_path", word, pattern, "medium", readings.route)


RULES: Final = (
    SourceRule(
        "go/import",
        "imports",
        "import",
        # A block is the last import: taking the rest with it ends the search there.
        Pattern(r"\nimport (?:\(([^)(]{0,8000})\)(?s:.*)|(?:[\w.]+ )?(\"[^\"\n]+\"))"),
        "medium",
        readings.imports,
    ),
    SourceRule(
        "go/program",
        "programs",
        "package main",
        Pattern(r"package main\b"),
        "medium",
        readings.program,
    ),
    _serves("ListenAndServe"),
    _serves(".Listen("),
    _serves("http.Serve"),
    _serves("http.NewServeMux("),
    SourceRule(
        "go/grpc-server",
        "serves",
        "grpc.NewServer(",
        Pattern(r"grpc\.NewServer\("),
        "medium",
        constant("grpc"),
    ),
    *(_routes(word) for word in ('"/', '"GET /', '"HEAD /')),
    SourceRule(
        "go/health-route",
        "health_path",
        ".Group(",
        Pattern(r"\.Group\(\"(/[\w./-]*(?:health|ping|ready)[\w-]*)\""),
        "medium",
        readings.group_route,
    ),
    *_by_case(
        "go/port-variable",
        "port",
        ("Env", "env"),
        r"\w*\([ \t]*\"([A-Z][A-Z0-9_]*)\"[ \t]*,[ \t]*\"?([^\",()\s]{0,40}?\d{2,5})\"?\)",
        "high",
        readings.named_port,
    ),
    *_by_case(
        "go/port-fallback",
        "port",
        {"Getenv(": "env", "LookupEnv(": "Env"},
        r"\"([A-Z][A-Z0-9_]*)\"\)",
        "medium",
        readings.fallback_port,
    ),
    *_by_case(
        "go/port-flag",
        "port",
        {".Int": "lag", ".Uint": "lag", ".String": "lag", ".SetDefault": ".SetDefault"},
        r"(?:16|32)?(?:P|Var|VarP)?\([ \t]*(?:&?[\w.\[\]*]+[ \t]*,[ \t]*)?\"([\w.-]{2,40})\"[ \t]*,"
        r"[ \t]*(?:\"\w?\"[ \t]*,[ \t]*)?\"?([^\",()\s]{0,40}?\d{2,5})\"?[ \t]*[,)]",
        "high",
        readings.named_port,
    ),
    SourceRule(
        "go/port-tag",
        "port",
        'efault:"',
        Pattern(r"(?:^|\n)[ \t]*(\w+)[ \t]+[\w.*\[\]]+[ \t]+`([^`\n]*efault:\"[^`\n]*)`"),
        "high",
        readings.tagged_port,
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
    *_by_case(
        "go/port-named",
        "port",
        ("Port", "port", "PORT"),
        r"(?:[ \t]+(?:string|u?int(?:16|32)?))?[ \t]*(?::=|=|:)[ \t]*"
        r"\"?(:?\d{2,5})\"?[ \t]*[,\n/)]",
        "medium",
        readings.assigned_port,
    ),
    *_by_case(
        "go/port-named",
        "port",
        ("Addr", "addr"),
        r"(?:ess)?(?:[ \t]+string)?[ \t]*(?::=|=|:)[ \t]*"
        r"\"((?:localhost|127\.0\.0\.1|0\.0\.0\.0)?:\d{2,5})\"",
        "medium",
        readings.assigned_port,
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
        Pattern(r"edis\w*(?:\"[ \t]*:|\.\w*nabled|[\w.()\"]{0,30} ?[!=]= ?(?:\"\"|nil))"),
        "medium",
        readings.optional,
    ),
    *_by_case(
        "go/environment",
        "environment_variables",
        ("Env", "env"),
        r"\w*\([ \t]*(?:&?[\w.]+,[ \t]*)?\"([A-Z][A-Z0-9_]{2,})\"",
        "high",
        readings.variable,
    ),
    SourceRule(
        "go/cache-address",
        "cache-address",
        ":6379",
        Pattern(r":6379\b"),
        "medium",
        constant("redis"),
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
        "go/health-middleware",
        "health-middleware",
        ".Heartbeat(",
        Pattern(r"\bmiddleware\.Heartbeat\(\"(/[\w/-]{1,40})\"\)"),
        "medium",
        text_of,
    ),
    SourceRule(
        "go/health-route",
        "health_path",
        "rest.Ping",
        # The middleware of go-pkgz/rest answers there.
        Pattern(r"\brest\.Ping\b"),
        "medium",
        constant("/ping"),
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
    SourceRule(
        "go/environment-prefix",
        "prefixed-variables",
        "envconfig.",
        Pattern(r"envconfig\.(?:Must)?Process\(\"(\w+)\""),
        "medium",
        readings.fields,
    ),
    SourceRule(
        "go/environment-tag",
        "environment_variables",
        "env",
        Pattern(r"env(?:config)?:\"(?:[a-z]+=)?([A-Z][A-Z0-9_]{2,})\b"),
        "high",
        readings.variable,
    ),
    SourceRule(
        "go/environment-flag",
        "environment_variables",
        "Env",
        Pattern(r"Env(?:Vars?|ar)\b[^\"\n]{0,20}\"([A-Z][A-Z0-9_]{2,})\""),
        "high",
        readings.variable,
    ),
    SourceRule(
        "go/environment-prefix",
        "prefixed-variables",
        "SetEnvPrefix(",
        Pattern(r"SetEnvPrefix\(\"([\w-]+)\"\)"),
        "medium",
        readings.prefixed,
    ),
    SourceRule(
        "go/command",
        "commands",
        "Use:",
        Pattern(r"Use:[ \t]*\"([\w-]+)"),
        "medium",
        readings.command,
    ),
    SourceRule(
        "go/command",
        "commands",
        "cli.Command{",
        Pattern(r"cli\.Command\{\s*Name:[ \t]*\"([\w-]+)\""),
        "medium",
        readings.command,
    ),
    SourceRule(
        "go/command",
        "commands",
        'command:"',
        Pattern(r"command:\"([\w-]+)\""),
        "medium",
        readings.command,
    ),
    SourceRule(
        "go/auto-migrate",
        "migration_tool",
        ".AutoMigrate(",
        Pattern(r"\.AutoMigrate\("),
        "medium",
        constant("gorm"),
    ),
)
