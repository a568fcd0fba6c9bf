"""How what the patterns for Rust match is read."""

import re
from functools import lru_cache
from typing import Final

from pydantic import JsonValue

from analyzer.languages.service_ports import is_of_another, names_own_port, own_port
from analyzer.patterns import Pattern

_NOT_THE_SERVICE: Final = Pattern(r"(?i)metric|prom|admin|grpc|redis|smtp|client|post\(|get\(")
_LISTENS: Final = Pattern(r"(?i)bind|listen|addr|serve|UNSPECIFIED|unwrap_or|default|run\(")
# A port, or an address to its end: of `127.0.0.1:8000` not the first number.
ADDRESS: Final = r"([\w.\[\]:]{0,40}?\d{2,5})\b(?![.:]\d)"
_FALLBACK: Final = Pattern(
    r"(?:(?:unwrap|map)_or\w*\((?:\|[^|\n]{0,20}\|\s*)?\{?"
    r"|\b(?:Err\(\w{1,20}\)|None|_)\s*=>\s*\{?|\belse\s*\{)"
    r"\s*(?:\w+(?:::\w+\(|!\()|Ok\()?"
    rf"\"?{ADDRESS}"
)
_BLOCK: Final = Pattern(r"\b(?:struct|enum|fn|impl(?: \w+ for)?) (\w+)")
_TESTS: Final = Pattern(r"#\[cfg\(test\)\]\n(?:pub(?:\([^)\n]*\))? )?mod [^\n]*\{")
_VARIANT: Final = Pattern(r"^ {2,4}([A-Z]\w*)", re.MULTILINE)
_DEFAULT_VALUE: Final = Pattern(rf"\bdefault(?:_value(?:_t)?)?[ \t]*=[ \t]*\"?{ADDRESS}")
_IGNORED_VARIABLES: Final = Pattern(
    r"CARGO_|RUST_BACKTRACE|RUST_TEST|OUT_DIR$|TARGET$|PROFILE$|DOCS_RS$|RUSTC|VERGEN_"
)
_POOLS: Final = {
    "Pg": "postgres",
    "MySql": "mysql",
    "Mysql": "mysql",
    "Sqlite": "sqlite",
    "rusqlite::": "sqlite",
}


def line_before(match: re.Match[str]) -> str:
    """Return what stands before a match in its line."""
    start = match.start()
    return match.string[match.string.rfind("\n", 0, start) + 1 : start]


def _line_of(match: re.Match[str]) -> str:
    end = match.string.find("\n", match.end())
    return line_before(match) + match.string[match.start() : end if end >= 0 else None]


def is_aside(match: re.Match[str]) -> bool:
    """Say whether a match stands in a comment or in the tests at the end of a file."""
    if line_before(match).lstrip().startswith("//"):
        return True
    return match.start() >= _begin_of_tests(match.string)


@lru_cache(maxsize=1)
def _begin_of_tests(text: str) -> int:
    tests = _TESTS.search(text)
    return tests.start() if tests else len(text)


def registering(match: re.Match[str]) -> str:
    """Return what stands before a match in its line, or in the line above where it begins one."""
    before = line_before(match)
    if before.strip():
        return before
    # The formatter puts a long call's arguments on lines of their own.
    text, start = match.string, match.start()
    return text[text.rfind("\n", 0, max(start - len(before) - 1, 0)) + 1 : start].rstrip()


def controller(match: re.Match[str]) -> JsonValue:
    """Read what reconciles the objects of a cluster."""
    return None if is_aside(match) or "kube" not in match.string else "kube"


def listened_port(match: re.Match[str]) -> JsonValue:
    """Read a port that is listened on; None where the line tells of another server."""
    line = _line_of(match)
    is_own = not _NOT_THE_SERVICE.search(line) and not is_aside(match)
    is_open = match.group().startswith('"0.') or _LISTENS.search(registering(match) + line)
    return own_port(match[1]) if is_own and is_open else None


def variable_port(match: re.Match[str]) -> JsonValue:
    """Read the port that stands in for a variable."""
    if not names_own_port(match[1]) or is_aside(match):
        return None
    statement = match.string[match.end() : match.end() + 240].split(";")[0]
    fallback = _FALLBACK.search(statement)
    given = re.match(r",\s*\"?(\d{2,5})\b", statement)
    return own_port(fallback[1]) if fallback else own_port(given[1]) if given else None


def argument_port(match: re.Match[str]) -> JsonValue:
    """Read the default of a command-line argument."""
    default = _DEFAULT_VALUE.search(match[1])
    name = re.search(r"\b(?:env|long)[ \t]*=[ \t]*\"([\w-]+)\"", match[1])
    is_own = names_own_port(match[2]) and (name is None or names_own_port(name[1]))
    return own_port(default[1]) if default and is_own else None


def argument_variable(match: re.Match[str]) -> JsonValue:
    """Read the variable that an argument of the same name is taken from."""
    return match[2].upper() if re.search(r"\benv\b(?![ \t]*=)", match[1]) else None


def assigned_port(match: re.Match[str]) -> JsonValue:
    """Read the port given to a name that ends where the pattern begins."""
    # The pattern begins in or behind a name, where a search is fast.
    start = re.search(r"\w*$", line_before(match))
    word = re.match(r"\w*", match.group())
    name = (start.group() if start else "") + (word.group() if word else "")
    is_own = names_own_port(name) and not is_aside(match)
    if not is_own or is_of_another(match.string, match.start(), _BLOCK):
        return None
    return own_port(match[1])


def marked_port(match: re.Match[str]) -> JsonValue:
    """Read the default in a field's attribute."""
    is_own = names_own_port(match[2]) and not is_of_another(match.string, match.start(), _BLOCK)
    return own_port(match[1]) if is_own else None


def set_port(match: re.Match[str]) -> JsonValue:
    """Read the default of a setting."""
    return own_port(match[2]) if names_own_port(match[1]) and not is_aside(match) else None


def variable(match: re.Match[str]) -> JsonValue:
    """Read a variable's name; None for Cargo's own."""
    is_wanted = not is_aside(match) and not _IGNORED_VARIABLES.match(match[1])
    return match[1] if is_wanted else None


def constant_variable(match: re.Match[str]) -> JsonValue:
    """Read a constant that holds a variable's name."""
    name = re.search(r"const (\w+)$", line_before(match))
    # One word that is a constant's whole name may be any text.
    is_named_so = name is not None and name[1].endswith(match[1]) and "_" in name[1]
    reads = "env::var" in match.string or "env =" in match.string or is_named_so
    return match[1] if name and reads and not is_aside(match) else None


def commands(match: re.Match[str]) -> JsonValue:
    """Read the subcommands that an enumeration lists."""
    kebab = [re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name) for name in _VARIANT.findall(match[1])]
    return list[JsonValue](name.lower() for name in kebab) or None


def pool(match: re.Match[str]) -> JsonValue:
    """Read the database of a connection or pool."""
    kind = re.search(r"(Pg|MySql|Mysql|Sqlite|rusqlite::)$", line_before(match))
    return _POOLS[kind[1]] if kind and not is_aside(match) else None
