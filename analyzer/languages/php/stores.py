"""Stores, queues and migrations of a PHP service, by the settings files of its framework."""

import re
from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, quoted_match
from analyzer.languages.dependencies import Dependencies
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

FLAVOURS: Final = {
    "cockroachdb": "postgres",
    "mariadb": "mysql",
    "mongodb": "mongodb",
    "mssql": "sqlserver",
    "mysql": "mysql",
    "mysql2": "mysql",
    "mysqli": "mysql",
    "pdo-mysql": "mysql",
    "pdo-pgsql": "postgres",
    "pdo-sqlite": "sqlite",
    "pdo_mysql": "mysql",
    "pdo_pgsql": "postgres",
    "pdo_sqlite": "sqlite",
    "pdo_sqlsrv": "sqlserver",
    "pgsql": "postgres",
    "postgre": "postgres",
    "postgres": "postgres",
    "postgresql": "postgres",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "sqlserver": "sqlserver",
    "sqlsrv": "sqlserver",
}
_FLAVOUR: Final = "|".join(sorted(FLAVOURS, key=len, reverse=True))
_DEFAULT_CONNECTION: Final = Pattern(
    rf"[\"']default[\"']\s*=>\s*[^\n]{{0,60}}?[\"'](?:DB_CONNECTION|DB_DRIVER|DB_TYPE)[\"'][ \t)]*,"
    rf"[ \t]*[\"']({_FLAVOUR})[\"']|[\"']default[\"']\s*=>\s*[\"']({_FLAVOUR})[\"']"
)
# Where the settings of Laravel name what caches, queues and sessions are kept in.
_LARAVEL_STORES: Final = Pattern(
    r"[\"'](?:default|driver|store)[\"']\s*=>\s*[^\n]{0,60}?[\"'](?:CACHE_DRIVER|CACHE_STORE|"
    r"QUEUE_CONNECTION|QUEUE_DRIVER|SESSION_DRIVER|BROADCAST_DRIVER)[\"'][ \t)]*,[ \t]*"
    r"[^\n]{0,40}?[\"']([a-z]{2,12})[\"']"
)
_LARAVEL_FILES: Final = ("cache.php", "queue.php", "session.php")
_SAMPLES: Final = (".env.example", ".env.dist", ".env.prod.example")
_ENVIRONMENT_STORE: Final = Pattern(
    r"^(?:CACHE_DRIVER|CACHE_STORE|QUEUE_CONNECTION|QUEUE_DRIVER|SESSION_DRIVER)="
    r"[ \t]*[\"']?(redis|memcached)\b",
    re.MULTILINE,
)
_ENVIRONMENT_QUEUE: Final = Pattern(
    r"^(?:QUEUE_CONNECTION|QUEUE_DRIVER)=[ \t]*[\"']?(redis|database|sqs|beanstalkd)\b",
    re.MULTILINE,
)
_ENVIRONMENT_DATABASE: Final = Pattern(
    rf"^(?:DB_CONNECTION|DATABASE_DRIVER|DB_DRIVER)=[ \t]*[\"']?({_FLAVOUR})\b", re.MULTILINE
)
_DATABASE_URL: Final = Pattern(rf"^DATABASE_URL=[ \t]*[\"']?({_FLAVOUR})2?:", re.MULTILINE)
# What Symfony's settings take from a file of their own.
_PARAMETER: Final = Pattern(rf"^[ \t]+database_driver:[ \t]*[\"']?({_FLAVOUR})\b", re.MULTILINE)
_DOCTRINE_DRIVER: Final = Pattern(rf"^[ \t]+driver:[ \t]*[\"']?({_FLAVOUR})\b", re.MULTILINE)
_SYMFONY_REDIS: Final = Pattern(
    r"^[ \t]+(?![ \t]|env\(|default_redis_provider)[^#\n]{0,60}(?:cache\.adapter\.redis|\bredis://|"
    r"[\"']%env\((?:\w{1,20}:)?REDIS_\w{1,20}\)%)",
    re.MULTILINE,
)
# A client that is a service of the container's.
_SYMFONY_CLIENT: Final = Pattern(
    r"^[ \t]+(?:class:[ \t]*[\"']?\\?(?:Predis\\Client|Redis)[\"']?|\\?(?:Predis\\Client|Redis):)"
    r"[ \t]*$",
    re.MULTILINE,
)
_SYMFONY_QUEUE: Final = Pattern(
    r"^[ \t]+[\"']?App\\[\w\\]{1,80}[\"']?:[ \t]*\[?[\w, -]+", re.MULTILINE
)
_MOST_SCHEMAS: Final = 8
_OTHER_SCHEMA: Final = Pattern(r"pgsql|postgres|sqlite|mssql|sqlsrv|oracle", re.IGNORECASE)
_ENGINE: Final = Pattern(r"\bENGINE[ \t]*=[ \t]*(?:InnoDB|MyISAM|Aria)\b", re.IGNORECASE)
_SUFFIXES: Final = (".php", ".yaml", ".yml", ".conf", ".ini", ".sh")
_SUPERVISED: Final = Pattern(
    r"\b(?:artisan (?:queue:work|horizon)|messenger:consume|queue/listen)\b"
)
_DRIVERS: Final = {
    "ext-pdo_mysql": "mysql",
    "ext-mysqli": "mysql",
    "ext-pdo_pgsql": "postgres",
    "ext-pgsql": "postgres",
    "ext-pdo_sqlite": "sqlite",
    "ext-sqlite3": "sqlite",
    "yiisoft/db-mysql": "mysql",
    "yiisoft/db-pgsql": "postgres",
    "yiisoft/db-sqlite": "sqlite",
    "yiisoft/yii2-mongodb": "mongodb",
    "doctrine/mongodb-odm": "mongodb",
    "ext-mongodb": "mongodb",
    "mongodb/mongodb": "mongodb",
    "mongodb/laravel-mongodb": "mongodb",
    "jenssegers/mongodb": "mongodb",
    "doctrine/mongodb-odm-bundle": "mongodb",
}
# Content systems that run on MySQL or its like and on little else.
_ON_MYSQL: Final = frozenset({"wordpress", "drupal", "magento", "typo3", "craft", "flarum"})
_CACHES: Final[dict[str, tuple[str, Confidence]]] = {
    "laravel/horizon": ("redis", "high"),
    "snc/redis-bundle": ("redis", "medium"),
    "predis/predis": ("redis", "low"),
    "ext-redis": ("redis", "high"),
    "yiisoft/yii2-redis": ("redis", "low"),
    "ext-memcached": ("memcached", "low"),
}
_LUMEN_VARIABLES: Final = (
    *("APP_KEY", "DB_CONNECTION", "DB_HOST", "DB_PORT", "DB_DATABASE", "DB_USERNAME"),
    "DB_PASSWORD",
)
_MIGRATIONS: Final = (
    (
        "doctrine/doctrine-migrations-bundle",
        "doctrine",
        "php bin/console doctrine:migrations:migrate -n",
    ),
    ("cakephp/migrations", "cakephp", "bin/cake migrations migrate"),
    ("robmorgan/phinx", "phinx", "vendor/bin/phinx migrate"),
    ("doctrine/migrations", "doctrine", "vendor/bin/doctrine-migrations migrate -n"),
)


