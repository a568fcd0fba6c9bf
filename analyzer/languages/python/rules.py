"""What calls of Python packages say, tried only where the package is imported."""

import re
from collections.abc import Mapping
from typing import Final

from analyzer.patterns import Pattern
from analyzer.source_rules import SourceRule, constant, port_of

_M: Final = re.MULTILINE


def _connection(module: str, flavour: str) -> SourceRule:
    pattern = (
        rf"\b{module}\.(?:connector\.)?(?:Async)?"
        r"(?:connect\b|Connect(?:ion)?\(|create_(?:pool|engine)\()"
    )
    return SourceRule(
        "python/connect", "database", module, Pattern(pattern), "medium", constant(flavour)
    )


_MONGO: Final = SourceRule(
    "python/mongo-client",
    "database",
    "Client(",
    Pattern(r"\b(?:Async)?(?:IO)?Mo(?:ngo|tor)\w*Client\("),
    "medium",
    constant("mongodb"),
)
_REDIS: Final = SourceRule(
    "python/redis-client",
    "cache",
    "edis",
    Pattern(
        r"\b(?:redis|aioredis|valkey|asyncio)\.\w*(?:Redis|from_url|ConnectionPool|Valkey)\b|\bRedis(?:\.from_url)?\("
    ),
    "medium",
    constant("redis"),
)
_REDIS_AT_IMPORT: Final = SourceRule(
    "python/redis-at-import",
    "cache",
    "edis",
    Pattern(
        r"^\w+(?:: [\w.]+)? = (?:[\w.]+\.)?"
        r"(?:(?:Strict)?Redis(?:\.from_url)?|get_redis_connection)\(",
        _M,
    ),
    "medium",
    constant("redis"),
)
_DSN: Final = (
    SourceRule(
        "python/database-type",
        "database",
        "PostgresDsn",
        Pattern(r"[:=\[|][ \t]*PostgresDsn\b|\bPostgresDsn\."),
        "medium",
        constant("postgres"),
    ),
    SourceRule(
        "python/database-type",
        "database",
        "Dsn",
        Pattern(r"[:=\[|][ \t]*(?:MySQL|MariaDB)Dsn\b|\b(?:MySQL|MariaDB)Dsn\."),
        "medium",
        constant("mysql"),
    ),
    SourceRule(
        "python/database-type",
        "database",
        "MongoDsn",
        Pattern(r"[:=\[|][ \t]*MongoDsn\b|\bMongoDsn\."),
        "medium",
        constant("mongodb"),
    ),
    SourceRule(
        "python/redis-type",
        "cache",
        "RedisDsn",
        Pattern(r"[:=\[|][ \t]*RedisDsn\b|\bRedisDsn\."),
        "medium",
        constant("redis"),
    ),
)
_SCHEME: Final = tuple(
    SourceRule(
        "python/url-scheme",
        "database",
        name,
        Pattern(
            r"\b(?:scheme|drivername|dialect|engine)[\"']?[ \t]*[=:][ \t]*"
            rf"[\"']{name}\w*(?:\+\w{{1,20}})?[\"']"
        ),
        "medium",
        constant(flavour),
    )
    for name, flavour in (("postgres", "postgres"), ("mysql", "mysql"), ("mssql", "sqlserver"))
)
_CONSUMER: Final = SourceRule(
    "python/consumer",
    "kind",
    "onsum",
    Pattern(r"\.(?:start_consuming|basic_consume|consume)\(|\b(?:AIO)?KafkaConsumer\("),
    "low",
    constant("worker"),
)
_WATCH: Final = SourceRule(
    "python/cluster-watch",
    "kind",
    "atch",
    Pattern(r"\bwatch\.Watch\(\)|\bWatch\(\)\.stream\("),
    "medium",
    constant("worker"),
)
_PEEWEE: Final = tuple(
    SourceRule(
        "python/peewee",
        "database",
        name,
        Pattern(rf"\b\w*{name}\("),
        "medium",
        constant(flavour),
    )
    for name, flavour in (
        ("PostgresqlDatabase", "postgres"),
        ("MySQLDatabase", "mysql"),
        ("SqliteDatabase", "sqlite"),
    )
)
_DYNAMODB: Final = SourceRule(
    "python/dynamodb",
    "database",
    "dynamodb",
    Pattern(r"\b(?:resource|client)\([ \t\n]*[\"']dynamodb[\"']"),
    "medium",
    constant("dynamodb"),
)
_CELERY: Final = SourceRule(
    "python/celery-application",
    "worker",
    "Celery(",
    Pattern(r"(?:=|return)[ \t]*(?:celery\.)?Celery\("),
    "medium",
    constant(True),
)
_ACTOR: Final = SourceRule(
    "python/actor",
    "worker",
    "@",
    Pattern(r"^[ \t]*@(?:\w+\.)?(?:actor|task|periodic_task|db_task|db_periodic_task)\b", _M),
    "medium",
    constant(True),
)
_ARQ: Final = SourceRule(
    "python/worker-settings",
    "worker",
    "WorkerSettings",
    Pattern(r"^class \w*WorkerSettings\b", _M),
    "high",
    constant(True),
)
_RQ: Final = SourceRule(
    "python/queue-worker", "worker", ".work(", Pattern(r"\.work\("), "medium", constant(True)
)
_COMMAND: Final = tuple(
    SourceRule(
        "python/worker-command",
        "worker",
        f".{call}(",
        Pattern(
            rf"^@\w+\.{call}\([ \t\n]*[\"'](?:run[-_]?|start[-_]?)?(?:worker|scheduler)[\"']", _M
        ),
        "medium",
        constant(True),
        beside=('worker"', "worker'", 'scheduler"', "scheduler'"),
    )
    for call in ("command", "group")
)
_GRPC: Final = (
    SourceRule(
        "python/grpc-server",
        "kind",
        "server(",
        Pattern(r"\bgrpc(?:\.aio)?\.server\(|\baio\.server\("),
        "medium",
        constant("web"),
    ),
    SourceRule(
        "python/grpc-port",
        "port",
        "secure_port(",
        Pattern(r"secure_port\([ \t\n]*f?[\"'][^\"'\n]{0,40}:(\d{2,5})[\"']"),
        "medium",
        port_of,
    ),
)
_EVENTLET: Final = SourceRule(
    "python/http-server",
    "kind",
    "wsgi.server(",
    Pattern(r"\bwsgi\.server\("),
    "medium",
    constant("web"),
)
_HTTP: Final = (
    SourceRule(
        "python/http-server",
        "kind",
        "Server(",
        Pattern(r"\b(?:Threading)?HTTPServer\("),
        "medium",
        constant("web"),
    ),
    SourceRule(
        "python/http-server-class",
        "kind",
        "HTTPServer):",
        Pattern(r"^class \w+\((?:Threading)?HTTPServer\):", _M),
        "medium",
        constant("web"),
    ),
    SourceRule(
        "python/server-address",
        "port",
        "erver(",
        Pattern(
            r"(?:HTTPServer|make_server|WSGIServer)\([ \t\n]*\(?[ \t]*"
            r"[\"'][^\"'\n]{0,60}[\"'][ \t]*,[ \t]*(\d{2,5})\b"
        ),
        "medium",
        port_of,
    ),
)
_OWN_GUNICORN: Final = SourceRule(
    "python/gunicorn-setting",
    "port",
    ".set(",
    Pattern(r"\bcfg\.set\([ \t]*[\"']bind[\"'],[ \t]*[\"'][^\"'\n:]{0,40}:(\d{2,5})[\"']"),
    "high",
    port_of,
)
_LISTEN: Final = SourceRule(
    "python/listen",
    "port",
    ".listen(",
    Pattern(r"\.listen\([ \t]*(\d{2,5})\b"),
    "medium",
    port_of,
)
_MEMCACHED: Final = SourceRule(
    "python/memcached-client",
    "cache",
    "Client(",
    Pattern(r"\b(?:\w+\.)?\w*Client\("),
    "medium",
    constant("memcached"),
)

