"""What packages and classifiers say of a Python service: framework, stores, kind."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.facts import Fact, quoted, quoted_match
from analyzer.languages.python.project import PythonProject
from analyzer.languages.python.working import QUEUES
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

# The one that sits on top comes first: FastAPI brings Starlette, Django REST brings Django.
_FRAMEWORKS: Final = (
    ("django", "django"),
    ("fastapi", "fastapi"),
    ("litestar", "litestar"),
    ("sanic", "sanic"),
    ("quart", "quart"),
    ("flask", "flask"),
    ("apiflask", "flask"),
    ("canonicalwebteam-flask-base", "flask"),
    ("falcon", "falcon"),
    ("pyramid", "pyramid"),
    ("bottle", "bottle"),
    ("streamlit", "streamlit"),
    ("dash", "dash"),
    ("gradio", "gradio"),
    ("nicegui", "nicegui"),
    ("chalice", "chalice"),
    ("robyn", "robyn"),
    ("blacksheep", "blacksheep"),
    ("cherrypy", "cherrypy"),
    ("reflex", "reflex"),
    ("chainlit", "chainlit"),
    ("masonite", "masonite"),
)
# Clients use these as well: only the source can tell.
_ALSO_CLIENTS: Final = (("starlette", "starlette"), ("tornado", "tornado"), ("aiohttp", "aiohttp"))
_DATABASES: Final = {
    "asyncpg": "postgres",
    "django-cockroachdb": "postgres",
    "gino": "postgres",
    "psycopg2cffi": "postgres",
    "psycopg": "postgres",
    "psycopg2": "postgres",
    "psycopg2-binary": "postgres",
    "psycopg-binary": "postgres",
    "pg8000": "postgres",
    "aiopg": "postgres",
    "django-postgres-extra": "postgres",
    "pgvector": "postgres",
    "aiomysql": "mysql",
    "django-mysql": "mysql",
    "mariadb": "mysql",
    "mysql-connector": "mysql",
    "asyncmy": "mysql",
    "mysqlclient": "mysql",
    "mysql-connector-python": "mysql",
    "pymysql": "mysql",
    "flask-mysqldb": "mysql",
    "beanie": "mongodb",
    "flask-mongoengine": "mongodb",
    "umongo": "mongodb",
    "flask-pymongo": "mongodb",
    "mongoengine": "mongodb",
    "motor": "mongodb",
    "odmantic": "mongodb",
    "pymongo": "mongodb",
    "djongo": "mongodb",
    "pymssql": "sqlserver",
    "mssql-django": "sqlserver",
    "python-tds": "sqlserver",
    "pynamodb": "dynamodb",
    "cassandra-driver": "cassandra",
    "aiosqlite": "sqlite",
}
# Without Redis these do not run; a plain client may be there for a feature that is off.
_NEED_REDIS: Final = (
    "rq",
    "django-rq",
    "arq",
    "channels-redis",
    "celery[redis]",
    "kombu[redis]",
    "dramatiq[redis]",
    "taskiq-redis",
    "flask-redis",
    "fastapi-cache2[redis]",
    "aiocache[redis]",
    "litestar-saq",
)
_CACHES: Final = {
    "redis": "redis",
    "aioredis": "redis",
    "valkey": "redis",
    "pymemcache": "memcached",
    "pylibmc": "memcached",
    "python-memcached": "memcached",
    "django-bmemcached": "memcached",
}
# Queues that can also run on a broker other than Redis.
_BROKERED: Final = ("celery", "django-q", "django-q2", "dramatiq", "huey", "saq", "taskiq")
# What draws on a whole terminal.
_TERMINALS: Final = ("urwid", "textual", "npyscreen", "asciimatics", "pytermgui")
_FRAMEWORK_PORTS: Final = {
    "django": 8000,
    "fastapi": 8000,
    "starlette": 8000,
    "litestar": 8000,
    "sanic": 8000,
    "falcon": 8000,
    "flask": 5000,
    "quart": 5000,
    "streamlit": 8501,
    "dash": 8050,
    "gradio": 7860,
    "nicegui": 8080,
    "aiohttp": 8080,
    "bottle": 8080,
    "tornado": 8888,
    "pyramid": 6543,
    "cherrypy": 8080,
    "reflex": 3000,
    "chainlit": 8000,
    "blacksheep": 8000,
}
_NAMED: Final = Pattern(r"^[ \t]*name[ \t]*=[ \t]*[\"']?([\w.-]+)", re.MULTILINE)
_FRAMEWORK_NAMES: Final = frozenset(name for name, _ in (*_FRAMEWORKS, *_ALSO_CLIENTS))
# Packages that other services require: whoever is called so is not a service.
_FOR_OTHERS: Final = _FRAMEWORK_NAMES | {*QUEUES}
_DESCRIPTION: Final = Pattern(r"^[ \t]*description[ \t]*=[ \t]*[\"']?([^\n]{1,300})", re.MULTILINE)
_CUES: Final = (
    ("cli", Pattern(r"command[- ]line|\bCLI\b|terminal|formatter|linter|\butility\b", re.I)),
    (
        "library",
        Pattern(
            r"library|framework|toolkit|\bSDK\b|wrapper|bindings|\b(?:HTTP|API) client\b"
            r"|\bfor (?:Python|asyncio|Django|Flask|FastAPI)\b",
            re.I,
        ),
    ),
)
_PACKAGE_FILES: Final = ("pyproject.toml", "setup.py", "setup.cfg")
_SCRIPTS: Final = ("[project.scripts]", "[tool.poetry.scripts]", "console_scripts", "\nscripts.")
_LIBRARY: Final = (
    "library",
    "python/library-classifier",
    "Topic :: Software Development :: Libraries",
    "medium",
)
_Mark = tuple[str, str, str, Confidence]
# What a package with entry points is, and one without.
_PROGRAM: Final[tuple[_Mark, ...]] = (
    _LIBRARY,
    ("web", "python/web-classifier", "Environment :: Web Environment", "medium"),
    ("cli", "python/console", "Environment :: Console", "medium"),
    ("cli", "python/scripts", "[project.scripts]", "low"),
    ("cli", "python/scripts", "[tool.poetry.scripts]", "low"),
    ("cli", "python/scripts", "console_scripts", "low"),
    ("cli", "python/scripts", "\nscripts.", "low"),
    ("library", "python/for-developers", "Intended Audience :: Developers", "low"),
)
_PACKAGE: Final[tuple[_Mark, ...]] = (
    _LIBRARY,
    # What is made for a framework is added to programs of others.
    ("library", "python/framework-classifier", "Framework ::", "medium"),
    ("library", "python/package", "[build-system]", "low"),
    ("library", "python/package", "packages=", "low"),
    ("library", "python/for-developers", "Intended Audience :: Developers", "low"),
)


def framework_facts(project: PythonProject) -> Iterator[Fact]:
    """Yield the framework that is required; one that clients use too is only a hint."""
    known = [pair for pair in _FRAMEWORKS if pair[0] in project.required]
    for index, (package, framework) in enumerate(known):
        sure: Confidence = "low" if index else "high" if len(known) == 1 else "medium"
        evidence = project.required[package]
        yield Fact("framework", framework, "python/dependency", sure, evidence)
    for package, framework in () if known else _ALSO_CLIENTS:
        if package in project.required:
            evidence = project.required[package]
            yield Fact("framework", framework, "python/client-or-server", "low", evidence)
            return


def default_port_facts(frameworks: Sequence[Fact]) -> Iterator[Fact]:
    """Yield the port on which the framework listens where nothing else is said."""
    for fact in frameworks:
        if fact.rule == "python/client-or-server" and fact.value == "aiohttp":
            continue  # its client is used far more often than its server
        port = _FRAMEWORK_PORTS.get(str(fact.value)) if fact.field == "framework" else None
        if port:
            yield Fact("port", port, "python/framework-port", "low", fact.evidence)
            return


def store_facts(project: PythonProject) -> Iterator[Fact]:
    """Yield database and cache whose drivers are required; a plain client is only a hint."""
    only = required_driver(project)
    for name, flavour in _DATABASES.items():
        if name in project.required:
            sure: Confidence = "medium" if flavour == only else "low"
            yield Fact("database", flavour, "python/driver", sure, project.required[name])
    for name in _NEED_REDIS:
        if name in project.required and name not in project.brought:
            yield Fact("cache", "redis", "python/needs-redis", "high", project.required[name])
    for name, cache in _CACHES.items():
        if name in project.required:
            yield Fact("cache", cache, "python/cache-client", "low", project.required[name])
    client = project.evidence(*(one for one in ("redis", "valkey") if one not in project.brought))
    if client and project.evidence(*_BROKERED):
        yield Fact("cache", "redis", "python/queue-on-redis", "low", client)


def required_driver(project: PythonProject) -> str | None:
    """Return the one flavour that the project requires a driver of.

    The standard library's SQLite is there for developers and tests beside a server's driver; who
    requires one of its own may run on it.
    """
    flavours = {flavour for name, flavour in _DATABASES.items() if name in project.required}
    return flavours.pop() if len(flavours) == 1 else None


def _described(path: str, text: str) -> Iterator[Fact]:
    name = _NAMED.search(text)
    if name and name[1].lower() in _FOR_OTHERS:
        evidence = quoted_match(path, text, name)
        yield Fact("kind", "library", "python/framework-itself", "high", evidence)
    description = _DESCRIPTION.search(text)
    for kind, pattern in _CUES if description else ():
        if description and pattern.search(description[1]):
            evidence = quoted_match(path, text, description)
            yield Fact("kind", kind, "python/description", "low", evidence)
            return


def kind_facts(tree: SourceTree, project: PythonProject) -> Iterator[Fact]:
    """Yield the kind of program that name, description, classifiers and entry points speak for."""
    terminal = project.evidence(*_TERMINALS)
    if terminal:
        yield Fact("kind", "cli", "python/terminal", "high", terminal)
    paths = [path for path in project.files if path.rpartition("/")[2] in _PACKAGE_FILES]
    texts = {path: tree.text(path) or "" for path in paths}
    has_script = any(mark in text for text in texts.values() for mark in _SCRIPTS)
    for path, text in texts.items():
        if text:
            yield from _described(path, text)
            for kind, rule, mark, sure in _PROGRAM if has_script else _PACKAGE:
                start = text.find(mark)
                # Libraries of clients name that environment, too.
                if (
                    rule == "python/web-classifier"
                    and not project.required.keys() & _FRAMEWORK_NAMES
                ):
                    continue
                if start >= 0:
                    evidence = quoted(path, text, start, start + len(mark))
                    yield Fact("kind", kind, rule, sure, evidence)
                    # A server with a console names both environments; the first rule says so.
                    if rule == "python/web-classifier":
                        break
