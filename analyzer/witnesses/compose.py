"""The compose file: how the authors run the service, and what stands beside it."""

import re
from collections.abc import Iterator

from analyzer.documents import Node, read_nodes
from analyzer.facts import Fact, is_port, quoted_line
from analyzer.tree import SourceTree
from analyzer.witnesses.dockerfile import LOCAL_URL_PATH
from delightful.reading.path import url_path_fault

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DATABASES = {
    "postgres": "postgres",
    "postgis": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mongo": "mongodb",
    "mssql": "sqlserver",
}
_CACHES = {"redis": "redis", "valkey": "redis", "memcached": "memcached"}


def compose_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what a compose file in the root says; of the built service only if there is one."""
    name = next((name for name in NAMES if name in tree), None)
    text = tree.text(name) if name else None
    document = read_nodes(text) if text else None
    if name is None or text is None or document is None:
        return
    services = document.get("services")
    built = _built(services)
    for field, value, rule, line in [*_neighbours(services), *(_own(built) if built else ())]:
        evidence = quoted_line(name, text, line)
        if field == "environment_variables":
            evidence = evidence.model_copy(update={"quote": value})
        yield Fact(field, value, f"compose/{rule}", "medium", evidence)


_Finding = tuple[str, str | int, str, int]


def _neighbours(services: Node | None) -> Iterator[_Finding]:
    for service in services.entries.values() if services else ():
        image = service.get("image")
        if image is None:
            continue
        name = image.text.partition("@")[0].rpartition("/")[2].partition(":")[0]
        if name in _DATABASES:
            yield "database", _DATABASES[name], "database-image", image.line
        if name in _CACHES:
            yield "cache", _CACHES[name], "cache-image", image.line


def _built(services: Node | None) -> Node | None:
    built = [s for s in (services.entries.values() if services else ()) if s.get("build")]
    return built[0] if len(built) == 1 else None


def _own(service: Node) -> Iterator[_Finding]:
    yield from _ports(service)
    test = (service.get("healthcheck") or service).get("test")
    for part in (*test.items, test) if test else ():
        match = LOCAL_URL_PATH.search(part.text)
        if match and url_path_fault(match[1]) is None:
            yield "health_path", match[1], "healthcheck", part.line
    yield from _environment(service)


def _ports(service: Node) -> Iterator[_Finding]:
    for entry in (service.get("ports") or service).items:
        target = entry.get("target") or entry
        port = target.text.partition("/")[0].rpartition(":")[2]
        if is_port(port):
            yield "port", int(port), "ports", target.line


def _environment(service: Node) -> Iterator[_Finding]:
    environment = service.get("environment")
    if environment is None:
        return
    named = [(name, node.line) for name, node in environment.entries.items()]
    named += [(node.text.partition("=")[0], node.line) for node in environment.items]
    for name, line in named:
        if _VARIABLE_NAME.fullmatch(name):
            yield "environment_variables", name, "environment", line
