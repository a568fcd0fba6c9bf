"""How a Python service is started: application objects, factories, scripts, and their servers."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, quoted, quoted_match
from analyzer.languages.python.project import PythonProject, document_of, table
from analyzer.languages.python.servers import Application, has_server, serving_command
from analyzer.languages.python.sources import Module
from analyzer.patterns import Pattern
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
_APPLICATION: Final = Pattern(
    r"^([ \t]*)(?:(?:self\.)?(\w+)[ \t]*(?::[^=\n]{1,80})?=|return)[ \t]*(?:\w+\.)?"
    r"(FastAPI|Flask|Litestar|Starlette|Sanic|Quart|Dash|APIFlask|OpenAPI|Bottle|Robyn|Chalice"
    r"|get_wsgi_application|get_asgi_application|web\.Application|tornado\.web\.Application|falcon\.App"
    r"|falcon\.asgi\.App)\(",
    re.MULTILINE,
)
_MADE: Final = Pattern(
    r"^(app|application|api|server|asgi|wsgi)[ \t]*(?::[^=\n]{1,80})?=[ \t]*(?:\w+\.)?"
    r"(?:create|get|make|build|init)_?\w*\(",
    re.MULTILINE,
)
_DEFINED: Final = Pattern(r"^(?:async )?def ((?:create|make|build|get)_?\w*app\w*)\(", re.MULTILINE)
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
_GUARD: Final = Pattern(r"^if __name__ == [\"']__main__[\"']:", re.MULTILINE)
_RUNS: Final = Pattern(
    r"\b(?:uvicorn|hypercorn|web|app|application|server|socketio|mcp|demo|bottle|ui|sio)\.(?:run|run_app|launch)\("
    r"|\bserve\(|\brun_simple\(|\brun_app\(|serve_forever\(|\.start_polling\(|IOLoop\.(?:current|instance)\(\)\.start\("
    r"|\bHTTPServer\(|grpc\.(?:aio\.)?server\("
)


def start_facts(
    tree: SourceTree, modules: Iterable[Module], project: PythonProject
) -> Iterator[Fact]:
    """Yield the commands that start the service, and the framework that the application is of."""
    texts = {module.path: module.text for module in modules}
    candidates = _candidates(texts)
    found = [one for path in candidates for one in _applications(path, texts[path], project)]
    commands = [
        *(fact for one in found for fact in _started(tree, one, project)),
        *_guarded(candidates, texts, project),
        *_streamlit(texts, project),
    ]
    yield from commands or _scripts(tree, project)


def _started(tree: SourceTree, one: Application, project: PythonProject) -> Iterator[Fact]:
    # What only an extra brings is not what the package is for.
    is_extra = one.framework in project.optional and one.framework not in project.required
    sure = "low" if is_extra else _certainty(one.path)
    kind: Confidence = "low" if is_extra else "medium"
    yield Fact("framework", one.framework, "python/application", sure, one.evidence)
    yield Fact("kind", "web", "python/application", kind, one.evidence)
    command = serving_command(tree, one, project)
    if command:
        # Flask's own server is for developers: what the module runs itself is as likely.
        likely = has_server(project) or one.framework != "flask"
        yield Fact(
            "start_command", command, "python/served", sure if likely else "low", one.evidence
        )


def _candidates(texts: Mapping[str, str]) -> list[str]:
    """Return the files in which an application may stand, outermost first."""
    named = [path for path in texts if _stem(path) in _STEMS or "/" not in path]
    return sorted(named, key=lambda path: (path.count("/"), path))[:80]


def _applications(path: str, text: str, project: PythonProject) -> Iterator[Application]:
    inside = None
    for match in _APPLICATION.finditer(text):
        framework = _framework(match[3], text)
        if framework is None:
            continue
        evidence = quoted_match(path, text, match)
        if match[1] or not match[2]:
            inside = (framework, match[3], evidence)
            continue
        yield Application(path, match[2], framework, match[3], False, evidence)
        return
    made = _MADE.search(text)
    if made and (inside or _stem(path) in ("wsgi", "asgi", "main", "app", "server", "run")):
        known = inside or _required_framework(project)
        if known:
            yield Application(
                path, made[1], known[0], known[1], False, quoted_match(path, text, made)
            )
            return
    defined = _DEFINED.search(text)
    if defined and inside:
        yield Application(
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
        sure: Confidence = "medium" if runs and not has_server(project) else "low"
        yield Fact("start_command", _main_command(path), "python/main", sure, evidence)


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
    if _stem(path) in ("asgi", "wsgi"):
        return "medium"
    return "medium" if path.count("/") <= 2 and _stem(path) in _STEMS else "low"


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".py").lower()


def _first(path: str, text: str) -> Evidence:
    line = next((line for line in text.split("\n") if line.strip()), "")
    start = text.index(line)
    return quoted(path, text, start, start + len(line))
