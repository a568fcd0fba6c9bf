"""Files beside the source that launch a Python service: server configurations and scripts."""

import re
from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, is_port, quoted, quoted_match
from analyzer.languages.python.project import PythonProject
from analyzer.languages.python.servers import has_server
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.platforms.procfile import argv_of
from delightful.recommendation import Confidence

_SCRIPT_NAME: Final = Pattern(
    r"(?:^|/)(?:docker-|container-|app-|web-|server-)?(?:entry-?point|start|run|bootstrap|boot"
    r"|launch|serve|server|web|prod|production|prestart|startup)[\w-]*(?:\.sh)?$"
)
# How OpenShift's builder of images starts what it has built.
_OF_OPENSHIFT: Final = ".s2i/bin/run"
_LAUNCH: Final = Pattern(
    r"^[ \t]*(?:[\w ./-]{1,40}&&[ \t]*)?(?:exec[ \t]+)?(?:\S{0,60}/)?"
    r"((?:poetry run |uv run |pipenv run )?"
    r"(?:(?:python3? -m )?(?:gunicorn|uwsgi|uvicorn|hypercorn|granian|daphne|waitress-serve)"
    r"|fastapi run|flask run|streamlit run|litestar run|sanic)[ \t][^\n\\]{0,300})",
    re.MULTILINE,
)
_MAKEFILES: Final = frozenset({"Makefile", "makefile", "GNUmakefile", "justfile", "Justfile"})
_WORKER: Final = Pattern(
    r"\b(?:celery\b[^\n]{0,120}\b(?:worker|beat)\b|rq worker\b|rqworker\b|run_huey\b|huey_consumer"
    r"|dramatiq [\w.-]|arq \w|saq \w|qcluster\b|taskiq worker\b"
    r"|procrastinate\b[^\n]{0,60} worker\b|attach-daemon)"
)
_BOUND: Final = Pattern(
    r"(?:--bind|-b|--http(?:-socket)?|--port|-p|--server\.port)[= \t]+[\"']?[^\s\"']{0,60}?"
    r"(?::-)?(\d{2,5})\}?[\"']?(?=\s|$)"
)
_CONTINUED: Final = Pattern(r"(?:\\[ \t]*\n[^\n\\]{0,200}){1,12}")
_BREAK: Final = Pattern(r"[ \t]*\\[ \t]*\n[ \t]*")
_DEFAULTED: Final = Pattern(
    r"\b(?:PORT|[A-Z_]+_PORT|[A-Z_]*BIND[A-Z_]*)[\"']?=?[\"']?"
    r"\$\{\w*(?:PORT|BIND)\w*:[-=](?:[^}\s]{0,40}:)?(\d{2,5})\}"
)
_UWSGI: Final = Pattern(
    r"^[ \t]*(http|http-socket|socket)[ \t]*=[ \t]*[\w.\[\]*]{0,40}:(\d{2,5})[ \t]*$", re.MULTILINE
)
_BIND: Final = Pattern(r"^bind[ \t]*=[^\n]{0,100}?[:\"' ](\d{2,5})[\"')\]},]", re.MULTILINE)
_FLASK_PORT: Final = Pattern(r"^(?:export )?FLASK_RUN_PORT=[\"']?(\d{2,5})", re.MULTILINE)
_STREAMLIT_PORT: Final = Pattern(r"^port[ \t]*=[ \t]*(\d{2,5})", re.MULTILINE)
_CONFIGURED: Final = Pattern(
    r"^(?:(?:app|server|http|web|api):[ \t]*\n(?:[ \t]+#[^\n]*\n)?"
    r"[ \t]+host(?:name)?:[^\n]{0,60}\n[ \t]+|host(?:name)?:[^\n]{0,60}\n)"
    r"port:[ \t]*(\d{2,5})[ \t]*$",
    re.MULTILINE,
)
_CONFIGURATION_FILE: Final = Pattern(
    r"(?:^|/)conf(?:ig)?s?/[\w.-]+\.ya?ml$|^config\.ya?ml$"
    r"|(?:^|/)(?:(?:example|sample|default)[._-]config|config[._-](?:example|sample|default))"
    r"\.ya?ml$"
)


