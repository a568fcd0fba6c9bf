"""Project files that show a program that is run, as against a library that others use."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.facts import quoted_match
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
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
_NODE_STARTS: Final = Pattern(r"\"start(?::prod|:production)?\"\s*:")
_WORKSPACE: Final = Pattern(r"\"workspaces\"\s*:|<packaging>\s*pom\s*</packaging>")
_MOST_READ: Final = 200


@dataclass(frozen=True)
class _Kind:
    """Project files by name or suffix, what in them serves, and the file with which that starts.

    `beside` is the name of a file that lies there or below, and `word` stands in it.
    """

    names: tuple[str, ...]
    serves: Pattern[str]
    beside: Pattern[str] | None
    word: str


def _kind(names: str, serves: str, beside: str = "", word: str = "") -> _Kind:
    flags = re.MULTILINE | re.IGNORECASE
    starts = Pattern(beside) if beside else None
    return _Kind(tuple(names.split("|")), Pattern(serves, flags), starts, word)


_KINDS: Final = (
    _kind("Procfile", r"^web:"),
    _kind("package.json", _NODE),
    _kind("pom.xml|build.gradle|build.gradle.kts", _JVM),
    _kind(".csproj|.fsproj", r"Sdk=\"Microsoft\.NET\.Sdk\.(?:Web|Worker)\""),
    _kind("Gemfile", r"gem [\"'](?:rails|sinatra|hanami|roda|grape)[\"']", r"config\.ru|app\.rb"),
    _kind("composer.json", r"\"laravel/(?:lumen-)?framework\"", r"artisan"),
    _kind("composer.json", r"\"symfony/framework-bundle\"", r"index\.php"),
    _kind("Cargo.toml", r"^(?:axum|actix-web|rocket|warp|poem|tonic|salvo)[ \t]*=", r"main\.rs"),
    _kind("go.mod", r"/(?:gin|echo|fiber|chi|mux|grpc)(?:/v\d+)? v", r".+\.go", "package main"),
    _kind("mix.exs", r"\{:(?:phoenix|plug_cowboy|bandit)\b", r"application\.ex|endpoint\.ex"),
    _kind(
        "requirements.txt|pyproject.toml|Pipfile",
        _PYTHON,
        r"(?:manage|main|app|wsgi|asgi|server|run|api)\.py",
    ),
)


def running_projects(tree: SourceTree) -> Iterator[tuple[str, Evidence]]:
    """Yield the project files of what is run, each with the line that shows it."""
    found = [
        (path, kind)
        for kind in _KINDS
        for path in (*tree.named(*kind.names), *tree.ending(*kind.names))
        if not is_aside(path)
    ]
    for path, kind in sorted(found, key=lambda one: one[0]):
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
    folder = posixpath.dirname(path)
    named = [
        other
        for other in (tree.below(folder) if folder else tree.paths)
        if kind.beside.fullmatch(other[other.rfind("/") + 1 :]) and not is_aside(other)
    ]
    shallow = sorted(named, key=lambda other: (other.count("/"), other))[:_MOST_READ]
    return any(kind.word in (tree.text(other) or "") for other in shallow)
