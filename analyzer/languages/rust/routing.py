"""How Rust's routes are read: what is asked, under which scopes, and where functions are put."""

import re
from typing import Final

from pydantic import JsonValue

from analyzer.languages.health_routes import enclosing_prefix, joined, meaning_of
from analyzer.languages.rust.readings import is_aside, line_before, registering
from analyzer.patterns import Pattern

_REGISTERS: Final = Pattern(
    r"\b(?:\w*route\w*|at|path|resource|scope|nest|with_path|handle|service|push)!?\([^\"\n]*$"
    r"|#\[\w*(?:::)?(?:get|head|route|handler|path|api)\([^\n]*$|(?:^|[,(])[ \t]*path[ \t]*=[ \t]*$"
    r"|^[ \t]*(?:health|healthz|ready|readiness|health_check):[ \t]*$"
    r"|\(\"(?:GET|HEAD)\",[ \t]*$"
    r"|\b\w*(?:PATH|ROUTE|ENDPOINT|URL): &(?:'static )?str[ \t]*=[ \t]*$"
)
_OPENER: Final = Pattern(r"\b(?:scope|nest|with_path|at)\(\"(/?[^\"\n]*)\"")
_HANDLER: Final = Pattern(
    r"[^\n]*\]\s*(?:#\[[^\]\n]*\]\s*){0,8}(?:pub(?:\([^)]*\))? )?(?:async )?fn (\w+)"
)
_FUNCTION: Final = Pattern(r"fn (\w+)")
_LET: Final = Pattern(r"\blet (?:mut )?(\w+)\b[^=\n]*=")
_NEAR: Final = 20_000


def route(match: re.Match[str]) -> JsonValue:
    """Read a route's path, its handler and the function that it stands in; None for others."""
    before = registering(match)
    text = match.string
    is_mapped = text.startswith(" => ", match.end())
    if is_aside(match) or not (is_mapped or _REGISTERS.search(before)):
        return None
    if before.lstrip().startswith("#["):
        handler = _HANDLER.match(text, match.end())
        return [match[1], handler[1] if handler else "", ""] if meaning_of(match[1]) else None
    around = enclosing_prefix(text, match.start(), _OPENER)
    path = joined(_named_nest(match), around, match[1])
    return [path, "", _function_at(text, match.start())] if meaning_of(path) else None


def joined_route(match: re.Match[str]) -> JsonValue:
    """Read a path whose parts are joined by a macro; None where it asks no health."""
    path = joined(*re.findall(r"\"([^\"\n]+)\"", match[1]))
    is_asked = meaning_of(path) and not is_aside(match)
    return [path, "", _function_at(match.string, match.start())] if is_asked else None


def _named_nest(match: re.Match[str]) -> str:
    """Return the path at which the router that a route is given to is nested in the same file."""
    names = enclosing_prefix(match.string, match.start(), _LET).split("/")
    for name in filter(None, names):
        nest = re.compile(rf"\.nest\(\s*\"(/[^\"\n]*)\",\s*{name}\b(?!\s*[(:])")
        found = nest.search(match.string, match.end())
        if found:
            return found[1]
    return ""


def _function_at(text: str, position: int) -> str:
    begin = text.rfind("fn ", max(position - _NEAR, 0), position)
    function = _FUNCTION.match(text, begin) if begin >= 0 else None
    return function[1] if function else ""


def mount(match: re.Match[str]) -> JsonValue:
    """Read the path that handlers are mounted at, and their names."""
    names = [name.strip().rpartition("::")[2] for name in match[2].split(",")]
    return [match[1], *names]


def nested(match: re.Match[str]) -> JsonValue:
    """Read where what a function makes is put: the path, the function around it, its name."""
    if is_aside(match):
        return None
    text, called = match.string, match[2]
    if not match.group().endswith("("):
        made = rf"\blet (?:mut )?{called}\b[^=\n]*=\s*([a-z_][\w:]*)\("
        given = re.search(made, text[max(match.start() - _NEAR, 0) : match.start()])
        if given is None:
            return None
        called = given[1]
    around = enclosing_prefix(text, match.start(), _OPENER)
    return [joined(around, match[1] or ""), _function_at(text, match.start()), called]


def registered(match: re.Match[str]) -> JsonValue:
    """Read where a function or a handler is registered by its name, in the scopes around it."""
    is_called = line_before(match).lstrip().startswith("//") or is_aside(match)
    around = enclosing_prefix(match.string, match.start(), _OPENER)
    return None if is_called else [around, _function_at(match.string, match.start()), match[1]]
