"""Elixir: what its Mix project, its configuration and its source say."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact, first_line
from analyzer.languages.cache_switches import SWITCHES
from analyzer.languages.dependencies import Dependencies, framework_facts
from analyzer.languages.drivers import driven
from analyzer.languages.elixir.mix_project import MIX, MixProject, elixir_versions, read_project
from analyzer.languages.elixir.rules import RULES
from analyzer.languages.health_routes import joined, ranked
from analyzer.languages.watching import is_watched_only
from analyzer.patterns import Pattern
from analyzer.source_rules import scanned
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

# What sits on top comes first: Phoenix brings Plug, Plug is served by Bandit or Cowboy.
_FRAMEWORKS: Final = (
    ("phoenix", "phoenix"),
    ("plug_cowboy", "plug"),
    ("bandit", "plug"),
    ("plug", "plug"),
    ("cowboy", "cowboy"),
)
_FRAMEWORK_PORTS: Final = {"phoenix": 4000, "plug": 4000}
# What a new project's settings fall back to, whatever its image then sets.
_GENERATED_PORT: Final = 4000
_UPPER: Final = Pattern(r"(?<=[a-z])(?=[A-Z])")
_DATABASES: Final = {
    "postgrex": "postgres",
    "ash_postgres": "postgres",
    "myxql": "mysql",
    "mariaex": "mysql",
    "ecto_sqlite3": "sqlite",
    "exqlite": "sqlite",
    "tds": "sqlserver",
    "mongodb_driver": "mongodb",
    "mongodb": "mongodb",
    "ex_aws_dynamo": "dynamodb",
}
_CACHES: Final = {
    "redix": "redis",
    "eredis": "redis",
    "exq": "redis",
    "verk": "redis",
    "phoenix_pubsub_redis": "redis",
    "nebulex_redis_adapter": "redis",
    "hammer_backend_redis": "redis",
    "memcachex": "memcached",
}
_QUEUES: Final = ("oban", "broadway", "exq", "amqp", "brod", "kafka_ex", "nostrum")
# Settings of development and tests say nothing of a container's.
_NOT_DEPLOYED: Final = (
    *("config/dev.exs", "config/dev.secret.exs"),
    *("config/ci.exs", "config/mock.exs", "config/test.exs"),
)
_TRIED: Final = ("ci.exs", "mock.exs", "test.exs")
_TASKS: Final = "/lib/mix/tasks/"
_BESIDE: Final = ("bench/", "dev/", "priv/", "scripts/", "assets/")
_OVERLAY: Final = "rel/overlays/bin/"
_PACKAGE: Final = r"\bpackage:[ \t]*[\w(\[%{]+"
_GATHERED: Final = frozenset(
    {"serves", "health_path", "port", "database", "forwards", "release-tasks", "routes", "stores"}
)
Found = dict[str, list[Fact]]


def facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what an Elixir service needs."""
    project = read_project(tree)
    if project is None:
        return
    found: Found = {}
    sources = [path for path in tree.sources(".ex", ".exs") if not _is_beside(path)]
    for fact in scanned(tree, sources, (*RULES, *SWITCHES)):
        if fact.field in _GATHERED:
            found.setdefault(fact.field, []).append(fact)
        elif fact.evidence and not fact.evidence.file.endswith((*_NOT_DEPLOYED, MIX)):
            yield fact
    yield from chain(
        _dependencies(project),
        elixir_versions(tree),
        _kinds(project, found),
        ranked(_forwarded(found)),
        _databases(project.all_dependencies, found),
        _caches(project.all_dependencies),
    )
    if _is_served(project, found):
        ports = list(_ports(found))
        served = _served(project)
        # Who gives developers another number than a new project has means it.
        values = {fact.value for fact in ports if fact.confidence == "low"}
        is_given = len(values) == len(ports) == 1 and _GENERATED_PORT not in values
        yield from (fact for fact in served if not (is_given and fact.field == "port"))
        yield from chain(ports, _starts(tree, project))
        yield from _migrations(tree, project, found)


def _forwarded(found: Found) -> Iterator[Fact]:
    """Yield health routes, those of a router that another one forwards to under its path."""
    places: dict[str, set[str]] = {}
    for fact in found.get("forwards", ()):
        path, module = map(str, fact.value) if isinstance(fact.value, list) else ("", "")
        places.setdefault(f"{_UPPER.sub('_', module).lower()}.ex", set()).add(path)
    for fact in found.get("health_path", ()):
        file = fact.evidence.file.rpartition("/")[2] if fact.evidence else ""
        paths = places.get(file, set())
        if len(paths) == 1 and fact.rule == "elixir/health-route":
            yield replace(fact, value=joined(*paths, str(fact.value)))
        else:
            yield fact


def _is_beside(path: str) -> bool:
    """Say whether a file is no part of the program: scripts lie outermost, too.

    Tasks of Mix, which no release holds, write endpoints for others.
    """
    is_script = "/" not in path and path.endswith(".exs") and path != MIX
    return is_script or path.startswith(_BESIDE) or _TASKS in f"/{path}"


def _dependencies(project: MixProject) -> Iterator[Fact]:
    opens = project.find(r"defp? deps\b") or project.evidence
    if opens:
        yield Fact("dependencies", True, "elixir/dependencies", "high", opens)


def _is_served(project: MixProject, found: Found) -> bool:
    has_endpoint = any(fact.value == "endpoint" for fact in found.get("serves", ()))
    return has_endpoint or project.find(_PACKAGE) is None


