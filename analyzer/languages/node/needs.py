"""Node, JavaScript and TypeScript: what `package.json` and the source say."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from analyzer.facts import Fact, quoted_match
from analyzer.languages.dependencies import Dependencies
from analyzer.languages.node.health import (
    HEALTH_RULES,
    NEST_RULES,
    health_facts,
    health_package_facts,
)
from analyzer.languages.node.kinds import is_made_for_others, kind_facts, unless_published
from analyzer.languages.node.packages import (
    BOTS,
    BUNDLED,
    DATABASES,
    FRAMEWORKS,
    HEALTH_PATHS,
    OTHER_QUEUES,
    PORTS,
    QUEUES,
    SECONDARY,
)
from analyzer.languages.node.ports import is_entry, is_server_side
from analyzer.languages.node.project import (
    PACKAGE_FILE,
    PackageFile,
    meteor_packages,
    meteor_release,
    node_versions,
    read_deno_file,
    read_service_package,
)
from analyzer.languages.node.shown import SUFFIXES
from analyzer.languages.node.sources import (
    ANYWHERE,
    IMPORTED,
    NEST,
    ROUTE,
    SEEN_IMPORTED,
    server_rules,
)
from analyzer.languages.node.starts import MAIN_FILES, start_facts
from analyzer.languages.node.stores import (
    connects_to_many,
    migration_facts,
    store_facts,
    worker_facts,
)
from analyzer.languages.node.workspace import dependencies_beside
from analyzer.languages.watching import (
    is_called_after_work,
    is_for_watchers,
    is_left_alone,
    is_watched_only,
)
from analyzer.patterns import Pattern
from analyzer.source_rules import SourceRule, scanned
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

_PACKAGE_FILES: Final = (PACKAGE_FILE, "deno.json")
_IMPORTED: Final = Pattern(r"(?:\brequire\(|\bfrom )[\"']([@\w/.-]{2,60})[\"']")
_BESIDE_BOTS: Final = frozenset({"express", "fastify", "hono", "koa"})
_BOT_NAME: Final = Pattern(r"bot(?:$|[-_])", re.I)
_INNER: Final = frozenset({IMPORTED, NEST, ROUTE})
_NAME_OF_REDIS: Final = "node/redis-variable"
_COMMANDER: Final = "nest-commander"
_QUEUED: Final = frozenset({"kafka", "mqtt", "nats", "redis", "rmq"})
# What watches a cluster's objects, unless it shows them.
_CLUSTER: Final = frozenset({"@kubernetes/client-node", "kubernetes-client"})
_WAITS: Final = Pattern(r"(?:^|[/@:_-])(?:worker|consumer|listener|receiver)s?$")
_WORKER_NAME: Final = Pattern(
    r"(?:^|[/@:_-])(?:workers?|bot|consumer|daemon|listener|receiver|jobs|queue|cron)(?:$|[:_-])|2mqtt$"
)


def facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what a Node service needs."""
    package = (
        read_service_package(tree) or read_deno_file(tree) or PackageFile(PACKAGE_FILE, "", {})
    )
    listed = _framework(tree, package)
    found = unless_published(package, _of_its_own(package, list(_scanned(tree))))
    imported = {fact.value for fact in found if fact.field == IMPORTED}
    framework = _unless_left_behind(listed, imported) if listed else None
    told = [
        *health_facts(tree, [fact for fact in found if fact.field not in _INNER]),
        *health_package_facts(package.dependencies),
        *store_facts(tree, package.dependencies, dependencies_beside(tree, package), imported),
        *(_package_facts(tree, package, framework, found) if package.text else ()),
    ]
    told = _beyond_names(told)
    yield from chain(node_versions(tree), _framework_facts(framework, told), told)
    yield from chain(_meteor(tree), worker_facts(tree, package.dependencies))


def _package_facts(
    tree: SourceTree, package: PackageFile, framework: Fact | None, found: Sequence[Fact]
) -> Iterator[Fact]:
    yield _dependencies(package)
    yield from start_facts(tree, package, framework)
    yield from kind_facts(tree, package, framework)
    unasked = list(_unasked_nest(package, [fact for fact in found if fact.field == NEST]))
    yield from unasked or _worker_kind(package, framework, found)
    yield from migration_facts(tree, package)


def _beyond_names(facts: list[Fact]) -> list[Fact]:
    """Leave out variables that are called after Redis where a client tells what is done with it."""
    others = [fact for fact in facts if fact.field == "cache" and fact.rule != _NAME_OF_REDIS]
    return [fact for fact in facts if not others or fact.rule != _NAME_OF_REDIS]


