"""What Node sources say: variables, stores, and that something is served."""

import re
from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from analyzer.languages.cache_switches import NODE_SWITCHES
from analyzer.languages.node.ports import PORT_RULES
from analyzer.languages.store_conditions import is_demanded
from analyzer.languages.watching import is_for_watching
from analyzer.patterns import Pattern
from analyzer.source_rules import SourceRule, constant, is_commented, text_of
from delightful.recommendation import Confidence

# Flavours by the names under which ORMs, query builders and schemas know them.
FLAVOURS: Final = {
    "better-sqlite": "sqlite",
    "better-sqlite3": "sqlite",
    "cockroachdb": "postgres",
    "libsql": "sqlite",
    "mariadb": "mysql",
    "mongo": "mongodb",
    "mongodb": "mongodb",
    "mssql": "sqlserver",
    "mysql": "mysql",
    "mysql2": "mysql",
    "pg": "postgres",
    "postgres": "postgres",
    "postgresql": "postgres",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "sqlserver": "sqlserver",
    "turso": "sqlite",
}
FLAVOUR: Final = "|".join(sorted(FLAVOURS, key=len, reverse=True))
_DRIZZLE: Final = {
    "better-sqlite3": "sqlite",
    "bun-sqlite": "sqlite",
    "libsql": "sqlite",
    "mysql-core": "mysql",
    "mysql2": "mysql",
    "neon-http": "postgres",
    "neon-serverless": "postgres",
    "node-postgres": "postgres",
    "pg-core": "postgres",
    "planetscale-serverless": "mysql",
    "postgres-js": "postgres",
    "sqlite-core": "sqlite",
    "vercel-postgres": "postgres",
}
# One of these stands in every text that names a flavour in quotes.
_FLAVOUR_WORDS: Final = (
    *("cockroachdb", "libsql", "mariadb", "mongo", "mssql", "mysql", "postgres", "sqlite"),
    *("sqlserver", "turso", '"pg"', "'pg'", "`pg`"),
)
_SPAN: Final = 160
# Where what is looked for begins with the word itself.
_SHORT: Final = 40
_NAME: Final = r"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)"
_QUOTED_FLAVOUR: Final = rf"[\"'`]({FLAVOUR})[\"'`]"
# The settings of an environment, up to the first of them.
_FOR_DEVELOPERS: Final = Pattern(r"\b(?:development|test|testing):\s{0,20}\{\s{0,40}$")


def _flavour(match: re.Match[str]) -> JsonValue:
    is_aside = is_commented(match) or _FOR_DEVELOPERS.search(
        match.string, max(match.start() - _SPAN, 0), match.start()
    )
    return None if is_aside else FLAVOURS[match[1]]


def _name(match: re.Match[str]) -> JsonValue:
    name = match[match.lastindex or 0]
    return name if len(name) > 2 else None


def _variables(
    word: str, pattern: str, span: int = _SPAN, beside: tuple[str, ...] = ()
) -> SourceRule:
    return SourceRule(
        "node/environment",
        "environment_variables",
        word,
        Pattern(pattern, re.MULTILINE),
        "high",
        _name,
        span,
        beside,
    )


# It begins with the word itself, which is found many times faster than what may not precede it.
_ENV: Final = r"env(?<!\wenv)(?<!meta\.env)"
_ENVIRONMENT: Final = [
    _variables(
        "env.",
        rf"{_ENV}\.(?:{_NAME}\b|[a-z]\w{{0,11}}\(\s{{0,20}}[\"'`]{_NAME}[\"'`])",
    ),
    _variables("env?.", rf"{_ENV}\?\.{_NAME}\b"),
    _variables("env[", rf"{_ENV}\[[\"'`]{_NAME}[\"'`]\]"),
    _variables("nv(", rf"[eE]nv\(\s{{0,20}}[\"'`]{_NAME}[\"'`]"),
    _variables(
        "= process.env",
        rf"\b{_NAME}\b(?=[^{{}}]{{0,800}}\}}[ \t]*=[ \t]*process\.env\b)",
        span=0,
        beside=("} = process.env", "}= process.env"),
    ),
]


def _schema(word: str) -> SourceRule:
    pattern = rf"^[ \t]+{_NAME}[\"']?:[ \t]*{re.escape(word.strip(': '))}"
    return _variables(word, pattern, span=len(word))


def _settings_call(word: str) -> SourceRule:
    call = r"\.get(?:OrThrow)?(?:<[^>\n]{1,30}>)?\(\s{0,20}"
    return _variables(f"{word}.get", rf"{word}{call}[\"'`]{_NAME}[\"'`]")


