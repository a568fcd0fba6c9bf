"""Routes that answer the load balancer's question, with the prefixes that lie before them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from analyzer.facts import Fact, quoted_match
from analyzer.languages.python.sources import Module
from analyzer.patterns import Pattern
from delightful.recommendation import Confidence

_WORD: Final = (
    r"(?:_{0,2}(?:lb)?(?:health(?:z|[_-]?checks?|[_-]?status)?|heartbeat)_{0,2}"
    r"|readyz?|readiness|livez?|liveness|alive|ping(?:\.xml)?|probe|_{0,2}status|up|ht)"
)
_PATH: Final = rf"r?f?[\"'](/?\^?(?:[\w.-]{{1,40}}/){{0,5}}{_WORD}/?)\??\$?[\"']"
# What may stand before a path: the method, or the name that a route is called by.
_METHOD: Final = r"(?:[\"'](?:GET|\*)[\"'],[ \t]*)?(?:path[ \t]*=[ \t]*)?"
_NAME: Final = r"(?:[\"'][\w.-]{1,40}[\"'],[ \t\n]*(?=[\"']/))?"
_ROUTES: Final = ("urlpatterns", ".route(", ".path ==", "sgi_application(")
_WORDS: Final = (
    "health",
    "Health",
    "ready",
    "live",
    "ping",
    "probe",
    "status",
    "heartbeat",
    "/up",
    "ht/",
    "watchman",
    "alive",
)

# How a path is given to a handler; each begins with a letter that is quickly found.
_DECORATOR: Final = Pattern(
    rf"@(\w+)(?:\.\w+)?\.(?:get|head|route|api_route)\([ \t\n]*{_METHOD}{_PATH}"
)
_BARE_DECORATOR: Final = Pattern(rf"@(?:get|route|head)\([ \t\n]*{_METHOD}{_PATH}")
_CALLS: Final = (
    Pattern(
        rf"\.add_\w*(?:get|route|resource|rule)\([ \t\n]*(?:\w+,[ \t]*)?{_METHOD}{_NAME}{_PATH}"
    ),
    Pattern(rf"web\.get\([ \t\n]*{_PATH}"),
    Pattern(rf"Route\([ \t\n]*{_METHOD}{_PATH}"),
)
# An application that is wrapped in one which answers such a path itself.
_WRAPPED: Final = Pattern(
    r"(?:[hH]ealth|[rR]eady|[lL]ive)\w{0,20}\([ \t\n]*app\w*,[ \t\n]*"
    rf"(?:\w{{1,20}}[ \t]*=[ \t]*)?{_PATH}"
)
_HANDLER: Final = Pattern(rf"\([ \t\n]*{_PATH}[ \t\n]*,[ \t\n]*\w", re.MULTILINE)
_LITERAL: Final = Pattern(_PATH)
_KEYWORD: Final = Pattern(rf"path[ \t]*=[ \t]*{_PATH}")
# A view of Django that is called after health may be asked at any path.
_DJANGO_VIEW: Final = Pattern(
    r"\b(?:re_)?(?:path|url)\([ \t\n]*r?[\"']\^?((?:[\w-]+/){0,3}[\w.-]+/?)\$?[\"']"
    r"[ \t\n]*,[ \t\n]*"
    r"(?:\w+\.){0,3}_?(?:[hH]ealth|[pP]ing)\w*"
)
_HEALTHZ: Final = Pattern(
    r"register_blueprint\([ \t\n]*healthz\b"
    r"(?:[^)]{0,80}?\burl_prefix[ \t]*=[ \t]*[\"'](/[\w/-]*)[\"'])?"
)
_DJANGO: Final = tuple(Pattern(rf"{call}\([ \t\n]*{_PATH}") for call in ("path", "url"))

# A router's whole prefix may be the path, with handlers at its root.
_WHOLE_PREFIX: Final = Pattern(rf"prefix[ \t]*=[ \t]*{_PATH}")
_IS_HEALTH: Final = Pattern(rf"(?:^|/){_WORD}/?$")
_LIST: Final = Pattern(r"^(\w+)[ \t]*(?::[^=\n]{1,60})?\+?=[ \t]*\[", re.MULTILINE)
_ROUTER: Final = (
    r"[ \t]*(?::[^=\n]{1,40})?=[ \t]*(?:\w+\.)?(?:API)?(?:Router|Blueprint)"
    r"\([^)]{0,200}?\b(?:url_)?prefix[ \t]*=[ \t]*[\"'](/?[\w/.-]*)[\"']"
)
_INCLUDED: Final = Pattern(
    r"\b(\w+)\.(?:include_router|register_blueprint)\([^)]{0,200}?\b(?:url_)?prefix[ \t]*=[ \t]*"
    r"(?:[\"'](/[\w/.-]*)[\"']|(?:\w+\.){0,3}(\w+))"
)
# Routers by the modules that they are taken from, and an application that is a part of another.
_INCLUDED_MODULE: Final = Pattern(
    r"\bapp\.(?:include_router|register_blueprint)\([ \t\n]*(\w+)\.\w+[ \t\n]*"
    r"(?:\)|,([^)]{0,200}))"
)
_PREFIX: Final = Pattern(r"\b(?:url_)?prefix[ \t]*=(?:[ \t]*[\"'](/?[\w/.-]*)[\"'])?")
_MOUNTED: Final = Pattern(
    r"\bapp\.mount\([ \t\n]*[\"'](/[\w/.-]+)[\"'],[ \t\n]*(?:app[ \t]*=[ \t]*)?(\w+)[ \t\n]*[,)]"
)
_DJANGO_INCLUDE: Final = Pattern(
    r"\b(?:re_)?(?:path|url)\([ \t\n]*r?[\"']\^?([\w/.-]*)[\"'][ \t\n]*,[ \t\n]*"
    r"include\([ \t\n]*\(?[\"']([\w.]+)[\"']"
)
# URLs that packages bring for it, with what lies below the prefix they are included under.
_BROUGHT: Final = {"health_check": "", "watchman": "", "django_alive": "health/"}
_PACKAGE_URLS: Final = Pattern(
    r"\b(?:re_)?(?:path|url)\([ \t\n]*r?[\"']\^?([\w/.-]*)[\"'][ \t\n]*,[ \t\n]*"
    r"include\([ \t\n]*\(?[\"'](health_check|watchman|django_alive)\.urls"
)
# https://github.com/mozilla-services/Dockerflow: what any program of its answers.
_DOCKERFLOW: Final = Pattern(r"\bDockerflow(?:Middleware\b|\()")
_HEARTBEAT: Final = "/__heartbeat__"
_ROUTED: Final = frozenset(
    [
        "fastapi",
        "flask",
        "litestar",
        "starlette",
        "sanic",
        "quart",
        "falcon",
        "aiohttp",
        "tornado",
        "bottle",
        "pyramid",
        "apiflask",
        "flask_restful",
        "flask_smorest",
        "ninja",
        "robyn",
    ]
)
# Servers of the standard library: their handlers compare paths, or look them up.
_SERVED: Final = frozenset({"http", "wsgiref", "socketserver", "websockets"})
# The best answer to "are you ready?" first.
_RANKS: Final = (
    "read",
    "health",
    "heartbeat",
    "ht/",
    "alive",
    "live",
    "ping",
    "probe",
    "status",
    "up",
)
# Under a name of the application's own these words tell of that, not of the service.
_OF_SOMETHING: Final = Pattern(
    r"^/(?!(?:api|v\d+|internal|_|-|health|monitor\w*|system|utils?|core|app|public)(?:/|$))[\w.-]+/"
    r"(?:[\w.-]+/)*(?:status|ping|probe|up|live|alive)/?$"
)
_GENERAL: Final = Pattern(r"(?:^|/)(?:status|ping|probe|up|live|alive)/?$")


class _Prefixes:
    """What lies before the routes of a module, as other modules include it."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._modules = modules

    @cached_property
    def outer(self) -> str | None:
        """Return what lies before every router; None where there are several such prefixes."""
        found = dict.fromkeys(
            match[2] or self._constant(match[3]) or ""
            for module in self._including
            for match in _INCLUDED.finditer(module.text)
            if ("app" in match[1] or match[1] == "api") and not _IS_HEALTH.search(match[2] or "")
        )
        found.update(dict.fromkeys(self._mounts))
        return next(iter(found), "") if len(found) <= 1 else None

    @cached_property
    def _including(self) -> Sequence[Module]:
        words = ("include_router(", "register_blueprint(")
        return [module for module in self._modules if not module.words.isdisjoint(words)]

    @cached_property
    def _mounts(self) -> Sequence[str]:
        """Return where applications that have routers of their own are put in another."""
        return [
            match[1]
            for module in self._including
            if ".mount(" in module.text
            for match in _MOUNTED.finditer(module.text)
            if f"{match[2]}.include_router(" in module.text
        ]

    @cached_property
    def _by_module(self) -> dict[str, str | None]:
        return {
            match[1]: prefix[1] if (prefix := _PREFIX.search(match[2] or "")) else ""
            for module in self._including
            for match in _INCLUDED_MODULE.finditer(module.text)
        }

    def of_routers(self, module: Module) -> str | None:
        """Return what lies before a module's routers: what it is included under, else the rest."""
        name = module.path.rpartition("/")[2].removesuffix(".py")
        included = self._by_module.get(name)
        return self.outer if included is None else included

    @cached_property
    def _included(self) -> dict[str, str]:
        return {
            match[2]: match[1]
            for module in reversed(self._modules)
            if module.path.endswith("urls.py") and "include(" in module.text
            for match in _DJANGO_INCLUDE.finditer(module.text)
        }

    def of_urls(self, module: Module) -> str:
        """Return the prefix under which a module of Django's URLs is included."""
        name = module.path.removesuffix(".py").replace("/", ".")
        return next(
            (
                prefix
                for included, prefix in self._included.items()
                if name == included or name.endswith(f".{included}")
            ),
            "",
        )

    def _constant(self, name: str) -> str | None:
        pattern = re.compile(
            rf"\b{re.escape(name)}[ \t]*(?::[^=\n]{{1,40}})?=[ \t]*[\"'](/[\w/.-]*)[\"']"
        )
        for module in self._modules:
            match = pattern.search(module.text) if name in module.text else None
            if match:
                return match[1]
        return None