_TWISTED: Final = SourceRule(
    "python/http-server",
    "kind",
    "from twisted.web",
    Pattern(r"^from twisted\.web(?: import .*\bserver\b|\.server import .*\bSite\b)", _M),
    "medium",
    constant("web"),
)

IMPORT_RULES: Final[Mapping[str, tuple[SourceRule, ...]]] = {
    "asyncpg": (_connection("asyncpg", "postgres"),),
    "psycopg": (_connection("psycopg", "postgres"),),
    "psycopg2": (_connection("psycopg2", "postgres"),),
    "aiopg": (_connection("aiopg", "postgres"),),
    "pymysql": (_connection("pymysql", "mysql"),),
    "MySQLdb": (_connection("MySQLdb", "mysql"),),
    "aiomysql": (_connection("aiomysql", "mysql"),),
    "mysql": (_connection("mysql", "mysql"),),
    "pymssql": (_connection("pymssql", "sqlserver"),),
    "sqlite3": (_connection("sqlite3", "sqlite"),),
    "aiosqlite": (_connection("aiosqlite", "sqlite"),),
    "pymongo": (_MONGO,),
    "motor": (_MONGO,),
    "redis": (_REDIS, _REDIS_AT_IMPORT),
    "aioredis": (_REDIS, _REDIS_AT_IMPORT),
    "django_redis": (_REDIS_AT_IMPORT,),
    "valkey": (_REDIS,),
    "pydantic": (*_DSN, *_SCHEME),
    "sqlalchemy": _SCHEME,
    "yarl": _SCHEME,
    "kubernetes": (_WATCH,),
    "kubernetes_asyncio": (_WATCH,),
    "pika": (_CONSUMER,),
    "aio_pika": (_CONSUMER,),
    "kombu": (_CONSUMER,),
    "kafka": (_CONSUMER,),
    "aiokafka": (_CONSUMER,),
    "peewee": _PEEWEE,
    "playhouse": _PEEWEE,
    "boto3": (_DYNAMODB,),
    "aioboto3": (_DYNAMODB,),
    "celery": (_CELERY,),
    "click": _COMMAND,
    "typer": _COMMAND,
    "dramatiq": (_ACTOR,),
    "huey": (_ACTOR,),
    "taskiq": (_ACTOR,),
    "arq": (_ARQ,),
    "rq": (_RQ,),
    "grpc": _GRPC,
    "twisted": (_TWISTED,),
    "http": _HTTP,
    "wsgiref": _HTTP,
    "eventlet": (*_HTTP, _EVENTLET),
    "gevent": _HTTP,
    "gunicorn": (_OWN_GUNICORN,),
    "tornado": (_LISTEN,),
    "pymemcache": (_MEMCACHED,),
    "pylibmc": (_MEMCACHED,),
    "aiomcache": (_MEMCACHED,),
}
