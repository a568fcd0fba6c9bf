"""How a Python service is started: application objects, factories, scripts, and their servers."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, quoted, quoted_match
from analyzer.languages.python_project import PythonProject, document_of, table
from analyzer.languages.python_sources import Module
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

# Where an application lives, by the names that people and generators give.
_STEMS: Final = frozenset(
    [
        "main",
        "app",
        "wsgi",
        "asgi",
        "server",
        "application",
        "api",
        "run",
        "web",
        "serve",
        "__main__",
        "__init__",
        "factory",
        "create_app",
        "entrypoint",
        "start",
        "streamlit_app",
        "home",
        "run_server",
        "service",
    ]
)
_APPLICATION: Final = re.compile(
    r"^([ \t]*)(?:(\w+)[ \t]*(?::[^=\n]{1,80})?=|return)[ \t]*(?:\w+\.)?"
    r"(FastAPI|Flask|Litestar|Starlette|Sanic|Quart|Dash|APIFlask|OpenAPI|Bottle|Robyn|Chalice"
    r"|get_wsgi_application|get_asgi_application|web\.Application|tornado\.web\.Application|falcon\.App"
    r"|falcon\.asgi\.App)\(",
    re.MULTILINE,
)
_MADE: Final = re.compile(
    r"^(app|application|api|server|asgi|wsgi)[ \t]*(?::[^=\n]{1,80})?=[ \t]*(?:\w+\.)?"
    r"(?:create|get|make|build|init)_?\w*\(",
    re.MULTILINE,
)
_DEFINED: Final = re.compile(
    r"^(?:async )?def ((?:create|make|build|get)_?\w*app\w*)\(", re.MULTILINE
)
_FRAMEWORKS: Final = {
    "FastAPI": "fastapi",
    "Flask": "flask",
    "APIFlask": "flask",
    "OpenAPI": "flask",
    "Dash": "dash",
    "Litestar": "litestar",
    "Starlette": "starlette",
    "Sanic": "sanic",
    "Quart": "quart",
    "Bottle": "bottle",
    "Robyn": "robyn",
    "Chalice": "chalice",
    "get_wsgi_application": "django",
    "get_asgi_application": "django",
    "web.Application": "aiohttp",
    "tornado.web.Application": "tornado",
    "falcon.App": "falcon",
    "falcon.asgi.App": "falcon",
}
_ASGI: Final = frozenset(
    {"fastapi", "litestar", "starlette", "quart", "sanic", "get_asgi_application"}
)
# Servers in the order in which they are preferred, each with how it is told of an application.
_WSGI_SERVERS: Final[tuple[str, ...]] = (
    "gunicorn",
    "uwsgi",
    "waitress",
    "granian",
    "gevent",
    "uvicorn",
)
_ASGI_SERVERS: Final[tuple[str, ...]] = ("uvicorn", "granian", "hypercorn", "daphne", "gunicorn")
_NONE: Final[tuple[str, ...]] = ()
_GUARD: Final = re.compile(r"^if __name__ == [\"']__main__[\"']:", re.MULTILINE)
_RUNS: Final = re.compile(
    r"\b(?:uvicorn|hypercorn|web|app|application|server|socketio|mcp|demo|bottle|ui|sio)\.(?:run|run_app|launch)\("
    r"|\bserve\(|\brun_simple\(|\brun_app\(|serve_forever\(|\.start_polling\(|IOLoop\.(?:current|instance)\(\)\.start\("
    r"|\bHTTPServer\(|grpc\.(?:aio\.)?server\("
)


@dataclass(frozen=True)
class _Found:
    """An application: where it stands, by which name, what it is, and whether it is a factory."""

    path: str
    name: str
    framework: str
    constructor: str
    is_factory: bool
    evidence: Evidence


def start_facts(
    tree: SourceTree, modules: Iterable[Module], project: PythonProject
) -> Iterator[Fact]:
    """Yield the commands that start the service, and the framework that the application is of."""
    texts = {module.path: module.text for module in modules}
    candidates = _candidates(texts)
    found = [one for path in candidates for one in _applications(path, texts[path], project)]
    for one in found:
        yield Fact(
            "framework", one.framework, "python/application", _certainty(one.path), one.evidence
        )
        yield Fact("kind", "web", "python/application", "medium", one.evidence)
        command = _served(tree, one, project)
        if command:
            is_sure = _is_served(project) or one.framework != "flask"
            sure = _certainty(one.path) if is_sure else "low"
            yield Fact("start_command", command, "python/served", sure, one.evidence)
    yield from _guarded(candidates, texts, project)
    yield from _streamlit(texts, project)
    yield from _scripts(tree, project)


def _candidates(texts: Mapping[str, str]) -> list[str]:
    """Return the files in which an application may stand, outermost first."""
    named = [path for path in texts if _stem(path) in _STEMS or "/" not in path]
    return sorted(named, key=lambda path: (path.count("/"), path))[:80]


def _applications(path: str, text: str, project: PythonProject) -> Iterator[_Found]:
    inside = None
    for match in _APPLICATION.finditer(text):
        framework = _framework(match[3], text)
        if framework is None:
            continue
        evidence = quoted_match(path, text, match)
        if match[1] or not match[2]:
            inside = (framework, match[3], evidence)
            continue
        yield _Found(path, match[2], framework, match[3], False, evidence)
        return
    made = _MADE.search(text)
    if made and (inside or _stem(path) in ("wsgi", "asgi", "main", "app", "server", "run")):
        known = inside or _required_framework(project)
        if known:
            yield _Found(path, made[1], known[0], known[1], False, quoted_match(path, text, made))
            return
    defined = _DEFINED.search(text)
    if defined and inside:
        yield _Found(
            path, defined[1], inside[0], inside[1], True, quoted_match(path, text, defined)
        )


def _framework(constructor: str, text: str) -> str | None:
    if constructor == "web.Application":
        if re.search(r"\bfrom aiohttp import web\b|\baiohttp\.web\b", text):
            return "aiohttp"
        return "tornado" if "tornado" in text else None
    return _FRAMEWORKS[constructor]


def _required_framework(project: PythonProject) -> tuple[str, str] | None:
    for constructor, framework in _FRAMEWORKS.items():
        if framework in project.required:
            return framework, constructor
    return None


def _served(tree: SourceTree, one: _Found, project: PythonProject) -> list[JsonValue] | None:
    folder, module = _import_path(tree, one)
    is_asgi = one.framework in _ASGI or one.constructor in _ASGI
    servers = _ASGI_SERVERS if is_asgi else _WSGI_SERVERS
    known = {**project.optional, **project.required}
    if one.framework == "fastapi" and ("fastapi[standard]" in known or "fastapi-cli" in known):
        return ["fastapi", "run", one.path]
    if one.framework in ("aiohttp", "tornado", "dash", "bottle", "robyn", "chalice"):
        servers = _WSGI_SERVERS[:1] if one.framework in ("dash", "bottle") else _NONE
    server = next((name for name in servers if name in known), None)
    if server is None:
        return _own_server(one, module)
    target = f"{module}:{one.name}"
    return _command(server, target, folder, is_factory=one.is_factory)


def _own_server(one: _Found, module: str) -> list[JsonValue] | None:
    """Return what the framework itself brings to serve an application."""
    if one.framework == "flask":
        return ["flask", "--app", module, "run", "--host", "0.0.0.0"]  # noqa: S104
    if one.framework == "litestar":
        return ["litestar", "--app", f"{module}:{one.name}", "run", "--host", "0.0.0.0"]  # noqa: S104
    if one.framework == "sanic":
        return ["sanic", f"{module}:{one.name}", "--host", "0.0.0.0"]  # noqa: S104
    return None


def _command(server: str, target: str, folder: str, *, is_factory: bool) -> list[JsonValue]:
    if server == "gunicorn":  # binds to 0.0.0.0:$PORT by itself
        inside: list[JsonValue] = ["--chdir", folder] if folder else []
        return [server, *inside, f"{target}()" if is_factory else target]
    inside_folder = f"cd {folder} && " if folder else ""
    return ["/bin/sh", "-c", f"{inside_folder}exec {_server_line(server, target, is_factory)}"]


def _server_line(server: str, target: str, is_factory: bool) -> str:
    port = "${PORT:-8000}"
    factory = " --factory" if is_factory else ""
    return {
        "uvicorn": f"uvicorn {target} --host 0.0.0.0 --port {port}{factory}",
        "hypercorn": f"hypercorn {target} --bind 0.0.0.0:{port}",
        "daphne": f"daphne -b 0.0.0.0 -p {port} {target}",
        "granian": f"granian --host 0.0.0.0 --port {port}{factory} {target}",
        "uwsgi": f"uwsgi --http 0.0.0.0:{port} --master --module {target}",
        "waitress": f"waitress-serve --host 0.0.0.0 --port {port} {'--call ' * is_factory}{target}",
        "gevent": f"gunicorn {target}",
    }[server]


def _import_path(tree: SourceTree, one: _Found) -> tuple[str, str]:
    """Return the folder from which a module is imported, and the module's name."""
    folder = ""
    first = one.path.split("/", 1)[0]
    if "/" in one.path and (first == "src" or f"{first}/manage.py" in tree):
        folder = first
    inside = one.path.removeprefix(f"{folder}/") if folder else one.path
    return folder, inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _guarded(
    candidates: Sequence[str], texts: Mapping[str, str], project: PythonProject
) -> Iterator[Fact]:
    for path in candidates:
        text = texts[path]
        match = _GUARD.search(text)
        is_main = _stem(path) == "__main__"
        if not (match or is_main):
            continue
        runs = _RUNS.search(text) is not None
        if not runs and "/" in path and not is_main:
            continue
        evidence = quoted_match(path, text, match) if match else _first(path, text)
        sure: Confidence = "medium" if runs and not _is_served(project) else "low"
        yield Fact("start_command", _main_command(path), "python/main", sure, evidence)