def health_facts(modules: Sequence[Module]) -> Iterator[Fact]:
    """Yield the paths under which a service tells that it is well, the best one surest."""
    prefixes = _Prefixes(modules)
    speaking = [module for module in modules if _may_route(module)]
    found = [
        fact
        for module in speaking
        for fact in _routes(module, prefixes)
        if not _OF_SOMETHING.search(str(fact.value))
    ]
    sure = sorted((fact for fact in found if fact.confidence != "low"), key=_rank)
    unsure = sorted((fact for fact in found if fact.confidence == "low"), key=_rank)
    yield from sure[:1] or unsure[:1]
    for fact in sure[1:]:
        yield replace(fact, confidence="low")


def _may_route(module: Module) -> bool:
    routes = (
        module.path.endswith("urls.py")
        or not module.words.isdisjoint(_ROUTES)
        or not module.imports.isdisjoint(_ROUTED)
        or not module.imports.isdisjoint(_SERVED)
    )
    is_set_up = "settings" in module.path and "dockerflow." in module.text
    if is_set_up or "dockerflow" in module.imports:
        return True
    return routes and any(word in module.text for word in _WORDS)


def _rank(fact: Fact) -> tuple[int, int, int]:
    path = str(fact.value)
    last = path.rstrip("/").rpartition("/")[2]
    rank = next((index for index, word in enumerate(_RANKS) if word in f"{last}/"), len(_RANKS))
    depth = fact.evidence.file.count("/") if fact.evidence else 0
    return rank, path.count("/"), depth


