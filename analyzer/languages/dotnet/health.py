"""Where C# sources answer that a service is well."""

import re

from pydantic import JsonValue

from analyzer.languages.health_routes import joined
from analyzer.patterns import Pattern
from analyzer.source_rules import SourceRule, constant, text_of

_HEALTH = r"(?:_?health(?:z|-?check|_check|y)?|readyz?|readiness|livez?|liveness|alive|hc)"
_ACTION = Pattern(r"\[HttpGet\([ \t]*\"(~?/?[\w/.\[\]-]{0,80})\"")
_CLASS = Pattern(r"\[Route\([ \t]*\"(~?/?[\w/.\[\]-]{0,80})\"")
_CLASS_ROUTE = Pattern(r"\[Route\([ \t]*\"([\w/.\[\]-]{1,80})\"[^\n]{0,60}\)\]")
_CONTROLLER = Pattern(r"\bclass (\w{1,60})Controller\b")
# A class's first action, whose own route goes on from that of the class.
_ONLY_ACTION = Pattern(
    r"\)\](?:(?!\[Http|\[Route)[\s\S]){0,800}?\[HttpGet\]\s*(?:\[(?!Route|Http)[^\]\n]{0,80}\]\s*){0,4}"
    r"\[Route\(\"([\w-]{1,30})\"\)\]"
)
_ENDPOINT = Pattern(
    rf"\b(\w{{1,40}})\.MapGet\([ \t\r\n]*\"(/?(?:[\w-]{{1,30}}/){{0,3}}{_HEALTH}(?:/http)?)\""
)
_IS_HEALTH = Pattern(rf"(?:[\w/.-]{{0,80}}/)?{_HEALTH}", re.IGNORECASE)


def _route(match: re.Match[str]) -> JsonValue:
    """Read an attribute's route; `~` makes it whole, else it lies under that of its class."""
    route = match[1]
    path = route.lstrip("~").strip("/")
    if "[" in path or not _IS_HEALTH.fullmatch(path):
        return None
    if match[0].startswith("[Route"):
        inner = _ONLY_ACTION.match(match.string, match.end())
        return joined(path, inner[1] if inner else "")
    if route.startswith(("~", "/")):
        return f"/{path}"
    prefix = _prefix_of(match)
    return None if prefix is None else joined(prefix, path)


def _prefix_of(match: re.Match[str]) -> str | None:
    """Return the route of the class around an action; None where it stands for what is not said."""
    above = list(_CLASS_ROUTE.finditer(match.string, 0, match.start()))
    prefix = above[-1][1] if above else ""
    if "[controller]" in prefix:
        named = _CONTROLLER.search(match.string, above[-1].end(), match.start())
        prefix = prefix.replace("[controller]", named[1].lower()) if named else prefix
    return None if "[" in prefix else prefix


def _endpoint(match: re.Match[str]) -> JsonValue:
    """Read an endpoint under the path of the group that it is mapped on."""
    path = match[2].strip("/")
    group = re.search(
        rf"\b{match[1]}[ \t]*=[ \t]*[\w.]{{1,60}}\.MapGroup\([ \t]*\"/?([\w/-]{{0,60}})\"",
        match.string,
    )
    prefix = group[1].strip("/") if group else ""
    return f"/{prefix}/{path}" if prefix else f"/{path}"


def _ready(match: re.Match[str]) -> JsonValue:
    return _endpoint(match) if match[2].rpartition("/")[2].startswith("ready") else None


def _ping(match: re.Match[str]) -> JsonValue:
    """Read an action that answers a ping, under the route of its class."""
    prefix = _prefix_of(match)
    return None if prefix is None else joined(prefix, "ping")


def _unguarded(match: re.Match[str]) -> JsonValue:
    """Read a whole route to be asked without a key; of a status only where that is said."""
    before = match.string[max(match.start() - 300, 0) : match.start()]
    is_open = "ping" in match[1] or "[AllowAnonymous]" in before
    return match[1] if is_open else None


