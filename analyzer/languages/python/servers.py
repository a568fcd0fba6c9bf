"""The servers of Python applications, and how each is told of one."""

from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from analyzer.languages.python.project import PythonProject
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

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


@dataclass(frozen=True)
class Application:
    """An application: where it stands, by which name, what it is, and whether it is a factory."""

    path: str
    name: str
    framework: str
    constructor: str
    is_factory: bool
    evidence: Evidence


def serving_command(
    tree: SourceTree, one: Application, project: PythonProject
) -> list[JsonValue] | None:
    """Return the command that serves an application, or None where no server is known."""
    folder, module = _import_path(tree, one.path)
    is_asgi = one.framework in _ASGI or one.constructor in _ASGI
    servers = _ASGI_SERVERS if is_asgi else _WSGI_SERVERS
    known = {**project.optional, **project.required}
    if one.framework == "fastapi" and ("fastapi[standard]" in known or "fastapi-cli" in known):
        return ["fastapi", "run", one.path]
    if one.framework in ("aiohttp", "tornado", "dash", "bottle", "robyn", "chalice"):
        servers = _WSGI_SERVERS[:1] if one.framework in ("dash", "bottle") else _NONE
    if one.constructor == "get_asgi_application":
        servers = tuple(name for name in servers if name != "gunicorn")
    server = next((name for name in servers if name in known), None)
    if server is None:
        return _own_server(one, module)
    target = f"{module}:{one.name}"
    if server == "uvicorn" and "gunicorn" in project.required and not folder:
        return ["gunicorn", "-k", "uvicorn.workers.UvicornWorker", target + "()" * one.is_factory]
    return _command(server, target, folder, is_factory=one.is_factory)


def _own_server(one: Application, module: str) -> list[JsonValue] | None:
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


def _import_path(tree: SourceTree, path: str) -> tuple[str, str]:
    """Return the folder from which a module is imported, and the module's name."""
    folder = path.rpartition("/")[0]
    while folder and f"{folder}/__init__.py" in tree:
        folder = folder.rpartition("/")[0]
    first = path.partition("/")[0]
    if "/" in path and (first == "src" or f"{first}/manage.py" in tree):
        folder = folder if folder.startswith(f"{first}/") else first
    elif f"{path.rpartition('/')[0]}/__init__.py" not in tree:
        folder = ""
    inside = path.removeprefix(f"{folder}/") if folder else path
    return folder, inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def has_server(project: PythonProject) -> bool:
    """Say whether a server for production is required."""
    return any(server in project.required for server in (*_WSGI_SERVERS, *_ASGI_SERVERS))
