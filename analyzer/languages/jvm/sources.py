"""Java and Kotlin sources: routes, addresses and variables that the code itself names."""

import re

from pydantic import JsonValue

from analyzer.languages.health_routes import enclosing_prefix, joined, meaning_of
from analyzer.languages.jvm.servers import SERVER_RULES
from analyzer.languages.jvm.stores import flavour_of_url
from analyzer.languages.jvm.variables import depends_on_place, relaxed
from analyzer.patterns import Pattern
from analyzer.source_rules import SourceRule, constant, text_of

_HEALTH = (
    r"(?:_?health(?:z|-?check|_check|y)?|(?:is[-_]?)?(?:ready|alive)|readyz|readiness|livez?"
    r"|liveness)"
)
_PATH = rf"\"(/(?:[\w-]{{1,30}}/){{0,3}}{_HEALTH})\""
_ROUTE = Pattern(
    r"@(?:Get|Request)Mapping\([ \t]*(?:method[ \t]*=[ \t]*(?:RequestMethod\.)?GET,[ \t]*)?"
    r"(?:(?:value|path)[ \t]*=[ \t]*)?[\[{]?[ \t]*"
    r"\"(~?/?[\w/.-]{0,80})\"",
)
_CLASS = Pattern(r"^(?:public |final |open |abstract )*class \w", re.MULTILINE)
_CLASS_ROUTE = Pattern(
    r"@(?:RequestMapping|Controller)\([ \t]*(?:(?:value|path)[ \t]*=[ \t]*)?[\[{]?[ \t]*"
    r"\"(/?[\w/.-]{0,80})\""
)
_PREFIX = Pattern(
    r"@ConfigurationProperties\([ \t]*(?:(?:prefix|value)[ \t]*=[ \t]*)?\"([\w.-]{1,80})\""
)
# Blocks of Ktor, Javalin and http4k that put a path before their routes.
_BLOCK = Pattern(
    r"\b(?:route|path)\([ \t]*\"(/?[\w/.-]{0,60})\""
    r"|\"(/?[\w/.-]{0,60})\" bind (?:\w{0,20}\.)?routes\("
)
_IS_HEALTH = Pattern(rf"(?:.*/)?{_HEALTH}", re.IGNORECASE)


def _route(match: re.Match[str]) -> JsonValue:
    """Read an annotated route under the path that its class gives."""
    path = match[1].strip("/")
    if not _IS_HEALTH.fullmatch(path):
        return None
    opening = _CLASS.search(match.string, 0, match.start())
    above = list(_CLASS_ROUTE.finditer(match.string, 0, opening.start())) if opening else []
    prefix = above[-1][1].strip("/") if above else ""
    return f"/{prefix}/{path}" if prefix else f"/{path}"


def _readiness(match: re.Match[str]) -> JsonValue:
    """A route of that name is there for the one who asks whether to send traffic."""
    path = _route(match)
    return path if path in ("/ready", "/readyz", "/readiness", "/healthz") else None


def _placed_route(match: re.Match[str]) -> JsonValue:
    """Read a route under the paths of the blocks that it stands in."""
    return joined(enclosing_prefix(match.string, match.start(), _BLOCK), match[1])


def _micronaut_route(match: re.Match[str]) -> JsonValue:
    """Read a route of Micronaut's under the path that its controller gives."""
    above = list(_CLASS_ROUTE.finditer(match.string, 0, match.start()))
    whole = joined(above[-1][1] if above else "", match[1] or "")
    return whole if _IS_HEALTH.fullmatch(whole) else None


def _joined_ping(match: re.Match[str]) -> JsonValue:
    """Read a `ping` or a status of the whole service, not of what lies under a path."""
    above = list(_CLASS_ROUTE.finditer(match.string, 0, match.start()))
    whole = joined(
        above[-1][1] if above else "",
        enclosing_prefix(match.string, match.start(), _BLOCK),
        match[1],
    )
    return whole if meaning_of(whole) == "ping" else None


def _named_route(match: re.Match[str]) -> JsonValue:
    """Read a constant that is the path of a resource or method in the same file."""
    is_path = re.search(rf"@Path\([ \t]*(?:\w+\.)?{match[1]}[ \t]*\)", match.string)
    return f"/{match[2].strip('/')}" if is_path else None


def _flavour(match: re.Match[str]) -> JsonValue:
    found = flavour_of_url(match[1])
    return found[0] if found else None


def _bound(match: re.Match[str]) -> JsonValue:
    """Read a field of a class that settings are bound to, where it depends on the place."""
    prefix = _PREFIX.search(match.string, 0, match.start())
    field = match[1] or match[2]
    if prefix is None or not depends_on_place(field):
        return None
    return relaxed(f"{prefix[1].replace('-', '')}.{field}")


def _of_key(match: re.Match[str]) -> JsonValue:
    name = match[1]
    return name if name.isupper() else relaxed(name) if "." in name else None


def _watched(match: re.Match[str]) -> JsonValue:
    path = match[1]
    return path if meaning_of(path) in ("readiness", "health", "liveness") else None