def _routes(module: Module, prefixes: _Prefixes) -> Iterator[Fact]:
    text = module.text
    if module.path.endswith("urls.py") or "urlpatterns" in module.words:
        outer = prefixes.of_urls(module)
        for match in (match for call in _DJANGO for match in call.finditer(text)):
            path = f"{outer}/{_list_prefix(text, match.start())}/{match[1]}"
            yield _fact(module, match, path, "python/health-url", "medium")
        for match in _DJANGO_VIEW.finditer(text):
            path = f"{outer}/{_list_prefix(text, match.start())}/{match[1]}"
            yield _fact(module, match, path, "python/health-url", "medium")
        for match in _PACKAGE_URLS.finditer(text):
            path = f"{outer}/{match[1]}{_BROUGHT[match[2]]}"
            yield _fact(module, match, path, "python/health-package", "medium")
    for match in _HEALTHZ.finditer(text) if "flask_healthz" in module.imports else ():
        # https://github.com/fedora-infra/flask-healthz: it answers both below its prefix.
        yield _fact(module, match, f"{match[1] or ''}/ready", "python/health-package", "medium")
    dockerflow = _DOCKERFLOW.search(text) if "ockerflow" in text else None
    if dockerflow:
        yield _fact(module, dockerflow, _HEARTBEAT, "python/health-package", "medium")
    for match in _WHOLE_PREFIX.finditer(text) if "prefix" in text else ():
        is_inner = "app.include_router(" not in text[max(0, match.start() - 200) : match.start()]
        path = f"{prefixes.outer or ''}/{match[1]}" if is_inner else match[1]
        yield _fact(module, match, path, "python/health-prefix", "low")
    for match in _DECORATOR.finditer(text) if "@" in text else ():
        yield from _decorated(module, match, prefixes)
    is_wrapped = "sgi_application(" in module.words
    patterns = (*_CALLS, _WRAPPED) if is_wrapped else _CALLS
    for match in (match for pattern in patterns for match in pattern.finditer(text)):
        yield _fact(module, match, match[1], "python/health-route", "medium")
    yield from _handlers(module)


