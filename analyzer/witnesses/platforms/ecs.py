"""Task definitions of Amazon ECS: the containers that run together, and what each is given."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import JsonValue

from analyzer.documents import Node, read_nodes
from analyzer.facts import Fact, is_port, quoted_line
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.clusters.probes import path_asked
from analyzer.witnesses.env_text import VARIABLE_NAME
from analyzer.witnesses.folder_names import folder_names
from analyzer.witnesses.words.project_names import project_names
from delightful.reading.path import url_path_fault
from delightful.recommendation import Confidence

_CONTAINERS: Final = "containerDefinitions"
# What runs beside a service to watch it, to forward its logs or its traffic.
_SIDECAR: Final = Pattern(
    r"adot|agent|collector|datadog|envoy|exporter|firelens|fluent|log|newrelic|nginx|otel|proxy"
    r"|sidecar|splunk|telemetry|xray|x-ray"
)
_WORKER: Final = Pattern(r"worker|consumer|scheduler|sidekiq|celery|queue|cron|beat")
_ONCE: Final = Pattern(r"migrat|init|seed|setup")
_STAGE: Final = Pattern(r"dev|stag|test|uat|qa|sandbox|preview|local|demo")
_DEEPEST: Final = 4
_MOST_FILES: Final = 200

_Said = tuple[str, JsonValue, str, Confidence, int]
_Definition = tuple[str, str, Sequence[Node]]


def ecs_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what the task definitions give the service, those of production where there are."""
    definitions = _definitions(tree)
    served = [
        (path, text, container)
        for path, text, containers in definitions
        for container in containers
        if _port(container) is not None and not _SIDECAR.search(_name(container))
    ]
    own = [one for one in served if _is_called(tree, _name(one[2]))]
    if not own and not tree.folder and len({_name(container) for _, _, container in served}) == 1:
        own = served
    for path, text, container in own[:1]:
        yield from _quoted(path, text, _served(container))
    if own or not tree.folder:
        yield from _workers(definitions, is_served=bool(own))


def _definitions(tree: SourceTree) -> list[_Definition]:
    paths = [path for path in tree.ending(".json") if path.count("/") <= _DEEPEST]
    near = [path for path in (*paths, *tree.outer) if _is_likely(path)]
    found = []
    for path in near[:_MOST_FILES]:
        text = tree.text(path) or ""
        document = read_nodes(text) if _CONTAINERS in text else None
        containers = document.get(_CONTAINERS) if document else None
        if containers:
            found.append((path, text, containers.items))
    # What is said of production counts, where anything is.
    return sorted(found, key=lambda one: (bool(_STAGE.search(one[0].lower())), one[0]))


def _is_likely(path: str) -> bool:
    """Say whether a path is as `ecs/task-definition.json`, and no package's or sample's."""
    is_named = re.search(r"task|ecs|container|aws", path.lower()) is not None
    return path.endswith(".json") and is_named and not is_aside(path)


def _is_called(tree: SourceTree, name: str) -> bool:
    names = {*folder_names(tree), *project_names(tree)}
    return name in names or any(other.endswith(f"-{name}") for other in names)


def _name(container: Node) -> str:
    name = container.get("name")
    return name.text.lower() if name else ""


def _port(container: Node) -> Node | None:
    for mapping in (container.get("portMappings") or container).items:
        port = mapping.get("containerPort")
        if port and is_port(port.text):
            return port
    return None


def _served(container: Node) -> Iterator[_Said]:
    port = _port(container)
    if port:
        yield "kind", "web", "ecs/port-mapping", "medium", port.line
        yield "port", int(port.text), "ecs/container-port", "high", port.line
    command = container.get("command")
    words: list[JsonValue] = [item.text for item in command.items] if command else []
    if command and words and all(words):
        yield "start_command", words, "ecs/command", "high", command.line
    for part in ((container.get("healthCheck") or container).get("command") or container).items:
        path = path_asked(part.text)
        if path and url_path_fault(path) is None:
            yield "health_path", path, "ecs/health-check", "high", part.line
    for kind in ("environment", "secrets"):
        for entry in (container.get(kind) or container).items:
            name = entry.get("name")
            if name and VARIABLE_NAME.fullmatch(name.text):
                yield "environment_variables", name.text, "ecs/variable", "medium", name.line


def _workers(definitions: Sequence[_Definition], *, is_served: bool) -> Iterator[Fact]:
    """Yield the first container that works beside what is served, or alone."""
    for path, text, containers in definitions:
        for container in containers:
            name = _name(container)
            is_worker = _WORKER.search(name) and not _ONCE.search(name) and not _port(container)
            named = container.get("name")
            if named and is_worker and not _SIDECAR.search(name):
                evidence = quoted_line(path, text, named.line)
                yield Fact("worker", True, "ecs/worker", "high", evidence)
                if not is_served and len(definitions) == 1:
                    yield Fact("kind", "worker", "ecs/worker", "medium", evidence)
                return


def _quoted(path: str, text: str, said: Iterator[_Said]) -> Iterator[Fact]:
    for field, value, rule, confidence, line in said:
        evidence = quoted_line(path, text, line)
        if field == "environment_variables":
            evidence = evidence.model_copy(update={"quote": value})
        yield Fact(field, value, rule, confidence, evidence)