# Paths whose requests a service leaves out of its log: those of who watches it.
UNLOGGED = "jvm:unlogged"
# The path that an application of JAX-RS, and all its resources, lie under.
APPLICATION = "jvm:application-path"

SOURCE_RULES = (
    *SERVER_RULES,
    SourceRule("jvm/readiness-route", "health_path", "Mapping(", _ROUTE, "high", _readiness),
    SourceRule("jvm/annotated-route", "health_path", "Mapping(", _ROUTE, "medium", _route),
    *(
        SourceRule(
            "jvm/resource-route", APPLICATION, word, Pattern(pattern), "medium", text_of, 200
        )
        for word, pattern in (
            ("@ApplicationPath(", r"@ApplicationPath\([ \t]*\"/?([\w/-]{1,60}?)(?:/\*?)?\""),
            (
                "ServletContainer",
                r"\baddServlet\([^;\n\"]{0,120}ServletContainer\b[^;\n\"]{0,80}\"/([\w/-]{1,60})/\*\"",
            ),
        )
    ),
    SourceRule(
        "jvm/resource-route",
        "health_path",
        "@Path(",
        Pattern(rf"@Path\([ \t]*\"(/?{_HEALTH})\"[ \t]*\)"),
        "low",
        lambda match: f"/{match[1].strip('/')}",
    ),
    SourceRule(
        "jvm/resource-route",
        "health_path",
        "@Path(",
        Pattern(
            r"@Path\([ \t]*\"(/?_?(?:ping|status))\"[ \t]*\)[^{}]{0,300}?"
            r"\bclass (?:Ping|Status|Health)\w*"
        ),
        "low",
        lambda match: f"/{match[1].strip('/')}",
    ),
    SourceRule(
        "jvm/health-constant",
        "health_path",
        "HEALTH",
        Pattern(r"\bHEALTH_?(?:CHECK_?)?(?:PATH|ENDPOINT|URL)\b[ \t]*=[ \t]*\"(/[\w/.-]{1,60})\""),
        "low",
        text_of,
        200,
    ),
    SourceRule(
        "jvm/resource-route",
        "health_path",
        "String ",
        Pattern(rf"\bString (\w{{1,40}})[ \t]*=[ \t]*\"(/?{_HEALTH})\""),
        "medium",
        _named_route,
        200,
        ("@Path(",),
    ),
    SourceRule(
        "jvm/route",
        "health_path",
        'get("',
        Pattern(rf"\bget\(\"(/?(?:[\w-]{{1,30}}/){{0,3}}{_HEALTH})\""),
        "medium",
        _placed_route,
        200,
    ),
    SourceRule(
        "jvm/route",
        "health_path",
        'GET("',
        Pattern(
            rf"(?:RequestPredicates\.|(?<![.\w]))GET\(\"(/?(?:[\w-]{{1,30}}/){{0,3}}{_HEALTH})\""
        ),
        "medium",
        lambda match: f"/{match[1].strip('/')}",
        200,
    ),
    SourceRule(
        "jvm/route",
        "health_path",
        'route("',
        Pattern(
            rf"\broute\(\"(/?(?:[\w-]{{1,30}}/){{0,3}}{_HEALTH})\"\)[ \t]*\{{\s{{1,40}}"
            r"get(?:\(\"/?\"\))?[ \t]*\{"
        ),
        "medium",
        _placed_route,
        300,
    ),
    SourceRule(
        "jvm/bound-route",
        "health_path",
        " bind ",
        Pattern(rf"\"(/?(?:[\w-]{{1,30}}/){{0,3}}{_HEALTH})\" bind\b"),
        "medium",
        _placed_route,
    ),
    *(
        SourceRule("jvm/route", "health_path", word, Pattern(pattern), "medium", _placed_route, 200)
        for word, pattern in (
            ("router.route(", rf"\brouter\.route\((?:HttpMethod\.GET, )?{_PATH}"),
            (".service(", rf"\.service\({_PATH}, HealthCheckService\b"),
            ("@WebServlet(", rf"@WebServlet\([^\"\n]{{0,40}}{_PATH}"),
            ("addServlet(", rf"\baddServlet\([^;\n\"]{{1,120}}{_PATH}"),
            ("Path(", rf"\.add(?:Prefix|Exact)Path\({_PATH}"),
            ("@OpenApi(", rf"@OpenApi\([^()]{{0,200}}?\bpath = {_PATH}"),
            ("@Resource(", rf"@Resource\({_PATH}\)\s{{1,20}}(?:data )?(?:class|object)\b"),
        )
    ),
    SourceRule(
        "jvm/micronaut-route",
        "health_path",
        "@Get",
        Pattern(rf"@Get(?:\((?:(?:uri|value) = )?\"(/?{_HEALTH})\"[^)\n]{{0,60}}\)|(?:\(\))?\s)"),
        "medium",
        _micronaut_route,
        120,
        ("io.micronaut.http",),
    ),
    *(
        SourceRule("jvm/ping", "health_path", word, Pattern(pattern), "low", _joined_ping, 200)
        for word, pattern in (
            ("@GetMapping(", r"@GetMapping\([ \t]*\"(/?(?:ping|status))\""),
            ('get("', r"(?<![.\w])get\(\"(/?(?:ping|status))\"\)[ \t]*\{"),
        )
    ),
    SourceRule(
        "jvm/http-context",
        "health_path",
        "createContext(",
        Pattern(rf"\.createContext\([ \t]*\"(/{_HEALTH})\""),
        "medium",
        text_of,
    ),
    SourceRule(
        "jvm/unlogged-route",
        UNLOGGED,
        "path()",
        Pattern(r"\bpath\(\)(?:\.startsWith\(| ==| !=)[ \t]*\"(/[\w/-]{1,40})\""),
        "low",
        _watched,
        120,
    ),
    SourceRule(
        "jvm/health-check-plugin",
        "health_path",
        "healthcheck(",
        Pattern(r"\bhealthcheck\([ \t]*\"(/[\w/-]{1,60})\""),
        "high",
        text_of,
    ),
    SourceRule(
        "jvm/database-in-source",
        "database",
        "jdbc:",
        Pattern(r"\"(jdbc:[\w+]{1,20}:[\w~./$@{:])"),
        "medium",
        _flavour,
    ),
    SourceRule(
        "jvm/mongo-in-source",
        "database",
        "mongodb://",
        Pattern(r"\"mongodb(?:\+srv)?://"),
        "medium",
        constant("mongodb"),
    ),
    SourceRule(
        "jvm/redis-client",
        "cache",
        "edis",
        Pattern(
            r"\b(?:RedisClient\.create|new Jedis(?:Pool|Pooled|Cluster)?|JedisPool(?:ed)?|"
            r"Redisson\.create|Redis\.createClient|RedisClusterClient\.create)\("
        ),
        "medium",
        constant("redis"),
        200,
    ),
    SourceRule(
        "jvm/optional-redis",
        "optional-cache",
        '"redis"',
        Pattern(r"\bcase \"redis\"|\"redis\"\.equals(?:IgnoreCase)?\(|\bequals\(\"redis\"\)"),
        "medium",
        constant("redis"),
    ),
    SourceRule(
        "jvm/memcached-client",
        "cache",
        "emcached",
        Pattern(r"\b(?:new )?(?:MemcachedClient|XMemcachedClientBuilder)\("),
        "medium",
        constant("memcached"),
        200,
    ),
    SourceRule(
        "jvm/environment",
        "environment_variables",
        "getenv(",
        Pattern(
            r"\bgetenv\((?:\)(?:\.getOrDefault\(|\.get\(|\[))?[ \t]*"
            r"\"([A-Za-z][A-Za-z0-9_]{1,60})\""
        ),
        "high",
        text_of,
        200,
    ),
    *(
        SourceRule(
            "jvm/environment",
            "environment_variables",
            word,
            Pattern(rf"\b\w{{0,30}}[eE]{word[:-2]}\w{{0,20}}\([ \t]*\"([A-Z][A-Z0-9_]{{2,60}})\""),
            "high",
            text_of,
            120,
        )
        # Functions of the program's own that read one.
        for word in ('nv("', 'nvVar("', 'nvOrThrow("', 'nvOrDefault("', 'nvironmentVariable("')
    ),
    SourceRule(
        "jvm/konfig",
        "environment_variables",
        'Key("',
        Pattern(r"\bKey\(\"([\w.-]{2,80})\",[ \t]*\w{1,30}Type\b"),
        "medium",
        lambda match: relaxed(match[1]),
        200,
        ("konfig",),
    ),
    SourceRule(
        "jvm/konfig",
        "environment_variables",
        '" to ',
        Pattern(r"\"([A-Z][A-Z0-9_]{2,60})\" to\b"),
        "medium",
        text_of,
        100,
        ("natpryce.konfig.EnvironmentVariables",),
    ),
    SourceRule(
        "jvm/dotenv",
        "environment_variables",
        "dotenv",
        Pattern(r"\bdotenv(?:\[|\.get\()[ \t]*\"([A-Za-z][A-Za-z0-9_]{1,60})\""),
        "high",
        text_of,
        200,
    ),
    SourceRule(
        "jvm/value",
        "environment_variables",
        "@Value(",
        Pattern(r"@Value\([ \t]*\"[^\"\n{]{0,60}\\?\$\{([A-Za-z][\w.-]{1,80})[:}]"),
        "medium",
        _of_key,
    ),
    SourceRule(
        "jvm/bound-property",
        "environment_variables",
        "@ConfigurationProperties(",
        Pattern(
            r"^[ \t]+(?:private [\w<>.]{1,40} (\w{1,40})[ \t]*[;=]"
            r"|(?:(?:private|lateinit) )?(?:val|var) (\w{1,40})[ \t]*:)",
            re.MULTILINE,
        ),
        "low",
        _bound,
    ),
    SourceRule(
        "jvm/config-property",
        "environment_variables",
        "@ConfigProperty(",
        Pattern(r"@ConfigProperty\([ \t]*name[ \t]*=[ \t]*\"([\w.-]{2,80})\""),
        "medium",
        _of_key,
    ),
)
