"""How Go's routes are read: what is asked, under which groups, and which function is given one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from analyzer.languages.go.readings import line_before
from analyzer.languages.health_routes import enclosing_prefix, joined, meaning_of
from analyzer.patterns import Pattern

_GROUP: Final = r"%s[ \t]*(?::=|=)[ \t]*(?:[\w.]+\.)?(\w+)\.(?:Group|Party|Route|PathPrefix)\("
_GROUP_PATH: Final = Pattern(r"\"([\w./:-]*)\"|[^\"\n]{0,60}\"(/[^\"\n]*)\"")
_NAMED_PATH: Final = Pattern(r"[ \t]*(?:\w+\.)*([A-Za-z_]\w*)[ \t]*(?:[),]|\+[ \t]*\"([^\"\n]*)\")")
_NAMED_BEFORE: Final = Pattern(r"(?:^|[(, \t+])(?:\w+\.)*([A-Za-z_]\w*)[ \t]*\+[ \t]*$")
_OF_A_GROUP: Final = Pattern(r"\.(?:GET|HEAD|Any)\($")
_PATH_NAME: Final = Pattern(
    r"\b(\w*(?i:prefix|path|base|root|route|group|version|api)\w*)(?:[ \t]+string)?[ \t]*:?$"
)
# A name stands in a path where another file may say what it is.
_NAME: Final = Pattern(r"/\$\w+")
_CHI_ROUTE: Final = Pattern(
    r"\.(?:Route|Mount|Group|Namespace|NSNamespace|NewNamespace)\(\"(/[^\"\n]*)\""
)
_REGISTERS: Final = Pattern(
    r"(?:^|[\s.(])(?:(\w+)|[\w.(]+\([^()\n]*\))\.(?:GET|Get|HEAD|Head|ANY|Any|ALL|All|Handle|HandleFunc|HandlerFunc|Path|PathPrefix"
    r"|Method|MethodFunc|Match|Route|Add|Router|Use|HandleFuncC|To)\([^\n]*$"
    r"|\b\w*(?:Pattern|Path|Route|path|Endpoint|URL|get)(?:[ \t]+string)?[ \t]*:?={0,2}[ \t]*$"
    r"|\bHeartbeat\($|\broute\($|\b\w*[rR]outes?\w*\[$|^[ \t]*case[ \t]+$"
    r"|(?:\"(?:GET|HEAD)\"|http\.Method(?:Get|Head)),[ \t]*$"
)
_LONGEST_LINE: Final = 200
_ASKS: Final = Pattern(r"(?i)\b(?:http|\w*client|resty)\.(?:get|head)\(")
_ASSIGNED_GROUP: Final = Pattern(r"(\w+)[ \t]*:?=[ \t]*(?:\w+\.)?(\w+)$")
_HEAD: Final = Pattern(
    r"\nfunc (?:\((?:\w+ )?\*?(\w+)[^)\n]*\) )?(\w+)(?:\[[^\]\n]*\])?\(([^{]{0,400})"
)
_CALL: Final = r"([\w.]+)\((?:[^()\n]*,[ \t]*)?%s[,)]"
_CALLED_WITH: Final = Pattern(r"([\w.]+)\((?:[^()\n]*,[ \t]*)?(?:\w+\.)?(\w+)$")
_OPENED_FOR: Final = Pattern(r",[ \t]*func\((\w+) ")
_MOUNTED: Final = Pattern(r",[ \t]*([\w.]+)([()])")
_MOUNTS: Final = r"\b(\w+)\.Mount\(\"(/[^\"\n]*)\",[ \t]*%s\)"
# How far around a match what belongs to it is looked for.
_NEAR: Final = 20_000
_NO_CALL: Final = ("append", "len", "if", "for", "switch", "return", "func")


@dataclass(frozen=True)
class _Function:
    """The function that something stands in: its receiver's type, name, parameters, beginning."""

    receiver: str
    name: str
    parameters: str
    start: int

    def takes(self, name: str) -> bool:
        """Say whether a parameter is called so."""
        return re.search(rf"(?:^|,)\s*{re.escape(name)}\b", self.parameters) is not None


def _function_at(text: str, position: int) -> _Function:
    begin = text.rfind("\nfunc ", max(position - _NEAR, 0), position)
    head = _HEAD.match(text, begin) if begin >= 0 else None
    if head is None:
        return _Function("", "", "", 0)
    return _Function(head[1] or "", head[2], head[3], begin)


def route(match: re.Match[str]) -> JsonValue:
    """Read a route's path and the function that it stands in; None where it asks no health."""
    before = line_before(match)
    if not before.strip():
        # Its call, or its method, ends the line above.
        lines = match.string[max(match.start() - _LONGEST_LINE, 0) : match.start()].split("\n")
        before = lines[-2].rstrip() if len(lines) > 1 else ""
    registers = _REGISTERS.search(before)
    if registers is None or before.lstrip().startswith("//") or _ASKS.search(before):
        return None
    text, router = match.string, registers[1] or ""
    prefix, root = _group_of(text, router, match.start()) if router else ("", "")
    nested = enclosing_prefix(text, match.start(), _CHI_ROUTE)
    named = _NAMED_BEFORE.search(before)
    path = joined(nested, prefix, f"${named[1]}" if named else "", match[1])
    return [path, *_named(text, match.start(), root)] if _asks_health(path) else None