def launch_facts(tree: SourceTree, project: PythonProject) -> Iterator[Fact]:
    """Yield port, command and workers that launch files name, and how the schema is migrated."""
    for path in tree.sources(".ini", ".sh", ".conf", ".cfg", ".service", ".toml", ".supervisord"):
        if path.count("/") <= 2:
            yield from _launched(path, tree.text(path) or "", project)
    for path in _scripts(tree):
        yield from _launched(path, tree.text(path) or "", project)
    for path in (path for path in tree.top_level if path in _MAKEFILES):
        yield from _made(path, tree.text(path) or "")
    yield from _server_configuration(tree, project)
    yield from _configured_ports(tree)
    yield from _migrations(tree, project)


def _scripts(tree: SourceTree) -> Iterator[str]:
    for path in tree.paths:
        name = path.rsplit("/", 1)[-1]
        is_near = path.count("/") <= 1 or path == _OF_OPENSHIFT
        if "." not in name and is_near and _SCRIPT_NAME.search(path):
            yield path


def _launched(path: str, text: str, project: PythonProject) -> Iterator[Fact]:
    worker = _WORKER.search(text)
    if worker:
        yield Fact(
            "worker", True, "python/launched-worker", "high", quoted_match(path, text, worker)
        )
    is_script = path.endswith(".sh") or "." not in path.rsplit("/", 1)[-1]
    if is_script:
        yield from _launch_lines(path, text)
    elif path.endswith(".ini"):
        yield from _uwsgi(path, text, project)


def _launch_lines(path: str, text: str) -> Iterator[Fact]:
    sure: Confidence = "medium" if _SCRIPT_NAME.search(path) else "low"
    for match in _LAUNCH.finditer(text):
        evidence = quoted(path, text, match.start(1), match.end(1))
        end = _end_of_command(text, match.end(1))
        command = argv_of(_BREAK.sub(" ", text[match.start(1) : end]).strip())
        yield Fact("start_command", command, "python/launch-script", sure, evidence)
        bound = _BOUND.search(text, match.start(1), end)
        if bound and is_port(bound[1]):
            whole = quoted_match(path, text, bound)
            # What is said to a server for users outweighs what developers start in a module.
            is_served = sure == "medium" and not match[1].startswith("flask run")
            served: Confidence = "high" if is_served else sure
            yield Fact("port", int(bound[1]), "python/launch-script", served, whole)
    if _LAUNCH.search(text):
        for match in _DEFAULTED.finditer(text):
            if is_port(match[1]):
                evidence = quoted_match(path, text, match)
                yield Fact("port", int(match[1]), "python/launch-default", sure, evidence)


def _made(path: str, text: str) -> Iterator[Fact]:
    """Yield the ports of the servers that a Makefile's targets start."""
    for match in _LAUNCH.finditer(text):
        bound = _BOUND.search(text, match.start(1), _end_of_command(text, match.end(1)))
        if bound and is_port(bound[1]):
            evidence = quoted_match(path, text, bound)
            yield Fact("port", int(bound[1]), "python/makefile", "medium", evidence)


def _end_of_command(text: str, end: int) -> int:
    """Return where a command ends that goes on behind a backslash at the end of its line."""
    continued = _CONTINUED.match(text, end)
    return continued.end() if continued else end


def _uwsgi(path: str, text: str, project: PythonProject) -> Iterator[Fact]:
    start = text.find("[uwsgi]")
    if start < 0:
        return
    evidence = quoted(path, text, start, start + len("[uwsgi]"))
    # Where uWSGI is not required, the file may be there for those who prefer it.
    is_spare = "uwsgi" not in project.required and ("gunicorn" in project.required or "/" in path)
    spare: Confidence = "low" if is_spare else "medium"
    command = ["uwsgi", "--ini", path]
    yield Fact("start_command", [*command], "python/uwsgi", spare, evidence)
    for match in _UWSGI.finditer(text):
        is_http = match[1] != "socket" or re.search(r"^[ \t]*protocol[ \t]*=[ \t]*http", text, re.M)
        sure: Confidence = "high" if is_http and not is_spare else "low"
        yield Fact("port", int(match[2]), "python/uwsgi", sure, quoted_match(path, text, match))