def store_facts(tree: SourceTree, packages: Dependencies, framework: Fact | None) -> Iterator[Fact]:
    """Yield the database, cache and queue that packages and settings files name."""
    yield from _drivers(packages, framework)
    if framework and framework.value in _ON_MYSQL:
        yield Fact("database", "mysql", "php/content-system", "medium", framework.evidence)
    yield from _lumen(tree, framework)
    # The file that is read itself, where it is there, not what it is copied from.
    for path in (".env",) if ".env" in tree else _SAMPLES:
        if path in tree:
            yield from _environment(path, tree.text(path) or "")
    yield from _schemas(tree)
    for path in tree.paths:
        if path.endswith((*_SUFFIXES, ".yaml.dist", ".yml.dist")) and path.count("/") < 4:
            yield from _settings(tree, path)


def _lumen(tree: SourceTree, framework: Fact | None) -> Iterator[Fact]:
    """Yield what Lumen's own settings read and default to, where tables are set up without others.

    https://github.com/laravel/lumen-framework/blob/10.x/config/database.php
    """
    is_lumen = framework is not None and framework.value == "lumen"
    if not is_lumen or framework is None or "config/database.php" in tree:
        return
    if tree.below("database/migrations"):
        evidence = framework.evidence
        yield Fact("database", "mysql", "php/lumen-settings", "medium", evidence)
        for name in _LUMEN_VARIABLES:
            yield Fact("environment_variables", name, "php/lumen-settings", "medium", evidence)


def _drivers(packages: Dependencies, framework: Fact | None) -> Iterator[Fact]:
    flavours = {_DRIVERS[name]: name for name in packages if name in _DRIVERS}
    if len(flavours) == 1:
        for flavour, name in flavours.items():
            yield Fact("database", flavour, "php/driver", "medium", packages[name])
    # Symfony keeps its cache in files until its settings say otherwise.
    is_symfony = framework is not None and framework.value == "symfony"
    for name, (value, confidence) in _CACHES.items():
        if name in packages and not (is_symfony and confidence == "low"):
            yield Fact("cache", value, "php/cache-driver", confidence, packages[name])
    if "laravel/horizon" in packages:
        yield Fact("worker", True, "php/horizon", "high", packages["laravel/horizon"])


def _schemas(tree: SourceTree) -> Iterator[Fact]:
    """Yield MySQL where the tables that are set up are kept by an engine that only it has.

    Not where there are tables for another database beside them.
    """
    paths = tree.sources(".sql")
    if any(_OTHER_SCHEMA.search(path) for path in paths):
        return
    for path in paths[:_MOST_SCHEMAS]:
        text = tree.text(path) or ""
        match = _ENGINE.search(text)
        if match:
            yield Fact("database", "mysql", "php/schema", "medium", quoted_match(path, text, match))
            return


