"""Project files that show a program that is run, as against a library that others use."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.facts import quoted_match
from analyzer.paths import is_aside
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

_NODE: Final = (
    r"\"(?:express|fastify|koa|hono|next|nuxt|@nestjs/core|@hapi/hapi|@adonisjs/core|"
    r"@remix-run/node|@sveltejs/adapter-node|@apollo/server|apollo-server[\w-]*|@strapi/strapi|"
    r"sails|restify|@grpc/grpc-js)\"\s*:"
)
_PYTHON: Final = (
    r"(?:^|[\"' ])(?:django|flask|fastapi|starlette|tornado|sanic|aiohttp|litestar|gunicorn|"
    r"uvicorn|celery|grpcio)(?=$|[\"'\s\[<>=~!;,])"
)
_JVM: Final = (
    r"spring-boot-maven-plugin|[\"']org\.springframework\.boot[\"']|quarkus-maven-plugin|"
    r"[\"']io\.quarkus[\"']|micronaut-maven-plugin|io\.micronaut\.application|ktor-server"
)
_NODE_STARTS: Final = re.compile(r"\"start(?::prod|:production)?\"\s*:")
_WORKSPACE: Final = re.compile(r"\"workspaces\"\s*:|<packaging>\s*pom\s*</packaging>")
_MOST_READ: Final = 200


@dataclass(frozen=True)
class _Kind:
    """A project file by its name, what in it serves, and the file with which that starts.

    `beside` is the name of a file that lies there or below, and `word` stands in it.
    """

    name: re.Pattern[str]
    serves: re.Pattern[str]
    beside: re.Pattern[str] | None
    word: str


def _kind(name: str, serves: str, beside: str = "", word: str = "") -> _Kind:
    flags = re.MULTILINE | re.IGNORECASE
    starts = re.compile(beside) if beside else None
    return _Kind(re.compile(name), re.compile(serves, flags), starts, word)


_KINDS: Final = (
    _kind(r"Procfile", r"^web:"),
    _kind(r"package\.json", _NODE),
    _kind(r"pom\.xml|build\.gradle(?:\.kts)?", _JVM),
    _kind(r".+\.[cf]sproj", r"Sdk=\"Microsoft\.NET\.Sdk\.(?:Web|Worker)\""),
    _kind(r"Gemfile", r"gem [\"'](?:rails|sinatra|hanami|roda|grape)[\"']", r"config\.ru|app\.rb"),
    _kind(r"composer\.json", r"\"laravel/(?:lumen-)?framework\"", r"artisan"),
    _kind(r"composer\.json", r"\"symfony/framework-bundle\"", r"index\.php"),
    _kind(r"Cargo\.toml", r"^(?:axum|actix-web|rocket|warp|poem|tonic|salvo)[ \t]*=", r"main\.rs"),
    _kind(r"go\.mod", r"/(?:gin|echo|fiber|chi|mux|grpc)(?:/v\d+)? v", r".+\.go", "package main"),
    _kind(r"mix\.exs", r"\{:(?:phoenix|plug_cowboy|bandit)\b", r"application\.ex|endpoint\.ex"),
    _kind(
        r"requirements\.txt|pyproject\.toml|Pipfile",
        _PYTHON,
        r"(?:manage|main|app|wsgi|asgi|server|run|api)\.py",
    ),
)


def running_projects(tree: SourceTree) -> Iterator[tuple[str, Evidence]]:
    """Yield the project files of what is run, each with the line that shows it."""
    for path in tree.paths:
        name = posixpath.basename(path)
        for kind in _KINDS:
            if not kind.name.fullmatch(name) or is_aside(path):
                continue
            text = tree.text(path) or ""
            match = kind.serves.search(text)
            if match and _is_run(path, text) and _starts(tree, path, kind):
                yield path, quoted_match(path, text, match)


def _is_run(path: str, text: str) -> bool:
    if _WORKSPACE.search(text):
        return False
    return not path.endswith("package.json") or bool(_NODE_STARTS.search(text))


def _starts(tree: SourceTree, path: str, kind: _Kind) -> bool:
    if kind.beside is None:
        return True
    place = posixpath.join(posixpath.dirname(path), "")
    named = [
        other
        for other in tree.paths
        if other.startswith(place)
        and kind.beside.fullmatch(posixpath.basename(other))
        and not is_aside(other)
    ]
    shallow = sorted(named, key=lambda other: (other.count("/"), other))[:_MOST_READ]
    return any(kind.word in (tree.text(other) or "") for other in shallow)
