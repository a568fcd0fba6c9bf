"""Python: what its project files and its source say."""

import re
from collections.abc import Iterator
from itertools import chain

from pydantic import JsonValue

from analyzer.facts import Fact, first_line, quoted, quoted_match
from analyzer.languages.dependencies import Dependencies, framework_facts, store_facts
from analyzer.languages.python_project import (
    PROJECT_FILES,
    python_dependencies,
    python_versions,
)
from analyzer.source_rules import (
    HEALTH_LITERAL,
    HEALTH_ROUTE,
    SourceRule,
    constant,
    port_of,
    scanned,
    text_of,
)
from analyzer.tree import SourceTree

LANGUAGE = "python"

# The one that sits on top comes first: FastAPI brings Starlette, Django REST brings Django.
_FRAMEWORKS = (
    ("django", "django"),
    ("fastapi", "fastapi"),
    ("flask", "flask"),
    ("litestar", "litestar"),
    ("sanic", "sanic"),
    ("quart", "quart"),
    ("falcon", "falcon"),
    ("pyramid", "pyramid"),
    ("bottle", "bottle"),
    ("streamlit", "streamlit"),
    ("starlette", "starlette"),
    ("tornado", "tornado"),
    ("aiohttp", "aiohttp"),
)
_DATABASES = {
    "asyncpg": "postgres",
    "psycopg": "postgres",
    "psycopg2": "postgres",
    "psycopg2-binary": "postgres",
    "aiomysql": "mysql",
    "mysqlclient": "mysql",
    "pymysql": "mysql",
    "mongoengine": "mongodb",
    "motor": "mongodb",
    "pymongo": "mongodb",
    "pymssql": "sqlserver",
}
_CACHES = {"redis": "redis", "django-redis": "redis", "pymemcache": "memcached"}
_FRAMEWORK_PORTS = {"django": 8000, "fastapi": 8000, "flask": 5000, "streamlit": 8501}

_RULES = (
    SourceRule(
        "python/port-variable",
        "port",
        "PORT",
        re.compile(
            r"(?:environ\.get|getenv|env\.int|config)\([ \t]*[\"']PORT[\"'][ \t]*,"
            r"[ \t]*(?:default=)?[\"']?(\d{2,5})\b"
        ),
        "high",
        port_of,
    ),
    SourceRule(
        "python/run-port",
        "port",
        "port",
        re.compile(r"\.run\([^)\n]{0,200}\bport=(\d{2,5})\b"),
        "medium",
        port_of,
    ),
    SourceRule(
        "python/environment",
        "environment_variables",
        "env",
        re.compile(
            r"(?:\benviron(?:\.get\(|\.setdefault\(|\[)|\bgetenv\()"
            r"[ \t]*[\"']([A-Z_][A-Z0-9_]*)[\"']"
        ),
        "high",
        text_of,
    ),
    SourceRule("python/health-route", "health_path", "/", HEALTH_ROUTE, "medium", text_of),
    SourceRule("python/health-literal", "health_path", "/", HEALTH_LITERAL, "low", text_of),
    SourceRule(
        "python/http-server",
        "kind",
        "Server(",
        re.compile(r"\b(?:Threading)?HTTPServer\("),
        "medium",
        constant("web"),
    ),
    SourceRule(
        "python/http-server-class",
        "kind",
        "HTTPServer):",
        re.compile(r"^class \w+\((?:Threading)?HTTPServer\):", re.MULTILINE),
        "medium",
        constant("web"),
    ),
)
_NAME = r"^(\w+)[ \t]*(?::[^=\n]{1,80})?=[ \t]*"
# What stands in a module, how it is named there, and the package that serves it.
_SERVERS = (
    ("get_wsgi_application", re.compile(_NAME + r"get_wsgi_application\(", re.M), "gunicorn"),
    ("FastAPI(", re.compile(_NAME + r"FastAPI\(", re.M), "uvicorn"),
    ("Flask(", re.compile(_NAME + r"Flask\(", re.M), "gunicorn"),
)
_MAIN_GUARD = re.compile(r"^if __name__ == [\"']__main__[\"']:", re.MULTILINE)
_MAIN_FILES = ("main.py", "app.py", "server.py", "run.py")


def python_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what a Python service needs."""
    sources = tree.sources(".py")
    dependencies = python_dependencies(tree)
    frameworks = list(framework_facts(dependencies, _FRAMEWORKS, "python/dependency"))
    yield from chain(
        _dependencies(tree),
        _versions(tree),
        frameworks,
        _default_ports(frameworks),
        store_facts(dependencies, _DATABASES, _CACHES, "python/driver"),
        scanned(tree, sources, _RULES),
        _starts(tree, sources, dependencies),
        _scripts(tree),
    )


def python_language(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is Python."""
    sources = tree.sources(".py")
    for path in PROJECT_FILES:
        text = tree.text(path)
        if text and text.strip() and sources:
            yield Fact("language", LANGUAGE, "python/project-file", "high", first_line(path, text))
            return
    at_root = [path for path in sources if "/" not in path]
    for path in at_root:
        text = tree.text(path)
        if text and text.strip():
            yield Fact("language", LANGUAGE, "python/source", "medium", first_line(path, text))
            return


def _dependencies(tree: SourceTree) -> Iterator[Fact]:
    path = next((path for path in PROJECT_FILES if (tree.text(path) or "").strip()), None)
    if path:
        evidence = first_line(path, tree.text(path) or "")
        yield Fact("dependencies", True, "python/dependencies", "high", evidence)


def _versions(tree: SourceTree) -> Iterator[Fact]:
    for version, path, confidence, evidence in python_versions(tree):
        yield Fact("runtime_version", version, f"python/{path}", confidence, evidence)


def _default_ports(frameworks: list[Fact]) -> Iterator[Fact]:
    for fact in frameworks:
        port = _FRAMEWORK_PORTS.get(str(fact.value))
        if port:
            yield Fact("port", port, "python/framework-port", "low", fact.evidence)


def _starts(
    tree: SourceTree, sources: tuple[str, ...], dependencies: Dependencies
) -> Iterator[Fact]:
    for path in sources:
        text = tree.text(path) or ""
        for word, pattern, server in _SERVERS:
            match = pattern.search(text) if word in text and server in dependencies else None
            if match:
                command = _command(server, f"{_module(path)}:{match[1]}")
                evidence = quoted_match(path, text, match)
                yield Fact("start_command", command, f"python/{server}", "medium", evidence)
    for name in _MAIN_FILES:
        text = tree.text(name) or ""
        match = _MAIN_GUARD.search(text)
        if match:
            evidence = quoted_match(name, text, match)
            yield Fact("start_command", ["python3", name], "python/main", "low", evidence)


def _command(server: str, application: str) -> list[JsonValue]:
    if server == "gunicorn":  # binds to 0.0.0.0:$PORT by itself
        return [server, application]
    return [
        "/bin/sh",
        "-c",
        f"exec {server} {application} --host 0.0.0.0 --port ${{PORT:-8000}}",
    ]


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _scripts(tree: SourceTree) -> Iterator[Fact]:
    text = tree.text("pyproject.toml") or ""
    for kind, section in (("cli", "[project.scripts]"), ("library", "[build-system]")):
        start = text.find(section)
        if start >= 0:
            evidence = quoted("pyproject.toml", text, start, start + len(section))
            yield Fact("kind", kind, f"python/{kind}", "low", evidence)