def _kinds(project: MixProject, found: Found) -> Iterator[Fact]:
    package = project.find(_PACKAGE)
    application = project.find_anywhere(r"\bmod:[ \t]*\{")
    escript = project.find(r"\bescript:")
    # A package that is published may show how to serve it; only an endpoint of its own counts.
    serves = [fact for fact in found.get("serves", ()) if not package or fact.value == "endpoint"]
    queue = next(
        (project.dependencies[name] for name in _QUEUES if name in project.dependencies), None
    )
    is_bare = all(fact.value == "server" for fact in serves)
    if serves and queue and is_bare and is_watched_only(found.get("routes", ())):
        yield from _working(Fact("kind", "worker", "elixir/watched", "high", queue))
    elif serves:
        yield replace(serves[0], field="kind", value="web")
    elif package:
        yield Fact("kind", "library", "elixir/package", "high", package)
    elif escript:
        yield Fact("kind", "cli", "elixir/escript", "high", escript)
    elif queue:
        yield from _working(Fact("kind", "worker", "elixir/queue", "medium", queue))
    elif application:
        yield from _working(Fact("kind", "worker", "elixir/application", "medium", application))
    elif project.evidence:
        yield Fact("kind", "library", "elixir/no-application", "medium", project.evidence)


def _working(worker: Fact) -> Iterator[Fact]:
    """Yield a worker, and that whoever asks it anything watches it."""
    yield worker
    yield replace(worker, field="watched", value=True)


def _served(project: MixProject) -> Iterator[Fact]:
    for fact in framework_facts(project.dependencies, _FRAMEWORKS, "elixir/framework"):
        yield fact
        port = _FRAMEWORK_PORTS.get(str(fact.value))
        if port:
            yield replace(
                fact, field="port", value=port, rule="elixir/framework-port", confidence="low"
            )


def _ports(found: Found) -> Iterator[Fact]:
    for fact in found.get("port", ()):
        path = fact.evidence.file if fact.evidence else ""
        if path.endswith(_TRIED):
            continue
        if path.endswith(_NOT_DEPLOYED):
            yield replace(fact, confidence="low")
        elif fact.value == _GENERATED_PORT and fact.confidence == "high":
            yield replace(fact, confidence="medium")
        elif path.endswith("prod.exs") and fact.rule == "elixir/endpoint-port":
            yield replace(fact, confidence="high")
        else:
            yield fact


def _databases(dependencies: Dependencies, found: Found) -> Iterator[Fact]:
    drivers: dict[str, Evidence] = {
        flavour: dependencies[package]
        for package, flavour in _DATABASES.items()
        if package in dependencies
    }
    is_own = not any(evidence.file.startswith("../") for evidence in drivers.values())
    if drivers and is_own and not found.get("stores"):
        # A project is made with a driver, and keeps it when its repository is taken out.
        evidence = next(iter(drivers.values()))
        yield Fact("database", "none", "absent/uncalled-driver", "medium", evidence)
        return
    yield from driven(drivers, "elixir/driver")
    yield from (fact for fact in found.get("database", ()) if fact.value in drivers)


def _caches(dependencies: Dependencies) -> Iterator[Fact]:
    for package, flavour in _CACHES.items():
        if package in dependencies:
            yield Fact("cache", flavour, "elixir/cache-driver", "medium", dependencies[package])


def _starts(tree: SourceTree, project: MixProject) -> Iterator[Fact]:
    overlay = f"{_OVERLAY}server"
    if overlay in tree:
        evidence = first_line(overlay, tree.text(overlay) or "")
        yield Fact("start_command", ["bin/server"], "elixir/overlay", "medium", evidence)
    if project.release:
        name, evidence = project.release
        command: list[JsonValue] = [f"bin/{name}", "start"]
        yield Fact("start_command", command, "elixir/release", "medium", evidence)
        return
    settings = next(
        (one for one in ("config/runtime.exs", "config/releases.exs") if one in tree), None
    )
    if settings and project.app:
        evidence = first_line(settings, tree.text(settings) or "")
        command = [f"bin/{project.app}", "start"]
        yield Fact("start_command", command, "elixir/runtime-settings", "low", evidence)
    elif "phoenix" in project.dependencies:
        evidence = project.dependencies["phoenix"]
        command = ["mix", "phx.server"]
        yield Fact("start_command", command, "elixir/phoenix-server", "medium", evidence)
    elif project.evidence:
        command = ["mix", "run", "--no-halt"]
        yield Fact("start_command", command, "elixir/mix-run", "low", project.evidence)


def _migrations(tree: SourceTree, project: MixProject, found: Found) -> Iterator[Fact]:
    ecto = project.dependencies.get("ecto_sql") or project.dependencies.get("phoenix_ecto")
    if ecto is None or not any("/migrations/" in path for path in tree.paths):
        return
    yield Fact("migration_tool", "ecto", "elixir/ecto", "high", ecto)
    task = next(iter(found.get("release-tasks", ())), None)
    name = project.release[0] if project.release else project.app
    if task and name:
        command: list[JsonValue] = [f"bin/{name}", "eval", f"{task.value}.migrate"]
        yield replace(task, field="migration_command", value=command, rule="elixir/release-task")
    else:
        command = ["mix", "ecto.migrate"]
        yield Fact("migration_command", command, "elixir/ecto-migrate", "low", ecto)
