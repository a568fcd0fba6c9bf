"""What a Python program waits for: queues, chats, a cluster's objects, the hour."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from analyzer.facts import Fact
from analyzer.languages.python.project import PythonProject
from analyzer.languages.python.sources import Module
from analyzer.languages.watching import FRONT_PAGE, are_for_watching
from analyzer.patterns import Pattern
from delightful.recommendation import Confidence, Evidence

QUEUES: Final = (
    *("rq", "django-rq", "arq", "celery", "dramatiq", "django-dramatiq", "huey", "saq"),
    "litestar-saq",
    "taskiq",
    "procrastinate",
    "django-q2",
    "django-q",
    "django-tasks",
)
_QUEUE_CLIENTS: Final = (
    *("aio-pika", "aiokafka", "azure-servicebus", "confluent-kafka", "faststream"),
    *("faust-streaming", "google-cloud-pubsub", "kafka-python", "kombu", "pulsar-client"),
    *("karton-core", "nats-py", "paho-mqtt", "pika"),
)
_MADE_WITH: Final = ("faststream", "faust-streaming", "karton-core")
_BOTS: Final = (
    "discord-py",
    "py-cord",
    "disnake",
    "nextcord",
    "hikari",
    "pydis-core",
    "aiogram",
    "python-telegram-bot",
    "telethon",
    "pyrogram",
    "discord-py-interactions",
    "matrix-nio",
    "pytelegrambotapi",
    "twitchio",
    "vkbottle",
    "slack-bolt",
)
# What is only there to answer with.
_SERVERS: Final = ("daphne", "gunicorn", "hypercorn", "uvicorn", "uwsgi", "waitress")
# What watches a cluster's objects.
_CONTROLLERS: Final = ("kopf", "pykube-ng", "pykube")
_SCHEDULERS: Final = ("apscheduler", "schedule", "aiocron", "croniter")
WAITING_NAME: Final = Pattern(r"(?:^|-)(?:consumer|worker)s?$")
# What lists its routes where they can be read.
_FRAMEWORKS: Final = frozenset(
    {"aiohttp", "bottle", "fastapi", "flask", "litestar", "quart", "sanic", "starlette"}
)
# What makes routes of classes, documents or schemas.
_UNREAD: Final = frozenset(
    {"ariadne", "connexion", "flask_restful", "flask_restx", "graphene", "strawberry"}
    | {"fastapi_users", "flask_admin", "flask_appbuilder", "flask_socketio", "socketio", "sqladmin"}
)
# What answers others in another way.
_SERVING: Final = frozenset(
    {"apiflask", "cherrypy", "chainlit", "dash", "django", "falcon", "gradio", "grpc", "http"}
    | {"nicegui", "pyramid", "robyn", "socketserver", "streamlit", "tornado", "twisted", "uvicorn"}
    | {"websockets", "wsgiref"}
)
_LISTED: Final = "python/dependency"
_METHOD: Final = r"(?:get|post|put|patch|delete|route|api_route|websocket)"
_ROUTE: Final = Pattern(
    rf"(?:^[ \t]*@\w+(?:\.\w+)?\.({_METHOD})|\.add_(\w*route|url_rule|get|post|put|patch|delete)"
    rf"|\bweb\.({_METHOD})|(?<![\w.])(Route|WebSocketRoute|Mount))\(\s{{0,40}}"
    r"(?:path[ \t]*=[ \t]*)?(?:[rf]?[\"']([^\"'\n]{0,120})[\"'])?",
    re.MULTILINE,
)
# Tornado takes them as pairs.
_PAIR: Final = Pattern(r"\(\s{0,20}r?[\"'](/[^\"'\n]{0,80})[\"'],\s{0,20}\w")
_HANDLER: Final = "BaseHTTPRequestHandler"
_TAKES: Final = Pattern(r"\bdef do_(?:POST|PUT|PATCH|DELETE)\b")
_ASKED: Final = Pattern(r"\bself\.path\b[^\n]{0,40}?[\"'](/[^\"'\n]{0,80})[\"']")


def worker_facts(
    project: PythonProject,
    modules: Sequence[Module],
    frameworks: Iterable[Fact],
    called: Evidence | None,
) -> Iterator[Fact]:
    """Yield what is there to run beside the web process, or instead of it.

    `called` is the line in which the project is called after what waits for work.
    """
    for name in QUEUES:
        if name in project.required:
            yield Fact("worker", True, "python/queue", "medium", project.required[name])
    rules = {fact.rule for fact in frameworks if fact.confidence != "low" or fact.rule != _LISTED}
    server = project.evidence(*_SERVERS)
    is_web = _LISTED in rules
    may_serve = "python/client-or-server" in rules or server is not None
    queue, client = project.evidence(*QUEUES), project.evidence(*_QUEUE_CLIENTS)
    bot, controller = project.evidence(*_BOTS), project.evidence(*_CONTROLLERS)
    if queue and not is_web:
        yield Fact("kind", "worker", "python/queue-alone", "low", queue)
    if client and not is_web:
        # What consumers are made with is no aside.
        made = project.evidence(*_MADE_WITH)
        sure: Confidence = "high" if made else "low" if may_serve else "medium"
        yield Fact("kind", "worker", "python/queue-client", sure, client)
    if bot:
        yield Fact("kind", "worker", "python/bot", "low" if is_web else "medium", bot)
    if controller and not is_web:
        yield Fact("kind", "worker", "python/controller", "medium", controller)
    works = client or bot or controller or queue or project.evidence(*_SCHEDULERS)
    waits = works or project.evidence("redis")
    if called and waits:
        # What it answers besides is for those who look after its work.
        yield Fact("kind", "worker", "python/worker-name", "high", called)
        yield Fact("watched", True, "python/worker-name", "high", called)
    elif works and _is_left_alone(modules):
        yield Fact("kind", "worker", "python/watched", "high", works)
        yield Fact("watched", True, "python/watched", "high", works)
    elif client and _serves_nothing(modules):
        # A port of the image is that of what else is made of it.
        yield Fact("watched", True, "python/queue-client", "medium", client)


def _serves_nothing(modules: Sequence[Module]) -> bool:
    """Say whether there are modules, and none imports what could answer anybody."""
    imports = frozenset[str]().union(*(module.imports for module in modules))
    return bool(imports) and imports.isdisjoint(_SERVING) and imports.isdisjoint(_FRAMEWORKS)


def _is_left_alone(modules: Iterable[Module]) -> bool:
    """Say whether all that is answered is asked by who watches the program."""
    routes: list[str] = []
    for module in modules:
        if not module.imports.isdisjoint(_UNREAD):
            return False
        if not module.imports.isdisjoint(_FRAMEWORKS):
            routes.extend(_routes(module.text))
        if "tornado" in module.imports:
            routes.extend(match[1].rstrip("/$?") for match in _PAIR.finditer(module.text))
        if _HANDLER in module.text:
            routes.extend(_asked(module.text))
    return are_for_watching(routes)


def _routes(text: str) -> Iterator[str]:
    """Yield the paths that a module registers; a star for one that cannot be read."""
    for match in _ROUTE.finditer(text):
        path = match[5]
        if path is None:
            yield "*"
        elif path in ("", "/") and match[1] == "get":
            yield FRONT_PAGE
        else:
            yield f"/{path.strip('/')}"


def _asked(text: str) -> Iterator[str]:
    """Yield the paths for which a handler of the standard library looks.

    One that looks for none gives everybody the same answer.
    """
    if _TAKES.search(text):
        yield "*"
        return
    paths = [match[1] for match in _ASKED.finditer(text)]
    yield from paths or ["/health"]
