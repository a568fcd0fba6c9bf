"""What Rust source says: the patterns, and how what they match is read."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import JsonValue

from analyzer.languages.health_routes import enclosing_prefix, joined, meaning_of
from analyzer.languages.service_ports import names_own_port, own_port
from analyzer.source_rules import Reading, SourceRule, constant
from delightful.recommendation import Confidence

_NOT_THE_SERVICE: Final = re.compile(r"(?i)metric|prom|admin|grpc|redis|smtp|client|post\(|get\(")
_LISTENS: Final = re.compile(r"(?i)bind|listen|addr|serve|UNSPECIFIED|unwrap_or|default|run\(")
_REGISTERS: Final = re.compile(
    r"\b(?:route\w*|at|path|resource|scope|nest|with_path|handle|service|push)!?\([^\"\n]*$"
    r"|#\[\w*(?:::)?(?:get|head|route|handler|path|api)\([^\n]*$|(?:^|,)[ \t]*path[ \t]*=[ \t]*$"
)
_OPENER: Final = re.compile(r"\b(?:scope|nest|with_path|at)\(\"(/?[^\"\n]*)\"")
_HANDLER: Final = re.compile(
    r"[^\n]*\]\s*(?:#\[[^\n]*\]\s*)*(?:pub(?:\([^)]*\))? )?(?:async )?fn (\w+)"
)
_FALLBACK: Final = re.compile(
    r"unwrap_or\w*\((?:\|[^|\n]{0,20}\|\s*)?\{?\s*(?:\w+::\w+\(|Ok\()?"
    r"\"?([\w.\[\]:]{0,40}?\d{2,5})\b"
)
_VARIANT: Final = re.compile(r"^ {2,4}([A-Z]\w*)", re.MULTILINE)
_DEFAULT_VALUE: Final = re.compile(
    r"\bdefault(?:_value(?:_t)?)?[ \t]*=[ \t]*\"?([\w.\[\]:]{0,40}?\d{2,5})\"?"
)
_IGNORED_VARIABLES: Final = re.compile(
    r"CARGO_|RUST_BACKTRACE|RUST_TEST|OUT_DIR$|TARGET$|PROFILE$|DOCS_RS$|RUSTC|VERGEN_"
)


def _line_before(match: re.Match[str]) -> str:
    start = match.start()
    return match.string[match.string.rfind("\n", 0, start) + 1 : start]


def _line_of(match: re.Match[str]) -> str:
    end = match.string.find("\n", match.end())
    return _line_before(match) + match.string[match.start() : end if end >= 0 else None]


def _is_aside(match: re.Match[str]) -> bool:
    """Say whether a match stands in a comment or in the tests at the end of a file."""
    if _line_before(match).lstrip().startswith("//"):
        return True
    tests = match.string.rfind("#[cfg(test)]\nmod ", 0, match.start())
    return tests >= 0 and "{" in match.string[tests : match.string.find("\n", tests + 13)]


def _registering(match: re.Match[str]) -> str:
    before = _line_before(match)
    if before.strip():
        return before
    # The formatter puts a long call's arguments on lines of their own.
    text, start = match.string, match.start()
    return text[text.rfind("\n", 0, max(start - len(before) - 1, 0)) + 1 : start].rstrip()


def _route(match: re.Match[str]) -> JsonValue:
    before = _registering(match)
    is_mapped = match.string.startswith(" => ", match.end())
    if _is_aside(match) or not (is_mapped or _REGISTERS.search(before)):
        return None
    if before.lstrip().startswith("#["):
        handler = _HANDLER.match(match.string, match.end())
        return [match[1], handler[1] if handler else ""] if meaning_of(match[1]) else None
    path = joined(enclosing_prefix(match.string, match.start(), _OPENER), match[1])
    return [path, ""] if meaning_of(path) else None


def _mount(match: re.Match[str]) -> JsonValue:
    names = [name.strip().rpartition("::")[2] for name in match[2].split(",")]
    return [match[1], *names]


def _listened_port(match: re.Match[str]) -> JsonValue:
    line = _line_of(match)
    is_own = not _NOT_THE_SERVICE.search(line) and not _is_aside(match)
    is_open = match.group().startswith('"0.') or _LISTENS.search(_registering(match) + line)
    return own_port(match[1]) if is_own and is_open else None


def _variable_port(match: re.Match[str]) -> JsonValue:
    if not names_own_port(match[1]) or _is_aside(match):
        return None
    statement = match.string[match.end() : match.end() + 240].split(";")[0]
    fallback = _FALLBACK.search(statement)
    given = re.match(r",\s*\"?(\d{2,5})\b", statement)
    return own_port(fallback[1]) if fallback else own_port(given[1]) if given else None


def _argument_port(match: re.Match[str]) -> JsonValue:
    default = _DEFAULT_VALUE.search(match[1])
    name = re.search(r"\b(?:env|long)[ \t]*=[ \t]*\"([\w-]+)\"", match[1])
    is_own = names_own_port(match[2]) and (name is None or names_own_port(name[1]))
    return own_port(default[1]) if default and is_own else None


def _argument_variable(match: re.Match[str]) -> JsonValue:
    return match[2].upper() if re.search(r"\benv\b(?![ \t]*=)", match[1]) else None


def _assigned_port(match: re.Match[str]) -> JsonValue:
    # The pattern begins in or behind a name, where a search is fast.
    start = re.search(r"\w*$", _line_before(match))
    word = re.match(r"\w*", match.group())
    name = (start.group() if start else "") + (word.group() if word else "")
    return own_port(match[1]) if names_own_port(name) and not _is_aside(match) else None


def _marked_port(match: re.Match[str]) -> JsonValue:
    return own_port(match[1]) if names_own_port(match[2]) else None


def _set_port(match: re.Match[str]) -> JsonValue:
    return own_port(match[2]) if names_own_port(match[1]) else None


def _variable(match: re.Match[str]) -> JsonValue:
    is_wanted = not _is_aside(match) and not _IGNORED_VARIABLES.match(match[1])
    return match[1] if is_wanted else None


def _constant_variable(match: re.Match[str]) -> JsonValue:
    name = re.search(r"const (\w+)$", _line_before(match))
    is_named_so = name is not None and name[1].endswith(match[1])
    reads = "env::var" in match.string or "env =" in match.string or is_named_so
    return match[1] if name and reads and not _is_aside(match) else None


def _commands(match: re.Match[str]) -> JsonValue:
    kebab = [re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name) for name in _VARIANT.findall(match[1])]
    return list[JsonValue](name.lower() for name in kebab) or None


def _pool(match: re.Match[str]) -> JsonValue:
    kind = re.search(r"(Pg|MySql|Mysql|Sqlite|rusqlite::)$", _line_before(match))
    return _POOLS[kind[1]] if kind and not _is_aside(match) else None


_POOLS: Final = {
    "Pg": "postgres",
    "MySql": "mysql",
    "Mysql": "mysql",
    "Sqlite": "sqlite",
    "rusqlite::": "sqlite",
}
_ARGUMENT: Final = (
    r"([^\[\]]{0,400})\)\]\s*(?:#\[[^\]\n]*\]\s*|///[^\n]*\n\s*)*(?:pub(?:\([^)]*\))? )?(\w+)\s*:"
)
_ARGUMENTS: Final = ("#[arg(", "#[clap(", "#[structopt(")
_HEALTH: Final = r"(?:health|ready|readiness|live|heartbeat|ping)[\w-]{0,12}/?"


def _each(
    rule: str, field: str, words: Sequence[str], rest: str, read: Reading
) -> Iterator[SourceRule]:
    """Yield one rule a word: a pattern that begins with a word is searched for fast."""
    for word in words:
        pattern = re.compile(re.escape(word) + rest)
        yield SourceRule(rule, field, word, pattern, "medium", read)


def _one(
    rule: str, field: str, word: str, pattern: str, read: Reading, confidence: Confidence = "high"
) -> SourceRule:
    return SourceRule(rule, field, word, re.compile(pattern), confidence, read)


RULES: Final = (
    *_each(
        "rust/serves",
        "serves",
        ("HttpServer::new", "axum::serve", "warp::serve", "rocket::", "::bind("),
        "",
        constant("http"),
    ),
    _one(
        "rust/health-route",
        "health_path",
        '"/',
        rf'"(/(?:[\w.~-]{{1,30}}/){{0,4}}[\w-]{{0,12}}?{_HEALTH})"',
        _route,
        "medium",
    ),
    _one(
        "rust/health-route",
        "health_path",
        '("health',
        rf'"({_HEALTH})"',
        _route,
        "medium",
    ),
    _one(
        "rust/mount",
        "mounts",
        "routes![",
        r"mount\(\s*\"(/[^\"\n]*)\",\s*routes!\[([^\]]*)\]",
        _mount,
    ),
    *_each(
        "rust/port-listen",
        "port",
        ('"0.0.0.0', '"127.0.0.1', '"localhost', '"[::'),
        r"1?\]?(?::|\",[ \t]*)(\d{2,5})[\")]",
        _listened_port,
    ),
    *_each(
        "rust/port-listen",
        "port",
        ("0, 0, 0, 0", "127, 0, 0, 1", "UNSPECIFIED", "LOCALHOST"),
        r"(?:\.into\(\)|[\])])*,[ \t]*(\d{2,5})\b",
        _listened_port,
    ),
    *(
        _one(
            "rust/port-variable",
            "port",
            "env",
            rf'{word}\w*\(\s*"([A-Z][A-Z0-9_]*)"',
            _variable_port,
        )
        for word in ("var", "env")
    ),
    *_each("rust/port-argument", "port", _ARGUMENTS, _ARGUMENT, _argument_port),
    _one(
        "rust/port-default",
        "port",
        "#[default(",
        r"#\[default\(\"?(\d{2,5})\"?\)\]\s*(?:#\[[^\n]*\]\s*)*(?:pub )?(\w+)\s*:",
        _marked_port,
    ),
    *(
        _one(
            "rust/port-default",
            "port",
            "efault",
            rf"\(\) -> {kind} \{{\s*(?:\w+::from\()?\"?([\w.\[\]:]{{0,40}}?\d{{2,5}})\b",
            _assigned_port,
        )
        for kind in ("u16", "u32", "String", "&'static str")
    ),
    _one(
        "rust/port-default",
        "port",
        "set_default(",
        r"set_default\(\s*\"([\w.]+)\",\s*\"?([\w.:]{0,40}?\d{2,5})\b",
        _set_port,
    ),
    *_each(
        "rust/port-named",
        "port",
        ("port", "PORT", "addr", "ADDR", "bind", "BIND"),
        r"(?:\w{0,8}:[ \t]*&?(?:'static )?\w+)?[ \t]*[:=][ \t]*(?:\w+::from\(|Some\()?"
        r"\"?((?:[\w.]{1,20}:)?\d{2,5})\b",
        _assigned_port,
    ),
    _one(
        "rust/port-named",
        "port",
        "unwrap_or(",
        r"port(?:\"\))?\.unwrap_or\((\d{2,5})\)",
        _assigned_port,
        "medium",
    ),
    *_each("rust/pool", "database", ("Pool", "Connection"), r"\b", _pool),
    *(
        _one(
            "rust/environment",
            "environment_variables",
            "env",
            rf'{word}\w*(?:::<\w+>)?\(\s*"([A-Z][A-Z0-9_]{{2,}})"',
            _variable,
        )
        for word in ("var", "env")
    ),
    _one(
        "rust/environment-argument",
        "environment_variables",
        'env = "',
        r"env = \"([A-Z][A-Z0-9_]{2,})\"",
        _variable,
    ),
    *_each(
        "rust/environment-argument",
        "environment_variables",
        _ARGUMENTS,
        _ARGUMENT,
        _argument_variable,
    ),
    _one(
        "rust/environment-name",
        "environment_variables",
        ': &str = "',
        r": &str = \"([A-Z][A-Z0-9_]{3,})\"",
        _constant_variable,
        "medium",
    ),
    _one(
        "rust/command",
        "commands",
        "clap",
        r"enum \w*(?:Comm?and|Cmd|Opts?|Sub|Cli)\w* \{\n((?:(?!\})[^\n]*\n){1,150})\}",
        _commands,
        "medium",
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