def _settings(tree: SourceTree, path: str) -> Iterator[Fact]:
    folders, _, name = path.rpartition("/")
    is_settings = folders.lower().endswith("config")
    if is_settings and name == "database.php" and _has_tables(tree):
        yield from _first(tree, path, _DEFAULT_CONNECTION, "php/default-connection", "medium")
    elif is_settings and name in _LARAVEL_FILES:
        yield from _laravel_store(tree, path)
    elif "config" in folders.split("/") and name.startswith("parameters."):
        yield from _first(tree, path, _PARAMETER, "php/parameter", "medium")
    elif "config" in folders.split("/") and name.endswith((".yaml", ".yml")):
        yield from _symfony(tree, path, name)
    elif name.endswith((".conf", ".ini", ".sh")):
        yield from _supervised(tree, path)


def _has_tables(tree: SourceTree) -> bool:
    """Say whether tables are set up anywhere; a framework's settings have a database without."""
    return any("migrations/" in path.lower() or path.endswith(".sql") for path in tree.paths)


def _first(
    tree: SourceTree, path: str, pattern: Pattern[str], rule: str, confidence: Confidence
) -> Iterator[Fact]:
    text = tree.text(path) or ""
    match = pattern.search(text)
    if match:
        flavour = FLAVOURS[next(group for group in match.groups() if group).lower()]
        yield Fact("database", flavour, rule, confidence, quoted_match(path, text, match))


def _laravel_store(tree: SourceTree, path: str) -> Iterator[Fact]:
    text = tree.text(path) or ""
    match = _LARAVEL_STORES.search(text)
    if match is None:
        return
    evidence = quoted_match(path, text, match)
    is_store = match[1] in ("redis", "memcached")
    if is_store:
        yield Fact("cache", match[1], "php/default-store", "high", evidence)
    elif path.endswith("cache.php"):
        yield Fact("cache", "none", "php/default-store", "medium", evidence)
    if path.endswith("queue.php") and match[1] == "redis":
        yield Fact("worker", True, "php/default-queue", "medium", evidence)


def _symfony(tree: SourceTree, path: str, name: str) -> Iterator[Fact]:
    if name.startswith("doctrine"):
        yield from _first(tree, path, _DOCTRINE_DRIVER, "php/doctrine-driver", "high")
    text = tree.text(path) or ""
    redis = _SYMFONY_REDIS.search(text) if "redis" in text or "REDIS" in text else None
    if redis and name.startswith(("cache", "framework", "snc", "messenger", "lock", "session")):
        evidence = quoted_match(path, text, redis)
        yield Fact("cache", "redis", "php/symfony-redis", "high", evidence)
    client = _SYMFONY_CLIENT.search(text) if name.partition(".")[0] == "services" else None
    if client:
        evidence = quoted_match(path, text, client)
        yield Fact("cache", "redis", "php/symfony-client", "medium", evidence)
    queue = _SYMFONY_QUEUE.search(text) if name.startswith("messenger") else None
    if queue and "async" in queue[0]:
        evidence = quoted_match(path, text, queue)
        yield Fact("worker", True, "php/messenger", "medium", evidence)


def _supervised(tree: SourceTree, path: str) -> Iterator[Fact]:
    text = tree.text(path) or ""
    match = _SUPERVISED.search(text)
    if match:
        yield Fact("worker", True, "php/supervised", "medium", quoted_match(path, text, match))


def _environment(path: str, text: str) -> Iterator[Fact]:
    for pattern in (_ENVIRONMENT_DATABASE, _DATABASE_URL):
        match = pattern.search(text)
        if match:
            evidence = quoted_match(path, text, match)
            flavour = FLAVOURS[match[1].lower()]
            yield Fact("database", flavour, "php/environment-file", "high", evidence)
    store = _ENVIRONMENT_STORE.search(text)
    if store:
        evidence = quoted_match(path, text, store)
        yield Fact("cache", store[1], "php/environment-file", "high", evidence)
    queue = _ENVIRONMENT_QUEUE.search(text)
    if queue:
        evidence = quoted_match(path, text, queue)
        yield Fact("worker", True, "php/environment-queue", "medium", evidence)


def migration_facts(
    tree: SourceTree, packages: Dependencies, framework: Fact | None
) -> Iterator[Fact]:
    """Yield the tool that changes the database's schema and the command that runs it."""
    for name, tool, command in _MIGRATIONS:
        if name in packages:
            words: list[JsonValue] = [*command.split()]
            yield Fact("migration_tool", tool, "php/migrations", "high", packages[name])
            yield Fact("migration_command", words, "php/migrations", "medium", packages[name])
            return
    commands = {
        "laravel": ("database/migrations/", ["php", "artisan", "migrate", "--force"]),
        "codeigniter": ("app/Database/Migrations/", ["php", "spark", "migrate"]),
        "yii": ("migrations/", ["php", "yii", "migrate", "--interactive=0"]),
    }
    named = commands.get(str(framework.value)) if framework else None
    if framework and named and any(path.startswith(named[0]) for path in tree.paths):
        run: list[JsonValue] = [*named[1]]
        tool = str(framework.value)
        yield Fact("migration_tool", tool, "php/migration-folder", "high", framework.evidence)
        yield Fact("migration_command", run, "php/migration-folder", "high", framework.evidence)
