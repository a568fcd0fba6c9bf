"""Where a Node service answers whether it is well: routes in code, and files that are routes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, first_line
from analyzer.languages.dependencies import Dependencies
from analyzer.languages.health_routes import rank_of
from analyzer.patterns import Pattern
from analyzer.source_rules import Reading, SourceRule, constant, text_of
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

_SPAN: Final = 150
# A controller stands at most so far before the method that answers.
_CLASS_SPAN: Final = 3_200
_SURE: Final = (
    r"(?:_{0,2}health(?:z|[-_]?checks?)?(?:[-_](?:db|live|ready))?|(?:is_?)?[rR]eady|readyz"
    r"|(?:is_?)?[aA]live(?=[\"'`/]|$)|livez?|liveness|readiness"
    r"|_{0,2}(?:lb)?heartbeat_{0,2})"
)
_ANY: Final = rf"(?:{_SURE}|ping|status|alive|up)"
_FOLDERS: Final = r"(?:/[\w.-]{1,30}){0,4}"
_SURE_PATH: Final = rf"[\"'`]({_FOLDERS}/{_SURE}/?)[\"'`]"
_ANY_PATH: Final = rf"[\"'`]({_FOLDERS}/{_ANY}/?)[\"'`]"
_SOFT_PATH: Final = r"[\"'`](/(?:ping|status|alive|up|api/(?:v\d/)?(?:ping|status)))[\"'`]"
# Of a list of paths each is spared something, as being logged; none is answered there.
_NOT_LISTED: Final = r"(?!\s{0,20},\s{0,20}[\"'`]/|,?\s{0,20}\])"
_TYPES: Final = r"(?:<[^>()\n]{1,80}>)?"
_SEGMENT: Final = Pattern(_ANY)
# What stands in every text in which one of these patterns may match.
_SURE_WORDS: Final = ("health", "/ready", "/readiness", "/live", "heartbeat")
_SOFT_WORDS: Final = ("/ping", "/status", "/alive", "/up")

# What only has a meaning together with others: it is put together below and then left out.
_CONTROLLER: Final = "node:controller"
_PREFIX: Final = "node:prefix"
_EXCLUDED: Final = "node:excluded"
_VERSION: Final = "node:version"
_ROUTER: Final = "node:router"
_MOUNT: Final = "node:mount"
_PARTS: Final = frozenset({_CONTROLLER, _PREFIX, _EXCLUDED, _VERSION, _ROUTER, _MOUNT})


def _joined(*parts: str) -> str:
    return "/" + "/".join(part.strip("/") for part in parts if part.strip("/"))


def _controller(match: re.Match[str]) -> JsonValue:
    return _joined(match[1] or "", match[2] or "")


def _rule(
    rule: str,
    field: str,
    word: str,
    pattern: str,
    confidence: Confidence = "medium",
    read: Reading = text_of,
    span: int = _SPAN,
    beside: tuple[str, ...] = (),
) -> SourceRule:
    compiled = Pattern(pattern)
    return SourceRule(rule, field, word, compiled, confidence, read, span, beside)


_APPLICATION: Final = r"\b(?:app|application|server|fastify|instance)"
_ROUTER_NAME: Final = r"\b\w{0,30}[rR](?:oute)?s?(?:outer)?"

HEALTH_RULES: Final = (
    *(
        _rule(
            "node/health-route",
            "health_path",
            word,
            rf"{_APPLICATION}{re.escape(word)}\s{{0,20}}{_SURE_PATH}",
            beside=_SURE_WORDS,
        )
        for word in (".get(", ".use(")
    ),
    _rule(
        "node/ping-route",
        "health_path",
        ".get(",
        rf"{_APPLICATION}\.get\([ \t]*{_SOFT_PATH}",
        "low",
        beside=_SOFT_WORDS,
    ),
    *(
        _rule(
            "node/ping-route",
            _ROUTER,
            word,
            rf"{_ROUTER_NAME}\.get{_TYPES}\([ \t]*{_SOFT_PATH}",
            "low",
            beside=_SOFT_WORDS,
        )
        for word in (".get(", ".get<")
    ),
    # A controller of LoopBack.
    _rule("node/health-route", "health_path", "@get(", rf"@get\([ \t]*{_SURE_PATH}"),
    _rule("node/ping-route", "health_path", "@get(", rf"@get\([ \t]*{_SOFT_PATH}", "low"),
    _rule("node/health-literal", "health_path", "health", _SURE_PATH + _NOT_LISTED, "low"),
    _rule(
        "node/path-answered",
        "health_path",
        "pathname",
        r"\bpathname(?:\.startsWith\(|[ \t]*===?[ \t]*)[\"'`](/(?:[\w-]{1,30}/){0,3}"
        r"(?:_{0,2}health\w{0,9}|ready|readyz|live|livez|ping|status|up))[\"'`][ \t)]{0,4}"
        r"\s{0,20}\{?\s{0,40}return (?:new )?(?:Next)?Response\b",
        "low",
        beside=(*_SURE_WORDS, *_SOFT_WORDS),
    ),
    _rule(
        "node/health-variable",
        "health_path",
        "env.",
        r"env\.\w{0,30}HEALTH_?(?:CHECK_?)?(?:PATH|ROUTE|ENDPOINT|URL)\b[ \t]*(?:\|\||\?\?)"
        r"[ \t]*[\"'`](/[\w/.-]{1,60})[\"'`]",
        beside=("HEALTH",),
    ),
    *(
        _rule(
            "node/health-route",
            _ROUTER,
            word,
            rf"{_ROUTER_NAME}{re.escape(word)}\s{{0,20}}{_SURE_PATH}",
            beside=_SURE_WORDS,
        )
        for word in (".get(", ".use(")
    ),
    _rule(
        "node/health-route",
        "health_path",
        "method:",
        rf"\bmethod:[ \t]*[\"'`](?:GET|get)[\"'`],\s{{0,20}}(?:url|path):[ \t]*{_ANY_PATH}",
        beside=(*_SURE_WORDS, *_SOFT_WORDS),
    ),
    _rule(
        "node/status-route",
        "health_path",
        "exposeStatusRoute",
        r"\bexposeStatusRoute:[ \t]*true\b",
        read=constant("/status"),
    ),
    _rule(
        "node/status-route",
        "health_path",
        "exposeStatusRoute",
        r"\bexposeStatusRoute:[ \t]*(?:\{[^}]{0,80}?url:[ \t]*)?[\"'`](/[\w/-]{1,60})[\"'`]",
    ),
    _rule(
        "node/mount",
        _MOUNT,
        ".use(",
        r"\b(?:app|server)\.use\(\s{0,20}[\"'`](/[\w/-]{1,40})[\"'`],[ \t]*"
        r"(?:\w{0,20}[rR]out(?:er|es)\w{0,10}|api)\b",
        beside=("app.use(", "server.use("),
    ),
    _rule(
        "node/mount",
        _MOUNT,
        "mount(",
        r"\bapp\.use\(\s{0,20}mount\(\s{0,20}[\"'`](/api(?:/[\w/-]{1,40})?)[\"'`]",
        beside=("app.use(",),
    ),
)
NEST_RULES: Final = (
    _rule(
        "node/nest-controller",
        _CONTROLLER,
        "@Controller(",
        rf"@Controller\([^)\n]{{0,60}}?[\"'`]/?((?:[\w-]{{1,30}}/){{0,3}}{_ANY})[\"'`]"
        r"[\s\S]{0,1500}?@Get\([ \t]*(?:[\"'`]([\w/-]{0,40})[\"'`])?",
        read=_controller,
        span=_CLASS_SPAN,
    ),
    _rule(
        "node/nest-controller",
        _CONTROLLER,
        "@Controller(",
        rf"@Controller\([ \t]*(?:[\"'`]([\w/-]{{0,40}})[\"'`])?[ \t]*\)[\s\S]{{0,3000}}?"
        rf"@Get\([ \t]*[\"'`]/?({_ANY})[\"'`]",
        read=_controller,
        span=_CLASS_SPAN,
    ),
    _rule(
        "node/nest-prefix",
        _PREFIX,
        "setGlobalPrefix(",
        r"\bsetGlobalPrefix\(\s{0,20}[\"'`]([\w/-]{1,40})[\"'`]",
    ),
    _rule(
        "node/nest-prefix",
        _PREFIX,
        "lobalPrefix =",
        r"\bglobalPrefix[ \t]*=[ \t]*[\"'`]([\w/-]{1,40})[\"'`]",
    ),
    _rule(
        "node/nest-prefix",
        _EXCLUDED,
        "setGlobalPrefix(",
        r"\bsetGlobalPrefix\([^;]{0,200}?\bexclude:[^;]{0,200}?(health|ready|ping)",
        span=_CLASS_SPAN,
    ),
    _rule(
        "node/nest-version",
        _VERSION,
        "enableVersioning(",
        r"\benableVersioning\([^;]{0,200}?\bdefaultVersion:[ \t]*\[?[\"'`](\d{1,3})[\"'`]",
    ),
)


# What answers by itself once it is installed: https://github.com/rcruzper/express-actuator,
# https://github.com/smartiniOnGitHub/fastify-healthcheck. Parse is served below `/parse`, where
# nothing else is said.
_ANSWERING: Final = {
    "express-actuator": "/health",
    "fastify-healthcheck": "/health",
    "parse-server": "/parse/health",
}


def health_package_facts(dependencies: Dependencies) -> Iterator[Fact]:
    """Yield the path at which a package answers that is there for nothing else."""
    for name, path in _ANSWERING.items():
        if name in dependencies:
            yield Fact("health_path", path, "node/health-package", "medium", dependencies[name])


def health_facts(tree: SourceTree, found: Sequence[Fact]) -> Iterator[Fact]:
    """Yield everything that was found, with routes put together from their parts."""
    parts = {name: [fact for fact in found if fact.field == name] for name in _PARTS}
    yield from (fact for fact in found if fact.field not in _PARTS)
    yield from _nest_routes(parts)
    yield from _router_routes(parts)
    yield from sorted(_file_routes(tree), key=lambda fact: rank_of(str(fact.value)))


def _nest_routes(parts: dict[str, list[Fact]]) -> Iterator[Fact]:
    prefixes = [] if parts[_EXCLUDED] else [str(fact.value) for fact in parts[_PREFIX]][:1]
    versions = [f"v{fact.value}" for fact in parts[_VERSION]][:1]
    for fact in parts[_CONTROLLER]:
        path = _joined(*prefixes, *versions, str(fact.value))
        yield replace(fact, field="health_path", value=path)


def _router_routes(parts: dict[str, list[Fact]]) -> Iterator[Fact]:
    """Put a router's route under the application's one mount; without one it is only likely."""
    mounts = _without_repeats({str(fact.value) for fact in parts[_MOUNT]})
    for fact in parts[_ROUTER]:
        path = str(fact.value)
        if len(mounts) == 1 and not path.startswith(f"{min(mounts)}/"):
            yield replace(fact, field="health_path", value=_joined(min(mounts), path))
        else:
            yield replace(fact, field="health_path", value=path, confidence="low")


def _without_repeats(mounts: set[str]) -> set[str]:
    """Leave out a mount below another, as the version of an interface is."""
    return {one for one in mounts if not any(one.startswith(f"{other}/") for other in mounts)}


# The folder that holds routes as files, what is put before them, and what ends such a file.
_ROUTE_FOLDERS: Final = (
    (Pattern(r"(?:^|/)pages(/api(?:/[\w.-]+)*)\.[jt]sx?$"), "", ()),
    (Pattern(r"(?:^|/)app((?:/[\w().@-]+)+)/route\.[jt]s$"), "", ()),
    (Pattern(r"(?:^|/)server(/api(?:/[\w.-]+)*)\.[jt]s$"), "", (".get",)),
    (Pattern(r"(?:^|/)server/routes((?:/[\w.-]+)+)\.[jt]s$"), "", (".get",)),
    (Pattern(r"(?:^|/)src/routes((?:/[\w()-]+)+)/\+server\.[jt]s$"), "", ()),
    (Pattern(r"(?:^|/)app/routes((?:/[\w.+$-]+)+)\.[jt]sx?$"), "flat", ()),
    (Pattern(r"^src/pages((?:/[\w.-]+)+)\.[jt]s$"), "", ()),
)
# One of these is in the path of each of them.
_NAMED: Final = ("up", "ping", "live", "ready", "readiness", "health", "status", "heartbeat")


def _file_routes(tree: SourceTree) -> Iterator[Fact]:
    for path in tree.sources(".ts", ".js", ".tsx", ".jsx"):
        if not (_is_routed(path) and any(name in path for name in _NAMED)):
            continue
        for pattern, way, ends in _ROUTE_FOLDERS:
            match = pattern.search(path)
            if match:
                yield from _file_route(tree, path, _route_of(match[1], way == "flat", ends))
                break


def _is_routed(path: str) -> bool:
    return "/route" in path or "pages/" in path or "server/api" in path


def _route_of(inside: str, is_flat: bool, ends: Sequence[str]) -> str:
    for end in ends:
        inside = inside.removesuffix(end)
    segments = inside.strip("/").split("/")
    if is_flat:
        segments = [part for one in segments for part in one.removesuffix("+").split(".")]
    shown = [one for one in segments if one and not one.startswith(("_", "("))]
    if shown and shown[-1] in ("index", "route"):
        shown.pop()
    return "/" + "/".join(shown)


def _file_route(tree: SourceTree, path: str, route: str) -> Iterator[Fact]:
    name = route.rpartition("/")[2]
    text = tree.text(path)
    if not text or not text.strip() or not _SEGMENT.fullmatch(name):
        return
    is_sure = re.fullmatch(_SURE, name) is not None
    confidence: Confidence = "medium" if is_sure else "low"
    yield Fact("health_path", route, "node/route-file", confidence, first_line(path, text))