def _list_prefix(text: str, at: int) -> str:
    """Return the prefix under which the list that a route stands in is included."""
    named = [match[1] for match in _LIST.finditer(text, 0, at)]
    if not named or named[-1] == "urlpatterns":
        return ""
    name = re.escape(named[-1])
    included = re.search(
        rf"\bpath\([ \t\n]*r?[\"']\^?([\w/.-]*)[\"'],[ \t\n]*include\({name}\)", text
    )
    return included[1] if included else ""


def _handlers(module: Module) -> Iterator[Fact]:
    if not module.imports.isdisjoint(_SERVED) or ".path ==" in module.words:
        for match in _LITERAL.finditer(module.text):
            if match[1].startswith("/"):
                yield _fact(module, match, match[1], "python/health-literal", "low")
    if not module.imports.isdisjoint(("litestar", "bottle")):
        for pattern in (_BARE_DECORATOR, _KEYWORD):
            for match in pattern.finditer(module.text):
                yield _fact(module, match, match[1], "python/health-handler", "medium")
    if "tornado" in module.imports or "Handler" in module.text:
        for match in _HANDLER.finditer(module.text):
            if match[1].startswith("/"):
                yield _fact(module, match, match[1], "python/health-pair", "low")


def _decorated(module: Module, match: re.Match[str], prefixes: _Prefixes) -> Iterator[Fact]:
    router, route = match[1], match[2]
    made = re.search(f"{router}{_ROUTER}", module.text)
    own = made[1] if made else None
    if own is None and (router in ("application", "api", "server") or "app" in router):
        yield _fact(module, match, route, "python/health-route", "medium")
        return
    outer = prefixes.of_routers(module)
    if own is not None and outer is not None:
        yield _fact(module, match, f"{outer}/{own}/{route}", "python/health-router", "medium")
    else:
        yield _fact(
            module, match, f"{outer or ''}/{own or ''}/{route}", "python/health-router", "low"
        )


def _fact(module: Module, match: re.Match[str], path: str, rule: str, sure: Confidence) -> Fact:
    value = "/" + re.sub(r"//+", "/", path.replace("^", "")).strip("/")
    value = f"{value}/" if path.endswith("/") and value != "/" else value
    # `/status` and `/ping` are asked for other things too.
    weaker: Confidence = "low" if _GENERAL.search(value) else sure
    return Fact("health_path", value, rule, weaker, quoted_match(module.path, module.text, match))
