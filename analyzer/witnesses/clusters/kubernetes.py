"""Kubernetes manifests: ports, probes, commands and variables of the service's container."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, is_port, quoted_line
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.clusters.pods import Container, containers_of
from analyzer.witnesses.containers.compose_facts import LOWER
from analyzer.witnesses.folder_names import folder_names
from analyzer.witnesses.stores import store_named
from analyzer.witnesses.words.project_names import project_names
from delightful.reading.path import url_path_fault
from delightful.recommendation import Confidence

_PROBES: Final[tuple[tuple[str, str, Confidence], ...]] = (
    ("readinessProbe", "kubernetes/readiness", "high"),
    ("livenessProbe", "kubernetes/liveness", "medium"),
    ("startupProbe", "kubernetes/startup", "low"),
)
_SENT_TO: Final = Pattern(r"\btargetPort\b|^kind:[ \t]*(?:Service|Ingress)\b", re.MULTILINE)
_SENDS: Final = Pattern(
    r"(?:service|svc|ingress)(?!account|-?monitor|_?account|-account)\w*\.ya?ml$", re.I
)
_ONCE: Final = Pattern(r"migrat|manual|init|seed|setup|backup|test")

_Said = tuple[str, JsonValue, str, Confidence, int]


def kubernetes_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what the manifests in reach say of the service's container."""
    containers = containers_of(tree)
    own = _own(tree, [one for one in containers if one.is_of_the_authors])
    for container in own[:1]:
        yield from _facts(container, _serving(container))
        if _is_out_of_reach(tree, container):
            said: _Said = ("kind", "worker", "kubernetes/no-port", "medium", container.node.line)
            yield from _facts(container, [said])
    for container in own:
        yield from _facts(container, _variables(container))
    for container in own[1:]:
        is_other = not _is_reached(container) and _command(container) != _command(own[0])
        if (
            is_other
            and not container.is_on_each_node
            and not _ONCE.search(f"{container.owner} {container.path}".lower())
        ):
            yield from _facts(
                container, [("worker", True, "kubernetes/worker", "high", container.node.line)]
            )
    yield from _store_facts(containers, own)


def _facts(container: Container, said: Iterator[_Said] | Sequence[_Said]) -> Iterator[Fact]:
    for field, value, rule, confidence, line in said:
        evidence = quoted_line(container.path, container.text, line)
        if field == "environment_variables":
            evidence = evidence.model_copy(update={"quote": str(value)})
        sure = LOWER[confidence] if container.is_lesser else confidence
        yield Fact(field, value, rule, sure, evidence)


def _own(tree: SourceTree, containers: Sequence[Container]) -> list[Container]:
    """Return the containers of the service's image, the serving one first."""
    named = set(folder_names(tree))
    found = [one for one in containers if named & {one.image.name, one.owner.lower()}]
    if not found and not any(one.path.startswith("../") for one in containers):
        images = {one.image.repository for one in containers}
        names = project_names(tree) if len(images) > 1 else frozenset()
        found = [one for one in containers if len(images) == 1 or one.image.name in names]
    return sorted(found, key=lambda one: (one.is_lesser, not _is_reached(one)))


def _is_out_of_reach(tree: SourceTree, container: Container) -> bool:
    """Say whether nobody is told of a way to ask the container anything."""
    asked = any(
        (container.node.get(probe) or container.node).get("httpGet") for probe, *_ in _PROBES
    )
    beside = f"{container.path.rpartition('/')[0]}/"
    near = (path for path in (*tree.paths, *tree.outer) if path.startswith(beside))
    is_sent_to = _SENT_TO.search(container.text) or any(map(_SENDS.search, near))
    return not (_is_reached(container) or asked or is_sent_to)


def _is_reached(container: Container) -> bool:
    return container.is_served or bool(container.ports)


def _serving(container: Container) -> Iterator[_Said]:
    ports = [(int(port), line) for port, line in container.ports if is_port(port)]
    if ports:
        sure: Confidence = "high" if len(ports) == 1 else "medium"
        yield "port", ports[0][0], "kubernetes/port", sure, ports[0][1]
    for probe, rule, confidence in _PROBES:
        asked = (container.node.get(probe) or container.node).get("httpGet")
        path = asked.get("path") if asked else None
        if path and url_path_fault(path.text) is None:
            sure = confidence if path.text != "/" else LOWER[confidence]
            yield "health_path", path.text, rule, sure, path.line
    words = _command(container)
    if words:
        node = container.node.get("command") or container.node.get("args")
        line = node.items[0].line if node and node.items else container.node.line
        yield "start_command", list[JsonValue](words), "kubernetes/command", "medium", line


def _command(container: Container) -> list[str]:
    nodes = (container.node.get("command"), container.node.get("args"))
    return [item.text for node in nodes if node for item in node.items]


def _variables(container: Container) -> Iterator[_Said]:
    for name, (value, line) in container.environment.items():
        yield "environment_variables", name, "kubernetes/variable", "medium", line
        if name == "PORT" and is_port(value):
            yield "port", int(value), "kubernetes/variable-port", "high", line


def _store_facts(containers: Sequence[Container], own: Sequence[Container]) -> Iterator[Fact]:
    """Yield the stores that the service's variables name, by scheme or by the store's host."""
    stores = [(one, store) for one in containers if (store := one.store)]
    seen = set()
    for container in own:
        for name, (value, line) in container.environment.items():
            found = store_named(name, value)
            if found:
                said = (found[0], found[1], "kubernetes/store-variable", "medium", line)
                yield from _facts(container, [(*said[:2], said[2], "medium", line)])
            words = set(re.split(r"[^\w-]+", value))
            for one, store in stores:
                if one.owner in words and one.owner not in seen:
                    seen.add(one.owner)
                    image = one.node.get("image")
                    at = image.line if image else one.node.line
                    rule = "kubernetes/store"
                    yield from _facts(one, [(store.field, store.flavour, rule, "high", at)])