def _store(
    rule: str,
    field: str,
    word: str,
    pattern: str,
    confidence: Confidence,
    value: str | None = None,
    span: int = _SPAN,
    beside: tuple[str, ...] = (),
) -> SourceRule:
    read = constant(value) if value else _flavour
    return SourceRule(rule, field, word, Pattern(pattern), confidence, read, span, beside)


def _optional(match: re.Match[str]) -> JsonValue:
    """Read a condition on a cache, but one that only sees to it that there is one."""
    return None if is_demanded(match.string, match.start()) else "none"


# Where it is, or whether: a port or a password that may be left out says nothing of that.
_REDIS_PLACE: Final = r"REDIS_(?!\w{0,30}(?:PORT|PASS|PASSWORD|USER|USERNAME|DB|TLS)\b)\w{1,30}"
_STORES: Final = [
    _store(
        "node/redis-variable",
        "cache",
        "REDIS_",
        r"\bprocess\.env\.(?:\w{1,30}_)?REDIS_(?:HOSTS?|URL|URI|ADDR|ADDRESS)\b",
        "low",
        "redis",
    ),
    # The runtime brings it: no list of packages names it.
    _store(
        "node/runtime-sqlite",
        "database",
        ":sqlite",
        r"(?:from|require\()[ \t]*[\"'](?:bun|node):sqlite[\"']",
        "medium",
        "sqlite",
    ),
    *(
        _store(
            "node/store-default",
            "database",
            word,
            rf"{word}(?:TYPE|CLIENT|DIALECT|CONNECTION|DRIVER|PROVIDER|VENDOR)[\"'`]?[\])]?[ \t]*"
            rf"(?:\|\||\?\?|,|\)\.default\()[ \t]*{_QUOTED_FLAVOUR}",
            "high",
        )
        for word in ("DB_", "DATABASE_")
    ),
    *(
        _store(
            "node/store-default",
            "database",
            word,
            rf"{word}(?:TYPE|CLIENT|DIALECT|CONNECTION|DRIVER|PROVIDER|VENDOR)[\"'`]?:[ \t]*"
            rf"\w{{1,12}}\(\{{[^}}\n]{{0,100}}?\bdefault:[ \t]*{_QUOTED_FLAVOUR}",
            "high",
        )
        for word in ("DB_", "DATABASE_")
    ),
    SourceRule(
        "node/store-url",
        "database",
        "://",
        Pattern(r"[\"'`](postgres|postgresql|mysql|mongodb)(?:\+srv)?://"),
        "low",
        _flavour,
        span=20,
        beside=("postgres", "mysql", "mongodb"),
    ),
]
# Which paths are answered: it serves what tells a program apart that only lets itself be watched.
ROUTE: Final = "node:route"
_ROUTES: Final = [
    SourceRule(
        "node/route",
        ROUTE,
        f".{method}({begin}",
        Pattern(rf"\.{method}\(\s{{0,20}}[\"'`](/[^\"'`\s]{{0,80}})[\"'`]"),
        "medium",
        text_of,
        span=_SPAN,
    )
    for method in ("get", "post", "put", "delete", "all", "use", "route")
    # Of the calls that bear such a name most get no path.
    for begin in ('"/', "'/", "`/", "\n", "\r", " ")
]
# Without a framework a server looks at the path itself.
_ASKED_ROUTES: Final = [
    SourceRule(
        "node/route",
        ROUTE,
        f"{word}{quote}/",
        Pattern(rf"{word}{quote}(/[^\"'\s]{{0,80}}){quote}"),
        "medium",
        text_of,
        span=_SPAN,
        beside=("createServer(",),
    )
    for word in ("=== ", "== ", "case ")
    for quote in "'\""
]
# Hapi takes a route as an object; a path that is no literal may be any.
_HAPI_ROUTES: Final = [
    SourceRule(
        "node/route",
        ROUTE,
        "path:",
        Pattern(r"\bpath:[ \t]*(?:[\"'`](/[^\"'`\s]{0,80})[\"'`]|[\w.$]+)"),
        "medium",
        lambda match: match[1] or "*",
        span=_SPAN,
    )
]
_ASKED: Final = Pattern(
    r"@(?:(Get)|All|Delete|Patch|Post|Put)\(\s{0,20}(?:[\"'`]([^\"'`\n]{0,80})[\"'`])?"
)