def _of_its_own(package: PackageFile, found: list[Fact]) -> list[Fact]:
    """Leave out the caches that a tool for many stores connects to."""
    is_tool = connects_to_many(package.dependencies)
    return [fact for fact in found if not is_tool or fact.field != "cache"]


def _scanned(tree: SourceTree) -> Iterator[Fact]:
    inner: list[str] = []
    outer: list[str] = []
    for path in tree.sources(*SUFFIXES):
        if path.rpartition("/")[2].startswith("karma.conf."):
            continue
        (inner if is_server_side(path) else outer).append(path)
    if "bin/www" in tree:
        inner.append("bin/www")
    for fact in scanned(tree, inner, _rules(tree)):
        is_outspoken = fact.field in ("port", "kind", ROUTE) and fact.evidence is not None
        yield _believed(fact, fact.evidence.file) if is_outspoken and fact.evidence else fact
    yield from scanned(tree, outer, ANYWHERE)


def _believed(fact: Fact, path: str) -> Fact:
    """Return what speaks of the whole service a step less sure where its file is no entry.

    A server beside is for those who watch the program where its file is called after them.
    """
    if is_for_watchers(path) and fact.field == "kind":
        return replace(fact, field=ROUTE, value="/health")
    if is_entry(path) or fact.field == ROUTE:
        return fact
    return replace(fact, confidence="medium" if fact.confidence == "high" else "low")


def _rules(tree: SourceTree) -> Iterator[SourceRule]:
    packages = "".join(tree.text(path) or "" for path in _package_files(tree))
    yield from server_rules(packages)
    yield from HEALTH_RULES
    if "@nestjs/" in packages or not packages:
        yield from NEST_RULES


def _package_files(tree: SourceTree) -> Iterator[str]:
    yield from tree.named(*_PACKAGE_FILES)
    yield from (path for path in tree.outer if path.replace("../", "") in _PACKAGE_FILES)


def _dependencies(package: PackageFile) -> Fact:
    evidence = package.evidence_of("dependencies")
    return Fact("dependencies", True, "node/dependencies", "high", evidence)


def _framework(tree: SourceTree, package: PackageFile) -> Fact | None:
    release = meteor_release(tree)
    if release:
        return Fact("framework", "meteor", "node/meteor", "high", release)
    # What is optional serves those who want it to.
    needed = package.located("dependencies")
    packages: Dependencies = {**needed, **package.imports}
    built = {name: line for name, line in package.development.items() if name in BUNDLED}
    for named in (packages, built):
        for name, framework in FRAMEWORKS:
            if name in named:
                confidence: Confidence = "low" if framework in SECONDARY else "high"
                if is_made_for_others(package) and confidence == "high":
                    confidence = "medium"
                return Fact("framework", framework, "node/dependency", confidence, named[name])
    return _imported_framework(tree, package)


def _unless_left_behind(framework: Fact, imported: Collection[object]) -> Fact:
    """Doubt a framework that is listed, but that no source imports."""
    is_seen = framework.value in SEEN_IMPORTED.values() and framework.rule == "node/dependency"
    if not is_seen or framework.value in imported:
        return framework
    return replace(framework, confidence="low")


def _imported_framework(tree: SourceTree, package: PackageFile) -> Fact | None:
    """Return the framework that the entry imports.

    Some list it among what builds the service, or leave it to the workspace around it.
    """
    main = package.content.get("main")
    paths = (main.removeprefix("./"),) if isinstance(main, str) else MAIN_FILES
    path = next((path for path in paths if path in tree), "")
    text = tree.text(path) or ""
    known = dict(FRAMEWORKS)
    for match in _IMPORTED.finditer(text):
        if match[1] in known and match[1] not in SECONDARY:
            evidence = quoted_match(path, text, match)
            return Fact("framework", known[match[1]], "node/imported", "medium", evidence)
    return None


def _framework_facts(framework: Fact | None, told: Sequence[Fact]) -> Iterator[Fact]:
    if framework is None:
        return
    name, evidence = str(framework.value), framework.evidence
    if framework.value != "ws":
        yield framework
    if name in PORTS and not any(fact.field == "port" for fact in told):
        yield Fact("port", PORTS[name], "node/framework-port", "low", evidence)
    if name in DATABASES:
        yield Fact("database", DATABASES[name], "node/framework-store", "medium", evidence)
    if name in HEALTH_PATHS:
        yield Fact("health_path", HEALTH_PATHS[name], "node/framework-health", "low", evidence)


