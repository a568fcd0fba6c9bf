"""Java and Kotlin sources: routes, ports, addresses and variables that the code itself names."""

import re

from pydantic import JsonValue

from analyzer.languages.jvm_stores import flavour_of_url
from analyzer.languages.jvm_variables import relaxed
from analyzer.source_rules import SourceRule, constant, port_of, text_of

_HEALTH = r"(?:_?health(?:z|-?check|_check|y)?|readyz?|readiness|livez?|liveness|alive|healthcheck)"
_ROUTE = re.compile(
    r"@(?:Get|Request)Mapping\([ \t]*(?:(?:value|path)[ \t]*=[ \t]*)?[\[{]?[ \t]*"
    r"\"(~?/?[\w/.-]{0,80})\"",
)
_CLASS = re.compile(r"^(?:public |final |open |abstract )*class \w", re.MULTILINE)
_CLASS_ROUTE = re.compile(
    r"@(?:RequestMapping|Controller)\([ \t]*(?:(?:value|path)[ \t]*=[ \t]*)?[\[{]?[ \t]*"
    r"\"(/?[\w/.-]{0,80})\""
)
_IS_HEALTH = re.compile(rf"(?:.*/)?{_HEALTH}", re.IGNORECASE)


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


def _flavour(match: re.Match[str]) -> JsonValue:
    found = flavour_of_url(match[1])
    return found[0] if found else None


def _of_key(match: re.Match[str]) -> JsonValue:
    name = match[1]
    return name if name.isupper() else relaxed(name) if "." in name else None