def _controlled(match: re.Match[str]) -> JsonValue:
    """Read a controller's path, or of its methods' paths the one that most is asked for."""
    if match[1]:
        return f"/{match[1].strip('/')}"
    paths = [
        f"/{(path or '').strip('/')}" if path or get else "*"
        for get, path in _ASKED.findall(match.string)
    ]
    asked = (path for path in paths if path != "/" and not is_for_watching(path))
    return next(asked, next(iter(paths), "/"))


_NEST_ROUTES: Final = [
    SourceRule(
        "node/route",
        ROUTE,
        "@Controller(",
        Pattern(r"@Controller\([^)\n]{0,60}?[\"'`]([^\"'`\n]{0,80})[\"'`]|@Controller\("),
        "medium",
        _controlled,
        span=_SPAN,
    ),
    *(
        SourceRule(
            "node/route", ROUTE, word, Pattern(re.escape(word)), "medium", constant("*"), _SHORT
        )
        for word in ("@Resolver(", "@WebSocketGateway(", "@GrpcMethod(")
    ),
]
# How Nest is started: to answer requests, messages, or nobody; and what carries the messages.
NEST: Final = "node:nest"
_NEST_STARTS: Final = [
    SourceRule(
        "node/nest-start",
        NEST,
        word,
        Pattern(pattern),
        "high",
        lambda match: match[1].lower(),
        span=_SPAN,
    )
    for word, pattern in (
        ("NestFactory.create", r"\bNestFactory\.create(Microservice|ApplicationContext|\b)"),
        ("Transport.", r"\bTransport\.(TCP|GRPC|RMQ|KAFKA|REDIS|NATS|MQTT)\b"),
    )
]
# A framework that no source imports was left behind, or stands in a template's list.
IMPORTED: Final = "node:imported"
# So was a driver that nothing else loads by its name.
SEEN_IMPORTED: Final = {
    "@hapi/hapi": "hapi",
    "dynamoose": "dynamoose",
    "express": "express",
    "fastify": "fastify",
    "koa": "koa",
    "mongodb": "mongodb",
    "mongoose": "mongoose",
    "restify": "restify",
}
_FRAMEWORK_IMPORTS: Final = [
    SourceRule(
        "node/framework-import",
        IMPORTED,
        f"{quote}{package}{quote}",
        Pattern(re.escape(f"{quote}{package}{quote}")),
        "medium",
        constant(framework),
        _SHORT,
    )
    for package, framework in SEEN_IMPORTED.items()
    for quote in ("'", '"')
]
_SERVING: Final = [
    SourceRule(
        "node/http-server",
        "kind",
        "createServer(",
        # What does not look at the request gives everybody the same answer.
        Pattern(r"createServer\((?!\s{0,20}(?:async )?(?:function \w{0,20})?\(_)"),
        "medium",
        constant("web"),
        span=_SPAN,
    ),
    # Slack is called from here, and calls nothing.
    SourceRule(
        "node/socket-mode",
        "kind",
        "socketMode",
        Pattern(r"\bsocketMode:[ \t]*true\b"),
        "high",
        constant("worker"),
        span=30,
    ),
    SourceRule(
        "node/grpc-server",
        "kind",
        "bindAsync(",
        Pattern(r"bindAsync\("),
        "high",
        constant("web"),
        span=_SPAN,
    ),
    SourceRule(
        "node/serve",
        "kind",
        "serve(",
        Pattern(r"\b(?:Deno|Bun)\.serve\("),
        "high",
        constant("web"),
        span=10,
    ),
]
_OF_REDIS: Final = (
    '"redis"',
    "@redis/client",
    "ioredis",
    "connect-redis",
    "@fastify/redis",
    '"bull',
    "/bull",
    '"bee-queue"',
)
# A client that no list of packages names: another package brings it.
_BROUGHT: Final = _store(
    "node/redis-client",
    "cache",
    "edis(",
    r"new (?:IO)?Redis\(",
    "low",
    "redis",
    beside=('"ioredis"', "'ioredis'"),
)
# Rules that only mean something beside certain packages, by how `package.json` names those.
_BESIDE_PACKAGES: Final[tuple[tuple[tuple[str, ...], list[SourceRule]], ...]] = (
    (
        ("typeorm", "sequelize", "knex", "drizzle", "mikro-orm", "objection", "keystone", "orm"),
        [
            _store(
                "node/store-setting",
                "database",
                f"{key}: ",
                rf"\b{key}:[ \t]*{_QUOTED_FLAVOUR}",
                "medium",
                span=_SHORT,
                beside=_FLAVOUR_WORDS,
            )
            for key in ("type", "dialect", "client", "provider")
        ],
    ),
    (
        ('"drizzle-orm"',),
        [
            SourceRule(
                "node/drizzle",
                "database",
                "drizzle-orm/",
                Pattern(rf"drizzle-orm/({'|'.join(_DRIZZLE)})[\"']"),
                "high",
                lambda match: _DRIZZLE[match[1]],
                span=_SPAN,
            )
        ],
    ),
    (
        ("mongo",),
        [
            _store(
                "node/mongo-client",
                "database",
                "ongo",
                r"mongoose\.connect\(|new MongoClient\(|MongooseModule\.forRoot",
                "high",
                "mongodb",
            )
        ],
    ),
    (
        ('"memcached"', '"memjs"'),
        [
            _store(
                "node/memcached-client",
                "cache",
                word,
                rf"\b{re.escape(word)}",
                "low",
                "memcached",
            )
            for word in ("new Memcached(", "memjs.Client.create(")
        ],
    ),
    (
        _OF_REDIS,
        [
            _store(
                "node/redis-client",
                "cache",
                "edis",
                r"new (?:IO)?Redis\(|RedisModule\.|rediss?://|redis\.createClient\(",
                "low",
                "redis",
                beside=("Redis(", "RedisModule", "redis://", "rediss://", "redis.create"),
            ),
            _store(
                "node/redis-client",
                "cache",
                "createClient(",
                r"(?<!redis\.)\bcreateClient\(",
                "low",
                "redis",
                beside=("'redis'", '"redis"', "'@redis/client'", '"@redis/client"'),
            ),
            *NODE_SWITCHES,
            _store("node/queue", "cache", "Bull", r"new Bull\(|BullModule\.", "low", "redis"),
            _store(
                "node/queue",
                "cache",
                "new Queue",
                r"new Queue[(<]",
                "low",
                "redis",
                beside=("'bull", '"bull', "/bull", "bee-queue"),
            ),
            SourceRule(
                "node/optional-redis",
                "cache",
                "REDIS_",
                Pattern(
                    rf"\bif[ \t]*\([ \t]*(?:process\.)?env\.{_REDIS_PLACE}"
                    rf"|!!(?:process\.)?env\.{_REDIS_PLACE}"
                    rf"|\benv\.{_REDIS_PLACE}[ \t]*"
                    r"(?:\?(?![?.])(?![^\n]{0,160}: new (?:IO)?Redis\()|&&)"
                    r"|\bREDIS_ENABLED\b"
                ),
                "medium",
                _optional,
                _SPAN,
            ),
        ],
    ),
    (('"zod"',), [_schema(": z.")]),
    (
        ('"envalid"',),
        [
            _variables(
                "cleanEnv",
                rf"^[ \t]+{_NAME}[\"']?:[ \t]*(?:str|num|bool|port|url|host|email|json)\(",
                span=0,
            )
        ],
    ),
    (('"joi"',), [_schema(": Joi.")]),
    (('"@adonisjs/core"',), [_schema(": Env.schema")]),
    (
        ("env-schema", "@fastify/env"),
        [_variables("/env'", rf"^[ \t]+{_NAME}:[ \t]*(?:string|number|boolean|\{{)", span=0)],
    ),
    (('"convict"',), [_variables("env:", rf"\benv:[ \t]*[\"'`]{_NAME}[\"'`]")]),
    (
        ("@nestjs/", '"config"', '"nconf"'),
        [_settings_call("onfig"), _settings_call("onfigService")],
    ),
    (("@nestjs/schedule", "@nestjs/bull"), _NEST_ROUTES),
    (("@nestjs/core",), _NEST_STARTS),
    (
        (
            *("mqtt", "amqp", "kafka", "bull", "cron", "nats", "discord", "telegra", "bolt"),
            "kubernetes",
            *("messaging", "service-bus", "sqs", "pubsub"),
        ),
        _ROUTES,
    ),
    (('"@hapi/hapi"',), _HAPI_ROUTES),
    (tuple(f'"{package}"' for package in SEEN_IMPORTED), _FRAMEWORK_IMPORTS),
    ((), [*PORT_RULES, *_SERVING, *_ASKED_ROUTES, *_STORES]),
)
ANYWHERE: Final = tuple(_ENVIRONMENT)


def server_rules(packages: str) -> Iterator[SourceRule]:
    """Yield the rules for what runs on the server, by the texts of the `package.json` files.

    With none at hand there is nothing to tell by, so every rule counts.
    """
    for names, rules in _BESIDE_PACKAGES:
        if not names or not packages or any(name in packages for name in names):
            yield from rules
    if packages and not any(name in packages for name in _OF_REDIS):
        yield _BROUGHT
    yield from _ENVIRONMENT