def _server_configuration(tree: SourceTree, project: PythonProject) -> Iterator[Fact]:
    for path in tree.sources(".py", ".conf"):
        name = path.rsplit("/", 1)[-1]
        is_gunicorns = any("gunicorn" in part for part in path.split("/")[-2:])
        if is_gunicorns or name == "hypercorn_config.py":
            text = tree.text(path) or ""
            match = _BIND.search(text)
            if match and is_port(match[1]):
                evidence = quoted_match(path, text, match)
                yield Fact("port", int(match[1]), "python/server-configuration", "high", evidence)
    # Flask's own server is for developing where another is there to serve.
    flask: Confidence = "low" if has_server(project) else "high"
    places: tuple[tuple[str, Pattern[str], Confidence], ...] = (
        (".flaskenv", _FLASK_PORT, flask),
        (".streamlit/config.toml", _STREAMLIT_PORT, "high"),
    )
    for path, pattern, sure in places:
        text = tree.text(path) or ""
        match = pattern.search(text)
        if match and is_port(match[1]):
            evidence = quoted_match(path, text, match)
            yield Fact("port", int(match[1]), "python/server-configuration", sure, evidence)


def _configured_ports(tree: SourceTree) -> Iterator[Fact]:
    for path in tree.sources(".yml", ".yaml"):
        if path.count("/") > 1 or not _CONFIGURATION_FILE.search(path):
            continue
        text = tree.text(path) or ""
        match = _CONFIGURED.search(text)
        aside = re.search(r"dev|test|local", path.rsplit("/", 1)[-1])
        if match and is_port(match[1]) and not aside:
            start = text.rindex("port:", match.start(), match.end())
            evidence = quoted(path, text, start, match.end())
            yield Fact("port", int(match[1]), "python/configured-port", "medium", evidence)


def _migrations(tree: SourceTree, project: PythonProject) -> Iterator[Fact]:
    alembic = next(
        (path for path in tree.paths if path.endswith("alembic.ini") and path.count("/") < 4), None
    )
    flask = project.evidence("flask-migrate", "flask-alembic")
    manage = next((path for path in tree.paths if _is_manage(path)), None)
    if manage:
        yield from _django_migrations(tree, manage)
    elif flask:
        yield Fact("migration_tool", "alembic", "python/flask-migrate", "high", flask)
        yield Fact(
            "migration_command", ["flask", "db", "upgrade"], "python/flask-migrate", "high", flask
        )
    elif alembic:
        text = tree.text(alembic) or ""
        start = text.find("[alembic]")
        if start >= 0:
            evidence = quoted(alembic, text, start, start + len("[alembic]"))
            at_root = alembic == "alembic.ini"
            command = ["alembic", *([] if at_root else ["-c", alembic]), "upgrade", "head"]
            yield Fact("migration_tool", "alembic", "python/alembic", "high", evidence)
            yield Fact("migration_command", [*command], "python/alembic", "medium", evidence)


def _is_manage(path: str) -> bool:
    is_there = path == "manage.py" or path.endswith("/manage.py")
    return is_there and path.count("/") <= 2 and not is_aside(path)


def _django_migrations(tree: SourceTree, path: str) -> Iterator[Fact]:
    text = tree.text(path) or ""
    start = text.find("DJANGO_SETTINGS_MODULE")
    if start >= 0:
        evidence = quoted(path, text, start, start + len("DJANGO_SETTINGS_MODULE"))
        command = ["python3", path, "migrate", "--noinput"]
        yield Fact("migration_tool", "django", "python/django-manage", "high", evidence)
        yield Fact("migration_command", [*command], "python/django-manage", "high", evidence)
        run = ["python3", path, "runserver", "0.0.0.0:8000"]
        yield Fact("start_command", [*run], "python/django-runserver", "low", evidence)
        yield Fact("framework", "django", "python/django-manage", "high", evidence)
        yield Fact("kind", "web", "python/django-manage", "medium", evidence)