def _meteor(tree: SourceTree) -> Iterator[Fact]:
    packages: Mapping[str, Evidence] = meteor_packages(tree)
    if "mongo" in packages:
        yield Fact("database", "mongodb", "node/meteor", "high", packages["mongo"])
    release = meteor_release(tree)
    if release:
        # A Meteor bundle reads these itself; no line of the app's own names them.
        for name in ("ROOT_URL", "MONGO_URL", "PORT"):
            yield Fact("environment_variables", name, "node/meteor", "high", release)


def _is_watched(package: PackageFile, framework: Fact | None, routes: Sequence[Fact]) -> bool:
    """Say whether nobody but who watches the program can ask it anything.

    A controller of Nest cannot be missed; routes of others may be put together.
    """
    is_nest = framework is not None and framework.value == "nestjs"
    if is_nest and "@nestjs/schedule" in package.dependencies and is_left_alone(routes):
        return True
    is_small = framework is None or is_nest or framework.value in (*_BESIDE_BOTS, "hapi")
    return is_small and is_watched_only(routes)


def _unasked_nest(package: PackageFile, starts: Sequence[Fact]) -> Iterator[Fact]:
    """Yield a worker where Nest is started without a server, a tool where it reads arguments.

    Messages that come over TCP or gRPC are requests; so they do where nothing else is said.
    """
    ways = {fact.value for fact in starts}
    alone = ways & {"applicationcontext", "microservice"}
    if not alone or "" in ways:
        return
    if _COMMANDER in package.dependencies:
        yield Fact("kind", "cli", "node/nest-start", "high", package.dependencies[_COMMANDER])
    elif "microservice" not in ways or (ways & _QUEUED and not ways & {"tcp", "grpc"}):
        yield replace(starts[0], field="kind", value="worker")
        yield replace(starts[0], field="watched", value=True)


def _worker_kind(
    package: PackageFile, framework: Fact | None, found: Sequence[Fact]
) -> Iterator[Fact]:
    """Yield a worker where nothing serves and a bot, a queue or a name tells what runs instead."""
    name = str(package.content.get("name", ""))
    bot = next((line for one, line in package.dependencies.items() if one in BOTS), None)
    if bot and framework and (framework.value in _BESIDE_BOTS or _BOT_NAME.search(name)):
        # What it serves beside is for those who watch it.
        yield Fact("kind", "worker", "node/bot", "high", bot)
        return
    routes = [fact for fact in found if fact.field == ROUTE]
    is_watched = _is_watched(package, framework, routes)
    works = [
        line for one, line in package.dependencies.items() if one in BOTS | QUEUES | OTHER_QUEUES
    ]
    if is_watched:
        works += [line for one, line in package.dependencies.items() if one in _CLUSTER]
    is_called = _WORKER_NAME.search(name) is not None or is_called_after_work(name)
    # Libraries are called after work, too: they do it for who imports them.
    is_named = is_called and bool(package.script_lines) and not is_made_for_others(package)
    # A queue's client in what is called after waiting for one is no aside.
    waits = bool(works and _WAITS.search(name))
    # A port is no word of what is called after its work.
    told = ("kind",) if is_named else ("kind", "port")
    is_serving = not (is_watched or waits) and (
        framework is not None
        or any(fact.field in told and fact.confidence != "low" for fact in found)
    )
    if is_serving or package.content.get("bin"):
        return
    if is_watched and framework is None:
        yield from _listening_for_watchers(found, routes)
    if works:
        sure: Confidence = "high" if is_watched or waits else "medium"
        yield Fact("kind", "worker", "node/worker-package", sure, works[0])
    if is_named:
        yield Fact("kind", "worker", "node/worker-name", "high", package.evidence_of("name"))
    if works or is_named:
        # A port that is opened all the same is there for those who watch it.
        yield Fact("watched", True, "node/worker-name", "medium", package.evidence_of("name"))


def _listening_for_watchers(found: Sequence[Fact], routes: Sequence[Fact]) -> Iterator[Fact]:
    """Yield a worker where each file that listens looks for the paths of who watches it itself."""
    listening = {fact.evidence.file for fact in found if fact.field == "kind" and fact.evidence}
    answering = {fact.evidence.file for fact in routes if fact.evidence}
    if listening and listening <= answering:
        worker = replace(routes[0], field="kind", value="worker", rule="node/watched")
        yield replace(worker, confidence="high")
        yield replace(worker, field="watched", value=True)