SOURCE_RULES = (
    SourceRule("jvm/readiness-route", "health_path", "Mapping(", _ROUTE, "high", _readiness),
    SourceRule("jvm/annotated-route", "health_path", "Mapping(", _ROUTE, "medium", _route),
    SourceRule(
        "jvm/resource-route",
        "health_path",
        "@Path(",
        re.compile(rf"@Path\([ \t]*\"(/?{_HEALTH})\"[ \t]*\)"),
        "low",
        lambda match: f"/{match[1].strip('/')}",
    ),
    SourceRule(
        "jvm/route",
        "health_path",
        'get("',
        re.compile(rf"\bget\(\"(/?(?:[\w-]{{1,30}}/){{0,3}}{_HEALTH})\""),
        "medium",
        lambda match: f"/{match[1].strip('/')}",
    ),
    SourceRule(
        "jvm/bound-route",
        "health_path",
        " bind ",
        re.compile(rf"\"(/?(?:[\w-]{{1,30}}/){{0,3}}{_HEALTH})\" bind\b"),
        "medium",
        lambda match: f"/{match[1].strip('/')}",
    ),
    SourceRule(
        "jvm/port-variable",
        "port",
        "PORT",
        re.compile(
            r"(?:getenv|getOrDefault|env|get)[(\[][ \t]*\"(?:\w{1,30}_)?PORT\""
            r"[^\n\"]{0,60}?\"?\b(\d{4,5}|80)\b"
        ),
        "high",
        port_of,
    ),
    SourceRule(
        "jvm/embedded-server",
        "port",
        "embeddedServer",
        re.compile(r"\bembeddedServer\([^\n]{0,80}?port[ \t]*=[ \t]*(\d{2,5})\b"),
        "high",
        port_of,
    ),
    SourceRule(
        "jvm/javalin-start",
        "port",
        "Javalin",
        re.compile(
            r"\.start\([ \t]*(\d{2,5})[ \t]*\)"
            r"|\bjetty\.(?:port|defaultPort)[ \t]*=[ \t]*(\d{2,5})\b"
        ),
        "high",
        lambda match: int(match[1] or match[2]),
    ),
    SourceRule(
        "jvm/javalin",
        "kind",
        "Javalin.",
        re.compile(r"\bJavalin\.(?:create|start)\b"),
        "medium",
        constant("web"),
    ),
    SourceRule(
        "jvm/embedded-engine",
        "kind",
        "embeddedServer(",
        re.compile(r"\bembeddedServer\("),
        "medium",
        constant("web"),
    ),
    SourceRule(
        "jvm/engine-main",
        "kind",
        "EngineMain.main(",
        re.compile(r"\bEngineMain\.main\("),
        "medium",
        constant("web"),
    ),
    SourceRule(
        "jvm/handler-as-server",
        "kind",
        ".asServer(",
        re.compile(r"\.asServer\("),
        "medium",
        constant("web"),
    ),
    SourceRule(
        "jvm/http-context",
        "health_path",
        "createContext(",
        re.compile(rf"\.createContext\([ \t]*\"(/{_HEALTH})\""),
        "medium",
        text_of,
    ),
    SourceRule(
        "jvm/health-check-plugin",
        "health_path",
        "healthcheck(",
        re.compile(r"\bhealthcheck\([ \t]*\"(/[\w/-]{1,60})\""),
        "high",
        text_of,
    ),
    SourceRule(
        "jvm/as-server",
        "port",
        "asServer(",
        re.compile(r"\basServer\([ \t]*\w{1,30}\([ \t]*(?:port[ \t]*=[ \t]*)?(\d{2,5})\b"),
        "high",
        port_of,
    ),
    SourceRule(
        "jvm/listen",
        "port",
        ".listen(",
        re.compile(r"\.listen\([ \t]*(\d{2,5})\b"),
        "medium",
        port_of,
    ),
    SourceRule(
        "jvm/port-constant",
        "port",
        "ort = ",
        re.compile(
            r"\b(?:port|(?:default|http|server|listen)Port)(?:[ \t]*:[ \t]*Int)? = (\d{4,5})\b"
        ),
        "low",
        port_of,
    ),
    SourceRule(
        "jvm/port-property",
        "port",
        "defaultValue",
        re.compile(
            r"\bport\b[^\n]{0,80}\([^\n]{0,80}(?:\n[^\n]{0,80}){0,5}?"
            r"\bdefaultValue[ \t]*=[ \t]*(\d{4,5})\b",
            re.IGNORECASE,
        ),
        "medium",
        port_of,
    ),
    SourceRule(
        "jvm/database-in-source",
        "database",
        "jdbc:",
        re.compile(r"\"(jdbc:[\w+]{1,20}:)"),
        "medium",
        _flavour,
    ),
    SourceRule(
        "jvm/mongo-in-source",
        "database",
        "mongodb://",
        re.compile(r"\"mongodb(?:\+srv)?://"),
        "medium",
        constant("mongodb"),
    ),
    SourceRule(
        "jvm/redis-client",
        "cache",
        "edis",
        re.compile(
            r"\b(?:RedisClient\.create|new Jedis(?:Pool|Pooled|Cluster)?|JedisPool(?:ed)?|"
            r"Redisson\.create|Redis\.createClient|RedisClusterClient\.create)\("
        ),
        "medium",
        constant("redis"),
    ),
    SourceRule(
        "jvm/memcached-client",
        "cache",
        "emcached",
        re.compile(r"\b(?:new )?(?:MemcachedClient|XMemcachedClientBuilder)\("),
        "medium",
        constant("memcached"),
    ),
    SourceRule(
        "jvm/environment",
        "environment_variables",
        "env",
        re.compile(
            r"(?:\bgetenv\(|\bgetenv\(\)(?:\.getOrDefault\(|\.get\(|\[)|\benv\(|\benv\[|\bdotenv\[|"
            r"\bdotenv\.get\()[ \t]*\"([A-Za-z][A-Za-z0-9_]{1,60})\""
        ),
        "high",
        text_of,
    ),
    SourceRule(
        "jvm/value",
        "environment_variables",
        "@Value(",
        re.compile(r"@Value\([ \t]*\"[^\"\n{]{0,60}\\?\$\{([A-Za-z][\w.-]{1,80})[:}]"),
        "medium",
        _of_key,
    ),
    SourceRule(
        "jvm/config-property",
        "environment_variables",
        "@ConfigProperty(",
        re.compile(r"@ConfigProperty\([ \t]*name[ \t]*=[ \t]*\"([\w.-]{2,80})\""),
        "medium",
        _of_key,
    ),
    SourceRule(
        "jvm/listener",
        "kind",
        "Listener(",
        re.compile(r"@(?:Kafka|Rabbit|Jms|Sqs)Listener\("),
        "low",
        constant("worker"),
    ),
)