def _is_served(project: PythonProject) -> bool:
    return any(server in project.required for server in (*_WSGI_SERVERS, *_ASGI_SERVERS))


def _main_command(path: str) -> list[JsonValue]:
    if "/" not in path:
        return ["python3", path]
    module = path.removesuffix(".py").removesuffix("/__main__").removeprefix("src/")
    return ["python3", "-m", module.replace("/", ".")]


def _streamlit(texts: Mapping[str, str], project: PythonProject) -> Iterator[Fact]:
    if "streamlit" not in project.required:
        return
    named = [path for path in _candidates(texts) if "import streamlit" in texts[path]]
    for path in sorted(named, key=lambda path: (path.count("/"), _stem(path) not in _STEMS))[:1]:
        start = texts[path].index("import streamlit")
        evidence = quoted(path, texts[path], start, start + len("import streamlit"))
        command: list[JsonValue] = ["streamlit", "run", path, "--server.address", "0.0.0.0"]  # noqa: S104
        yield Fact("start_command", command, "python/streamlit", "medium", evidence)


def _scripts(tree: SourceTree, project: PythonProject) -> Iterator[Fact]:
    for path in (path for path in project.files if path.endswith("pyproject.toml")):
        text = tree.text(path) or ""
        document = document_of(text)
        for keys in (("project", "scripts"), ("tool", "poetry", "scripts")):
            for name, target in table(document, *keys).items():
                match = re.search(rf"^\"?{re.escape(name)}\"?[ \t]*=", text, re.MULTILINE)
                if match and isinstance(target, str):
                    evidence = quoted(path, text, match.start(), match.end() - 1)
                    yield Fact("start_command", [name], "python/script", "low", evidence)
                    break


def _certainty(path: str) -> Confidence:
    return "medium" if path.count("/") <= 2 and _stem(path) in _STEMS else "low"


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".py").lower()


def _first(path: str, text: str) -> Evidence:
    line = next((line for line in text.split("\n") if line.strip()), "")
    start = text.index(line)
    return quoted(path, text, start, start + len(line))
