"""The compose file: how the authors run the service, and what stands beside it."""

from collections.abc import Collection, Iterator
from typing import Final

from pydantic import JsonValue

from analyzer.documents import Node
from analyzer.facts import Fact, is_port
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.clusters.probes import asks, path_asked
from analyzer.witnesses.command_lines import argv_of, is_for_developing
from analyzer.witnesses.containers.compose_facts import Finding, Spoken, facts_of
from analyzer.witnesses.containers.compose_file import ComposeFile, Service, compose_files
from analyzer.witnesses.containers.compose_own import Own, has_port, own_services
from analyzer.witnesses.containers.compose_stores import (
    cacheless_facts,
    lone_store_facts,
    store_facts,
)
from analyzer.witnesses.containers.dockerfiles import has_entrypoint
from analyzer.witnesses.containers.images import language_of, version_of
from delightful.recommendation import Confidence

# A debugger's, a profiler's or a tool's port beside the service's own.
_SIDE_PORTS: Final = frozenset({22, 2345, 5005, 5173, 5678, 9091, 9229, 9464, 24678, 35729, 40000})
_BALANCER_PORT: Final = Pattern(r"loadbalancer\.server\.port\"?[=: ]+[\"']?(\d{2,5})")


def compose_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what compose files say of the service; those for developing only without others."""
    files = compose_files(tree)
    spoken = [Spoken(file, own) for file in files if (own := own_services(tree, file))]
    main = [one for one in spoken if not one.is_lesser] or spoken
    main = [one for one in main if not one.file.is_of_a_variant] or main
    listening = {s.name for file in files for s in file.services if _listens(s)}
    for one in main:
        found = _own(tree, one.file, one.own, listening)
        yield from facts_of(one.file, found, is_lesser=one.is_lesser)
    yield from store_facts(files, main)
    if not spoken and not tree.folder:
        yield from lone_store_facts(files)
    if all(one.is_lesser for one in spoken):
        yield from cacheless_facts(files)


def _own(
    tree: SourceTree, file: ComposeFile, own: Own, listening: Collection[str]
) -> Iterator[Finding]:
    """Yield what a file says of the services; one that listens in another file listens in all."""
    yield from _ports(file, own.main)
    yield from _health(file, own.main)
    yield from _command(tree, file, own.main)
    yield from _runtime(own.main)
    for service in own.all:
        for name, (_, line) in service.environment.items():
            rule = "compose/environment"
            yield Finding("environment_variables", name, rule, "medium", line, name)
    # A place to work in is no way to run the service, and waits for who works there.
    is_workplace = "/.devcontainer/" in f"/{file.path}"
    for service in () if is_workplace else own.workers:
        yield Finding("worker", True, "compose/worker", "high", service.line)
    if is_workplace:
        return
    is_quiet = own.main.name not in listening and not _is_served_through(file, own.main)
    if own.is_sure and own.main.home is not None and is_quiet:
        yield Finding("kind", "worker", "compose/no-port", "medium", own.main.line)
    published = next((line for _, line in _published(file, own.main)), None)
    if own.is_sure and published:
        yield Finding("kind", "web", "compose/published", "medium", published)


def _is_served_through(file: ComposeFile, service: Service) -> bool:
    """Say whether what publishes a port waits for the service, as what stands in front of it."""
    return any(
        service.name in other.links and has_port(other) and other.store is None
        for other in file.services
        if other is not service
    )


def _listens(service: Service) -> bool:
    return has_port(service) or service.node.get("healthcheck") is not None


def _ports(file: ComposeFile, service: Service) -> Iterator[Finding]:
    named = [
        (int(port), line)
        for port, line in (*_published(file, service), *_exposed(file, service))
        if is_port(port)
    ]
    own = [(port, line) for port, line in named if port not in _SIDE_PORTS] or named
    if own:
        confidence: Confidence = "high" if len({port for port, _ in own}) == 1 else "medium"
        yield Finding("port", own[0][0], "compose/ports", confidence, own[0][1])
    labels = service.node.get("labels")
    for label in labels.items if labels else ():
        match = _BALANCER_PORT.search(file.filled(label.text))
        if match:
            yield Finding("port", int(match[1]), "compose/balancer-port", "high", label.line)


def _published(file: ComposeFile, service: Service) -> Iterator[tuple[str, int]]:
    for entry in (service.node.get("ports") or service.node).items:
        target = entry.get("target") or entry
        text = file.filled(target.text)
        if not text.endswith("/udp"):
            yield text.partition("/")[0].rpartition(":")[2], target.line


def _exposed(file: ComposeFile, service: Service) -> Iterator[tuple[str, int]]:
    if service.node.get("ports") is None:
        for entry in (service.node.get("expose") or service.node).items:
            yield file.filled(entry.text).partition("/")[0], entry.line


def _health(file: ComposeFile, service: Service) -> Iterator[Finding]:
    test = (service.node.get("healthcheck") or service.node).get("test")
    parts = (*test.items, test) if test else ()
    for part in parts if asks(" ".join(part.text for part in parts)) else ():
        path = path_asked(file.filled(part.text), service.name)
        if path is not None:
            confidence: Confidence = "high" if path != "/" else "medium"
            yield Finding("health_path", path, "compose/healthcheck", confidence, part.line)


def _command(tree: SourceTree, file: ComposeFile, service: Service) -> Iterator[Finding]:
    node = service.node.get("command")
    words = _argv(file, node) if node else []
    if node and words:
        is_whole = not is_for_developing(" ".join(map(str, words))) and not has_entrypoint(tree)
        confidence: Confidence = "medium" if is_whole else "low"
        line = node.items[0].line if node.items else node.line
        yield Finding("start_command", words, "compose/command", confidence, line)


def _argv(file: ComposeFile, node: Node) -> list[JsonValue]:
    if node.items:
        return [file.filled(item.text) for item in node.items]
    text = " ".join(file.filled(node.text).split())
    return argv_of(text) if text else []


def _runtime(service: Service) -> Iterator[Finding]:
    if service.image is None or service.home is not None:
        return
    language = language_of(service.image)
    image = service.node.get("image")
    if language is None or image is None:
        return
    yield Finding("language", language, "compose/image", "medium", image.line)
    version = version_of(service.image, language)
    if version:
        yield Finding("runtime_version", version, "compose/image", "medium", image.line)
