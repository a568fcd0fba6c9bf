"""What Rust source says: the patterns, each with what reads its match."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.languages.rust import readings, routing, variables
from analyzer.patterns import Pattern
from analyzer.source_rules import Reading, SourceRule, constant, text_of
from delightful.recommendation import Confidence

_ARGUMENT: Final = (
    r"([^\[\]]{0,400})\)\]\s*(?:#\[[^\]\n]*\]\s*|///[^\n]*\n\s*){0,20}"
    r"(?:pub(?:\([^)]*\))? )?(\w+)\s*:"
)
_ARGUMENTS: Final = ("#[arg(", "#[argh(", "#[clap(", "#[structopt(", "#[envconfig(")
# What stands in a file that routes.
_ROUTING: Final = ("Router", "Route::", "App::new", "ServiceConfig", "scope(")
_HEALTH: Final = r"(?:(?:health|ready|readiness|live|heartbeat|ping|status)[\w-]{0,12}|hc)/?"


def _each(
    rule: str, field: str, words: Sequence[str], rest: str, read: Reading
) -> Iterator[SourceRule]:
    """Yield one rule a word: a pattern that begins with a word is searched for fast."""
    for word in words:
        pattern = Pattern(re.escape(word) + rest)
        yield SourceRule(rule, field, word, pattern, "medium", read)


def _one(
    rule: str, field: str, word: str, pattern: str, read: Reading, confidence: Confidence = "high"
) -> SourceRule:
    return SourceRule(rule, field, word, Pattern(pattern), confidence, read)


RULES: Final = (
    *_each(
        "rust/serves",
        "serves",
        ("HttpServer::new", "axum::serve", "warp::serve", "rocket::", "::bind(", ".add_service("),
        "",
        constant("http"),
    ),
    _one(
        "rust/health-route",
        "health_path",
        '"/',
        rf'"(/(?:[\w.~-]{{1,30}}/){{0,4}}[\w-]{{0,12}}?{_HEALTH})"',
        routing.route,
        "medium",
    ),
    _one(
        "rust/health-route",
        "health_path",
        '("health',
        rf'"({_HEALTH})"',
        routing.route,
        "medium",
    ),
    *_each(
        "rust/redis-client",
        "cache",
        ("bb8_redis::", "deadpool_redis::", "fred::", "r2d2_redis::"),
        "",
        constant("redis"),
    ),
    SourceRule(
        "rust/redis-client",
        "cache",
        "Client::open(",
        Pattern(r"\bClient::open\("),
        "medium",
        constant("redis"),
        beside=("redis::",),
    ),
    _one("rust/memcached-client", "cache", "memcache::", "memcache::", constant("memcached")),
    _one(
        "rust/health-route",
        "health_path",
        "path!(",
        rf"path!\(((?:\"[\w.-]{{1,30}}\" / ){{0,4}}\"{_HEALTH}\")\)",
        routing.joined_route,
        "medium",
    ),
    *_each(
        "rust/route",
        "routes",
        (".route(", ".nest(", "#[get(", "#[post(", "#[put(", "#[delete(", "web::resource("),
        r"\s*(?:&?format!\(\s*)?\"((?:\{\w*\})?/[^\"\s]{0,80})\"",
        text_of,
    ),
    _one(
        "rust/controller",
        "controllers",
        "Controller::new(",
        r"\bController::new\(",
        readings.controller,
    ),
    _one(
        "rust/mount",
        "mounts",
        "routes![",
        r"mount\(\s*\"(/[^\"\n]*)\",\s*routes!\[([^\]]*)\]",
        routing.mount,
    ),
    *(
        SourceRule(
            "rust/nest",
            "nests",
            word,
            Pattern(re.escape(word) + rest),
            "medium",
            read,
            beside=_ROUTING,
        )
        for words, rest, read in (
            (
                (".nest(", ".nest_service(", ".merge("),
                r"\s*(?:\"(/?[^\"\n]*)\",\s*)?([a-z_][\w:]*)[(),]",
                routing.nested,
            ),
            ((".configure(", ".service("), r"\s*([a-z_][\w:]*)[ \t\n]*\)", routing.registered),
        )
        for word in words
    ),
    *_each(
        "rust/port-listen",
        "port",
        ('"0.0.0.0', '"127.0.0.1', '"localhost', '"[::'),
        r"1?\]?(?::|\",[ \t]*)(\d{2,5})[\")]",
        readings.listened_port,
    ),
    *_each(
        "rust/port-listen",
        "port",
        ('"0.0.0.0:{}"', '"127.0.0.1:{}"'),
        r",[ \t]*(\d{2,5})\)",
        readings.listened_port,
    ),
    *_each(
        "rust/port-listen",
        "port",
        ("[0, 0, 0, 0]", "(0, 0, 0, 0)", "[127, 0, 0, 1]", "UNSPECIFIED", "LOCALHOST"),
        r"(?:\.into\(\)|[\])])*,[ \t]*(\d{2,5})\b",
        readings.listened_port,
    ),
    *(
        _one(
            "rust/port-variable",
            "port",
            "env",
            rf'{word}\w*(?:!|::<\w+>)?\(\s*"([A-Z][A-Z0-9_]*)"',
            readings.variable_port,
        )
        for word in ("var", "env")
    ),
    *_each("rust/port-argument", "port", _ARGUMENTS, _ARGUMENT, readings.argument_port),
    *(
        _one(
            "rust/port-default",
            "port",
            word,
            rf"#\[{before}\"?(\d{{2,5}})\"?\){{0,2}}\]\s*"
            r"(?:#\[[^\]\n]*\]\s*){0,8}(?:pub )?(\w+)\s*:",
            readings.marked_port,
        )
        for word, before in (
            ("default", r"(?:\w+\()?default(?:\(|[ \t]*=[ \t]*)"),
            ("educe(", r"educe\(Default[ \t]*=[ \t]*"),
            ("derivative(", r"derivative\(Default\(value[ \t]*=[ \t]*"),
        )
    ),
    _one(
        "rust/port-variable",
        "port",
        'PORT", ',
        r"\"((?:[A-Z0-9]{1,20}_){0,3}PORT)\", \"?(\d{2,5})\"?\)",
        readings.set_port,
    ),
    *(
        _one(
            "rust/port-default",
            "port",
            "efault",
            rf"\(\) -> {kind} \{{\s*(?:\w+::from\()?\"?{readings.ADDRESS}",
            readings.assigned_port,
        )
        for kind in ("u16", "u32", "String", "&'static str")
    ),
    _one(
        "rust/port-default",
        "port",
        "set_default(",
        rf"set_default\(\s*\"([\w.]+)\",\s*\"?{readings.ADDRESS}",
        readings.set_port,
    ),
    *_each(
        "rust/port-default",
        "port",
        ('Serialized::default("', '(("'),
        r"([\w.]{1,40})\",\s*\"?((?:(?:localhost|127\.0\.0\.1|0\.0\.0\.0):)?\d{2,5})\"?\)",
        readings.set_port,
    ),
    *_each(
        "rust/port-named",
        "port",
        ("port", "PORT", "addr", "ADDR", "bind", "BIND"),
        r"(?:\w{0,8}:[ \t]*&?(?:'static )?\w+)?[ \t]*[:=][ \t]*(?:\w+::from\(|Some\()?"
        r"\"?((?:(?:localhost|127\.0\.0\.1|0\.0\.0\.0):)?\d{2,5})\b",
        readings.assigned_port,
    ),
    _one(
        "rust/port-named",
        "port",
        "unwrap_or(",
        r"port(?:\"\))?\.unwrap_or\(\"?(\d{2,5})\"?\)",
        readings.assigned_port,
        "medium",
    ),
    *(
        _one(
            "rust/port-argument",
            "port",
            f"Arg::{made}(",
            rf"Arg::{made}\(\"([\w-]+)\"\)(?:(?!Arg::{made})[\s\S]){{0,500}}?"
            rf"default_value\(\"?{readings.ADDRESS}",
            readings.set_port,
        )
        for made in ("new", "with_name")
    ),
    _one(
        "rust/environment-prefix",
        "prefixed-variables",
        "prefix",
        r"(?:Env(?:ironment)?::(?:prefixed|with_prefix)|envy::prefixed)\(\s*\"([A-Za-z]\w*)\"",
        variables.prefixed,
        "medium",
    ),
    _one(
        "rust/environment-prefix",
        "prefixed-variables",
        "Environment::default()",
        r"add_source\(\s*(?:config::)?Environment::default\(\)",
        variables.prefixed,
        "medium",
    ),
    _one(
        "rust/environment-prefix",
        "prefixed-variables",
        "envy::from_env",
        r"envy::from_env",
        variables.prefixed,
        "medium",
    ),
    *_each(
        "rust/hyper",
        "hyper",
        ("hyper::server", "use hyper::Server;", "serve_connection"),
        "",
        constant("hyper"),
    ),
    _one(
        "rust/hyper",
        "hyper",
        "use hyper::{",
        r"use hyper::\{[^;]{0,200}?\bServer\b",
        constant("hyper"),
        "medium",
    ),
    *_each("rust/pool", "database", ("Pool", "Connection"), r"\b", readings.pool),
    _one(
        "rust/database-off",
        "database",
        "enabled: false",
        r"impl Default for (?:Pg|Postgres|MySql|Mysql|MariaDb)\w* \{\s*fn default\(\) -> \w+ \{\s*"
        r"\w+ \{(?:\n[^\n}]*){0,20}?\n\s*enabled: false\b",
        constant("sqlite"),
        "medium",
    ),
    *(
        _one(
            "rust/environment",
            "environment_variables",
            "env",
            rf'{word}\w*(?:::<\w+>)?\(\s*(?:&?env\w*,\s*)?"([A-Z][A-Z0-9_]{{2,}})"',
            readings.variable,
        )
        for word in ("var", "env")
    ),
    _one(
        "rust/environment-argument",
        "environment_variables",
        'env = "',
        r"env = \"([A-Z][A-Z0-9_]{2,})\"",
        readings.variable,
    ),
    _one(
        "rust/environment-argument",
        "environment_variables",
        "envconfig(",
        r"envconfig\(from = \"([A-Z][A-Z0-9_]{2,})\"",
        readings.variable,
    ),
    *_each(
        "rust/environment-argument",
        "environment_variables",
        _ARGUMENTS,
        _ARGUMENT,
        readings.argument_variable,
    ),
    _one(
        "rust/environment-name",
        "environment_variables",
        ': &str = "',
        r": &str = \"([A-Z][A-Z0-9_]{3,})\"",
        readings.constant_variable,
        "medium",
    ),
    *(
        _one(
            "rust/command",
            "commands",
            word,
            rf"{named} \{{\n((?:(?!\}})[^\n]*\n){{1,150}})\}}",
            readings.commands,
            "medium",
        )
        for word, named in (
            (
                "clap",
                r"enum (?:Cli|App|Sub|Main|Server)?"
                r"(?:[cC]ommands?|Cmds?|Opts?|Operation|Mode|Action)",
            ),
            (
                "Subcommand",
                r"\bSubcommand\b[^\]\n]{0,80}\]\s*(?:(?:#\[|//)[^\n]*\n\s*){0,8}"
                r"(?:pub(?:\([^)\n]*\))? )?enum \w+",
            ),
        )
    ),
    _one("rust/sqlx-migrations", "migration_tool", "migrate!(", r"migrate!\(", constant("sqlx")),
    _one(
        "rust/diesel-migrations",
        "migration_tool",
        "embed_migrations!",
        r"embed_migrations!",
        constant("diesel"),
    ),
)
