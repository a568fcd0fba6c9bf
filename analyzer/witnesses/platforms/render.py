"""`render.yaml`: the services of a blueprint on Render, and the stores beside them."""

import posixpath
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import JsonValue

from analyzer.documents import Node, read_nodes
from analyzer.facts import Fact, is_port, quoted_line
from analyzer.tree import SourceTree
from analyzer.witnesses.command_lines import argv_of, is_migration, port_in
from analyzer.witnesses.env_text import VARIABLE_NAME
from delightful.reading.path import url_path_fault
from delightful.recommendation import Confidence

_NAMES: Final = ("render.yaml", "render.yml")
_LANGUAGES: Final = frozenset({"node", "python", "ruby", "go", "rust", "elixir"})
_STORES: Final = {"redis": "redis", "keyvalue": "redis"}
_VERSIONS: Final = {
    "PYTHON_VERSION": "python",
    "NODE_VERSION": "node",
    "RUBY_VERSION": "ruby",
    "ELIXIR_VERSION": "elixir",
}


def render_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what the blueprint says of the service and of the stores that it needs."""
    path = tree.nearest(*_NAMES)
    text = tree.text(path) if path else None
    document = read_nodes(text) if text else None
    if path is None or text is None or document is None:
        return
    services = (document.get("services") or document).items
    own = [service for service in services if _is_own(tree, path, service)]
    for service in own:
        for field, value, rule, confidence, line in _service(service):
            evidence = quoted_line(path, text, line)
            if field == "environment_variables":
                evidence = evidence.model_copy(update={"quote": value})
            yield Fact(field, value, rule, confidence, evidence)
    for field, value, rule, confidence, line in _stores(document, services, own):
        yield Fact(field, value, rule, confidence, quoted_line(path, text, line))


_Said = tuple[str, JsonValue, str, Confidence, int]


def _text(node: Node, *keys: str) -> str:
    for key in keys:
        found = node.get(key)
        if found and found.text:
            return found.text
    return ""


def _is_own(tree: SourceTree, path: str, service: Node) -> bool:
    if _text(service, "type") in _STORES or _text(service, "runtime", "env") == "static":
        return False
    folder = _text(service, "rootDir", "dockerContext") or "."
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), folder))
    return tree.in_repository(place) == (tree.folder or ".")


def _service(service: Node) -> Iterator[_Said]:
    kind = _text(service, "type")
    if kind == "web":
        yield from _web(service)
    elif kind in ("worker", "pserv"):
        yield "worker", True, "render/worker", "high", service.line
    language = _text(service, "runtime", "env")
    node = service.get("runtime") or service.get("env")
    if node and language in _LANGUAGES:
        yield "language", language, "render/runtime", "medium", node.line
    for name, value, line in _variables(service):
        yield "environment_variables", name, "render/variable", "medium", line
        if name == "PORT" and is_port(value):
            yield "port", int(value), "render/variable-port", "high", line
        if name in _VERSIONS and value[:1].isdigit():
            yield "runtime_version", value, "render/variable-version", "medium", line


def _web(service: Node) -> Iterator[_Said]:
    yield "kind", "web", "render/web", "medium", service.line
    path = service.get("healthCheckPath")
    if path and url_path_fault(path.text) is None:
        yield "health_path", path.text, "render/health-check", "high", path.line
    start = service.get("startCommand") or service.get("dockerCommand")
    if start and start.text:
        yield "start_command", argv_of(start.text), "render/start", "high", start.line
        port = port_in(start.text)
        if port is not None:
            yield "port", port, "render/start-port", "medium", start.line
    before = service.get("preDeployCommand")
    if before and is_migration(before.text):
        yield "migration_command", argv_of(before.text), "render/before", "high", before.line


def _variables(service: Node) -> Iterator[tuple[str, str, int]]:
    for item in (service.get("envVars") or service).items:
        name = item.get("key")
        if name and VARIABLE_NAME.fullmatch(name.text):
            yield name.text, _text(item, "value"), name.line


def _stores(document: Node, services: Sequence[Node], own: Sequence[Node]) -> Iterator[_Said]:
    """Yield the stores: those whose name the service's variables take, or the only one's owner."""
    named = {
        _text(source, "name")
        for service in own
        for item in (service.get("envVars") or service).items
        for key in ("fromDatabase", "fromService")
        if (source := item.get(key))
    }
    is_alone = bool(own) and len(own) == sum(_text(s, "type") not in _STORES for s in services)
    for database in (document.get("databases") or document).items:
        if _text(database, "name") in named or is_alone:
            yield "database", "postgres", "render/database", "high", database.line
            version = database.get("postgresMajorVersion")
            if version and version.text:
                rule = "render/database-version"
                yield "database_version", version.text, rule, "high", version.line
    for service in services:
        if _text(service, "type") in _STORES and (_text(service, "name") in named or is_alone):
            yield "cache", "redis", "render/key-value", "high", service.line