def bare_route(match: re.Match[str]) -> JsonValue:
    """Read a route that is written without its slash: behind what ends in one, or in a group."""
    before = line_before(match)
    is_bare = _NAMED_BEFORE.search(before) or _OF_A_GROUP.search(before)
    return route(match) if is_bare else None


def path_name(match: re.Match[str]) -> JsonValue:
    """Read a name that stands for a path, and the path."""
    name = _PATH_NAME.search(line_before(match))
    return [name[1], match[1]] if name else None


def filled(path: str, names: Mapping[str, str]) -> str:
    """Return a path with what its names stand for; those that nothing is known of are left out."""
    return joined(_NAME.sub(lambda name: f"/{names.get(name.group()[2:], '')}", path))


def _asks_health(path: str) -> bool:
    return meaning_of(filled(path, {})) is not None


def group_route(match: re.Match[str]) -> JsonValue:
    """Read a group of its own for the check, with a route at its root."""
    group = _ASSIGNED_GROUP.search(line_before(match))
    if group is None:
        return None
    text = match.string
    at_root = re.compile(rf"\b{re.escape(group[1])}\.(?:GET|Get|Any|Handle)\(\"/?\"")
    prefix, root = _group_of(text, group[2], match.start())
    path = joined(prefix, match[1])
    is_at_root = at_root.search(text, match.end(), match.end() + _NEAR)
    is_asked = _asks_health(path) and is_at_root
    return [path, *_named(text, match.start(), root)] if is_asked else None


def _named(text: str, position: int, root: str) -> Iterator[JsonValue]:
    """Yield the function that something stands in, and whether its router is given to it."""
    function = _function_at(text, position)
    yield from (function.receiver, function.name, bool(root) and function.takes(root))


def _group_of(text: str, router: str, end: int) -> tuple[str, str]:
    """Return what groups of this file put before a router's routes, and the outermost router."""
    function = _function_at(text, end)
    prefixes: list[str] = []
    for _ in range(4):
        begin = function.start if function.takes(router) else max(end - _NEAR, 0)
        pattern = re.compile(_GROUP % rf"\b{re.escape(router)}")
        group = next(iter(reversed(list(pattern.finditer(text, begin, end)))), None)
        path = _path_given(text, group.end()) if group else ""
        if group is None or group[1] == router:
            mount = re.compile(_MOUNTS % re.escape(router)).search(
                text, function.start, _end_of_function(text, end)
            )
            if mount is None or mount[1] == router:
                break
            prefixes.insert(0, mount[2])
            router = mount[1]
            continue
        prefixes.insert(0, path)
        router, end = group[1], group.start()
    return joined(*prefixes), router


def _path_given(text: str, position: int) -> str:
    """Return the path that a group is made with; a name in it is kept for what it stands for."""
    named = _NAMED_PATH.match(text, position)
    if named:
        return joined(f"${named[1]}", named[2] or "")
    path = _GROUP_PATH.match(text, position)
    return (path[1] or path[2] or "") if path else ""


def given(match: re.Match[str]) -> JsonValue:
    """Read a group and the functions that it is given to, here or under the name that it gets.

    First the prefix, then the function that this stands in, then what is called.
    """
    text, before = match.string, line_before(match)
    called = _CALLED_WITH.search(before)
    assigned = _ASSIGNED_GROUP.search(before)
    opened = _OPENED_FOR.match(text, match.end())
    if called:
        calls, router = [called[1]], called[2]
    elif assigned:
        calls = _calls(text, assigned[1], match.end(), _end_of_function(text, match.end()))
        router = assigned[2]
    elif opened:
        calls = _calls(text, opened[1], opened.end(), _end_of_block(text, match.start()))
        router = (re.search(r"(\w+)$", before) or [""])[0]
    else:
        return None
    return _given(match, router, "given", calls) if calls else None


def mounted(match: re.Match[str]) -> JsonValue:
    """Read a path and the functions that make or are given the router which is mounted there."""
    text = match.string
    put = _MOUNTED.match(text, match.end())
    router = re.search(r"(\w+)$", line_before(match))
    if put is None or router is None:
        return None
    if put[2] == "(":
        return _given(match, router[1], "returned", [put[1]])
    function = _function_at(text, match.start())
    calls = _calls(text, put[1], function.start, _end_of_function(text, match.end()))
    return _given(match, router[1], "given", calls) if calls else None


def _given(match: re.Match[str], router: str, way: str, calls: list[str]) -> JsonValue:
    text = match.string
    prefix, root = _group_of(text, router, match.start())
    nested = enclosing_prefix(text, match.start(), _CHI_ROUTE)
    path = joined(nested, prefix, match[1])
    return [path, *_named(text, match.start(), root), way, *calls]


def _calls(text: str, router: str, start: int, end: int) -> list[str]:
    """Return the functions that are called with a router, in a stretch of a file."""
    found = re.compile(_CALL % rf"\b{re.escape(router)}").finditer(text, start, end)
    return list(dict.fromkeys(call[1] for call in found if call[1] not in _NO_CALL))


def _end_of_function(text: str, position: int) -> int:
    end = text.find("\nfunc ", position)
    return end if end >= 0 else len(text)


def _end_of_block(text: str, start: int) -> int:
    """Return where the block that a line opens ends: at a line that is indented no deeper."""
    line = text.rfind("\n", 0, start) + 1
    lead = re.compile(r"[ \t]*").match(text, line)
    closing = text.find(f"\n{lead[0] if lead else ''}}}", start)
    return closing if closing >= 0 else len(text)