def _named_check(match: re.Match[str]) -> JsonValue:
    """Read a constant that checks of health are mapped at in the same file; not a sign of life."""
    is_mapped = re.search(rf"\.(?:Map|Use)HealthChecks\(\s{{0,40}}{match[1]}\b", match.string)
    return match[2] if is_mapped and "live" not in match[2].lower() else None


HEALTH_RULES = (
    SourceRule(
        "dotnet/health-checks",
        "health_path",
        "HealthChecks(",
        Pattern(
            r"\.(?:Map|Use)HealthChecks\([ \t\r\n]*(?:pattern:[ \t]*|path:[ \t]*|new PathString\()?"
            r"(?:\w{1,40}\[\"[^\"\n]{1,60}\"\][ \t]*\?\?[ \t]*)?\"(/?[\w/.-]{1,80})\""
        ),
        "high",
        lambda match: f"/{match[1].lstrip('/')}",
    ),
    SourceRule(
        "dotnet/health-constant",
        "health_path",
        "const string ",
        Pattern(r"\bconst string (\w{1,60}) = \"(/[\w/.-]{1,60})\""),
        "medium",
        _named_check,
        200,
        ("HealthChecks(",),
    ),
    SourceRule("dotnet/readiness-endpoint", "health_path", "MapGet(", _ENDPOINT, "high", _ready),
    SourceRule("dotnet/health-endpoint", "health_path", "MapGet(", _ENDPOINT, "medium", _endpoint),
    SourceRule("dotnet/health-route", "health_path", "[HttpGet(", _ACTION, "medium", _route),
    *(
        SourceRule("dotnet/health-endpoint", "health_path", word, Pattern(pattern), "medium",
                   text_of, 120)
        for word, pattern in (
            ("app.Map(", rf"\bapp\.Map\(\"(/{_HEALTH})\""),
            # FastEndpoints: the path is said within the endpoint.
            (" Get(", rf"[ \t{{]Get\(\"(/(?:[\w-]{{1,30}}/){{0,3}}{_HEALTH})\"\);"),
            ("route ", rf"\broute \"(/{_HEALTH})\""),
            ("StartsWithSegments(", rf"\.StartsWithSegments\(\"(/{_HEALTH})\""),
            ("Route(", rf"\[HttpGet, Route\(\"(/{_HEALTH})\""),
        )
    ),
    SourceRule(
        "dotnet/health-endpoint",
        "health_path",
        "MapGroup(",
        Pattern(rf"\.MapGroup\(\"(/?[\w/-]{{0,60}})\"\)\.MapGet\(\"(/?{_HEALTH})\""),
        "medium",
        lambda match: joined(match[1], match[2]),
    ),
    SourceRule(
        "dotnet/ping",
        "health_path",
        '[HttpGet("',
        Pattern(r"\[HttpGet\([ \t]*\"~?(/(?:api/)?(?:ping|status|up))\""),
        "low",
        _unguarded,
    ),
    SourceRule(
        "dotnet/ping",
        "health_path",
        '[HttpGet("ping")]',
        Pattern(r"\[HttpGet\(\"ping\"\)\]"),
        "low",
        _ping,
    ),
    SourceRule(
        "dotnet/aspire-check",
        "health_path",
        "WithHttpHealthCheck(",
        Pattern(r"\.WithHttpHealthCheck\((?:path:[ \t]*)?\"(/[\w/.-]{1,60})\""),
        "medium",
        text_of,
        120,
    ),
    SourceRule(
        "dotnet/ping",
        "health_path",
        '[Route("/',
        Pattern(r"\[Route\(\"(/(?:api/)?ping)\"\)\]"),
        "low",
        text_of,
    ),
    SourceRule(
        "dotnet/ping",
        "health_path",
        "MapGet(",
        Pattern(r"\bapp\.MapGet\([ \t\r\n]*\"(/(?:api/)?ping)\""),
        "low",
        text_of,
    ),
    SourceRule("dotnet/health-class", "health_path", "[Route(", _CLASS, "medium", _route),
    SourceRule(
        "dotnet/aspire-defaults",
        "health_path",
        "MapDefaultEndpoints(",
        Pattern(r"\.MapDefaultEndpoints\(\)"),
        "low",
        constant("/health"),
    ),
)  # fmt: skip
