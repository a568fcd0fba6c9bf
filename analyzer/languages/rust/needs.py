"""Rust: what its Cargo files and its source say."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from analyzer.facts import Fact
from analyzer.languages.cache_switches import RUST_SWITCHES
from analyzer.languages.health_routes import joined, ranked
from analyzer.languages.rust.cargo import (
    Crate,
    Dependency,
    crates_beside,
    named,
    read_crates,
    rust_versions,
)
from analyzer.languages.rust.nests import nested_routes
from analyzer.languages.rust.programs import (
    Found,
    is_worker,
    maker_of,
    program_facts,
)
from analyzer.languages.rust.rules import RULES
from analyzer.languages.rust.stores import store_facts
from analyzer.languages.rust.variables import prefixed_facts
from analyzer.languages.service_ports import has_word
from analyzer.languages.settings_files import setting_facts, settings
from analyzer.languages.watching import is_called_after_work, is_watched_only
from analyzer.patterns import Pattern
from analyzer.source_rules import scanned
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

# What sits on top comes first: Loco brings axum, axum brings hyper.
_FRAMEWORKS: Final = (
    ("loco-rs", "loco"),
    ("rocket", "rocket"),
    ("actix-web", "actix-web"),
    ("poem", "poem"),
    ("salvo", "salvo"),
    ("axum", "axum"),
    ("warp", "warp"),
    ("tide", "tide"),
    ("ntex", "ntex"),
    ("gotham", "gotham"),
    ("dropshot", "dropshot"),
    ("rouille", "rouille"),
    ("routerify", "routerify"),
    ("jsonrpsee", "jsonrpsee"),
    ("tonic", "tonic"),
)
_FRAMEWORK_PORTS: Final = {"rocket": 8000, "loco": 5150}
# What is measured goes on running.
_MEASURES: Final = ("metrics", "metrics-exporter-prometheus", "prometheus", "prometheus-client")
# What goes beside a framework that a crate of the same workspace brings.
_COMPANIONS: Final = (
    *("actix-cors", "actix-files", "actix-identity", "actix-multipart", "actix-session"),
    *("actix-tls", "actix-web-httpauth", "actix-web-prom", "axum-extra", "axum-server"),
    *("rocket_cors", "rocket_db_pools", "tower-sessions"),
)
# What watches a cluster's objects.
_CLUSTER: Final = ("kube", "kube-runtime")
_QUEUES: Final = (
    *("lapin", "rdkafka", "apalis", "sqlxmq", "faktory", "async-nats"),
    # Bots and controllers wait for what others send, too.
    *(
        "carapax",
        "frankenstein",
        "grammers-client",
        "irc",
        "serenity",
        "poise",
        "twilight-gateway",
        "tbot",
        "telegram-bot",
        "teloxide",
        "kube-runtime",
        "matrix-sdk",
        "rumqttc",
    ),
    # So do programs that keep their own hours.
    "tokio-cron-scheduler",
)
_SERVER_WORDS: Final = Pattern(r"api|app|backend|http|server|web")
_AIDE_WORDS: Final = Pattern(
    r"admin|bench|build|cli|client|codegen|dev|example|fuzz|fuzzers|gen|"
    r"generator|macros|migrate|migration|migrations|mock|perf|seed|test|"
    r"tests|tool|tools|util|utils|xtask"
)
# What others are tried with, and where it is kept: it may serve and is no service.
_TRIES: Final = Pattern(r"tester|testing|testkit|mock|example|bench")
_TOOLS: Final = Pattern(r"tools?|xtask|utils?")
_TOOL_OF: Final = Pattern(r"[-_]cli$")
_BESIDE: Final = Pattern(r"tests?|e2e|bench(?:es|marks?)?|examples?|fuzz|xtask")
_GATHERED: Final = frozenset(
    {
        "serves",
        "controllers",
        "routes",
        "hyper",
        "health_path",
        "mounts",
        "nests",
        "commands",
        "cache",
        "database",
        "port",
        "migration_tool",
        "prefixed-variables",
    }
)


def facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what a Rust service needs."""
    crates = read_crates(tree)
    sources = [path for path in tree.sources(".rs") if not _is_beside(path)]
    found: Found = {}
    for fact in scanned(tree, sources, (*RULES, *RUST_SWITCHES)):
        if fact.field in _GATHERED:
            found.setdefault(fact.field, []).append(fact)
        else:
            yield fact
    folders = {fact.evidence.file for fact in found.get("serves", ()) if fact.evidence}
    service = _service(crates, folders)
    read = tuple(settings(tree))
    configured = list(
        setting_facts(read, "rust/settings-port", "rust/settings-store", "rust/settings-cache")
    )
    frameworks = _serving(_frameworks(service, crates), found) or list(_hyper(service, found))
    yield from chain(
        _dependencies(crates),
        rust_versions(tree),
        frameworks,
        _kinds(service, crates, found, frameworks),
        ranked(_of_service(_routes(found), service, crates)),
        store_facts(
            (*crates, *crates_beside(tree, crates)),
            found.get("database", []),
            found.get("cache", []),
            configured,
        ),
        _migrations(crates, found),
        prefixed_facts(found.get("prefixed-variables", ()), read),
    )
    is_tool = service and (_is_tool(service, frameworks) or maker_of(service, crates, found))
    if service and frameworks and not is_tool:
        yield from _ports(service, crates, found.get("port", ()))
        yield from (fact for fact in configured if fact.field == "port")
        yield from _framework_ports(frameworks)
    if service:
        yield from program_facts(service, crates, found)


def _is_tool(service: Crate, frameworks: Sequence[Fact]) -> bool:
    """Say whether a program of commands can be built without the server in it."""
    is_optional = all(fact.confidence == "low" for fact in frameworks)
    return is_optional and named(service.dependencies, "clap") is not None


def _is_beside(path: str) -> bool:
    *folders, name = path.split("/")
    return name == "build.rs" or any(has_word(folder, _BESIDE) for folder in folders)


def _dependencies(crates: Sequence[Crate]) -> Iterator[Fact]:
    for crate in crates[:1]:
        if crate.evidence:
            yield Fact("dependencies", True, "rust/dependencies", "high", crate.evidence)


def _service(crates: Sequence[Crate], serving: Collection[str]) -> Crate | None:
    """Return the crate whose program serves, or else the likeliest."""
    programs = [crate for crate in crates if crate.programs]
    return max(programs, key=lambda crate: _score(crate, crates, serving), default=None)


def _score(crate: Crate, crates: Sequence[Crate], serving: Collection[str]) -> float:
    serves = crate.folder and any(path.startswith(f"{crate.folder}/src/") for path in serving)
    score = _framework_score(crate, crates) + 2 * (crate.folder == "")
    score += 2 * has_word(crate.name, _SERVER_WORDS) + ("default-run" in crate.text)
    score += 2 * bool(serves) + 2 * (crate.has_main or crate.name in crate.programs)
    score -= 3 * is_worker(crate.name) + 0.1 * crate.path.count("/")
    if has_word(crate.name, _TRIES) or has_word(crate.folder.partition("/")[0], _TOOLS):
        return score - 4
    return score - 4 * (has_word(crate.name, _AIDE_WORDS) and not serves)


def _framework_score(crate: Crate, crates: Sequence[Crate]) -> float:
    """A server may be a crate of the workspace that the program only starts."""
    if _brings_framework(crate):
        return 4.0
    places = {one.place for one in crate.dependencies if one.place and not one.is_optional}
    beside = (other for other in crates if other.folder in places and not other.programs)
    return 3.0 if any(map(_brings_framework, beside)) else 0.0


def _brings_framework(crate: Crate) -> bool:
    found = (named(crate.dependencies, package) for package, _ in _FRAMEWORKS)
    return any(one is not None and not one.is_optional for one in found)


def _hyper(service: Crate | None, found: Found) -> Iterator[Fact]:
    uses = found.get("hyper") if service and named(service.dependencies, "hyper") else None
    if uses:
        yield replace(uses[0], field="framework")


def _serving(frameworks: Iterable[Fact], found: Found) -> list[Fact]:
    """Leave out the framework for gRPC where nothing answers: it is there to call others."""
    is_client = not found.get("serves")
    return [fact for fact in frameworks if not (is_client and fact.value == "tonic")]


def _frameworks(service: Crate | None, crates: Sequence[Crate]) -> Iterator[Fact]:
    if service is None:
        return
    everywhere = [one for crate in crates for one in crate.dependencies]
    for rule, dependencies in (
        ("rust/framework", service.dependencies),
        ("rust/framework-of-crates", everywhere),
    ):
        best = _best_framework(dependencies)
        if best:
            confidence: Confidence = "low" if best[1].is_optional else "medium"
            yield Fact("framework", best[0], rule, confidence, best[1].evidence)


def _best_framework(dependencies: Sequence[Dependency]) -> tuple[str, Dependency] | None:
    found = [(name, named(dependencies, package)) for package, name in _FRAMEWORKS]
    there = [(name, dependency) for name, dependency in found if dependency]
    return min(there, key=lambda one: one[1].is_optional, default=None)


def _ports(service: Crate, crates: Sequence[Crate], found: Sequence[Fact]) -> Iterator[Fact]:
    """Yield where something listens; beside the service's crate the others' are hints."""
    folders = [f"{crate.folder}/" for crate in crates if crate.folder != service.folder]
    inside = f"{service.folder}/" if service.folder else ""
    others = tuple(folder for folder in folders if folder.startswith(inside))
    own = [fact for fact in found if _is_below(fact, inside) and not _is_below(fact, others)]
    yield from own
    for fact in found:
        if fact not in own:
            yield replace(fact, confidence="low") if own else fact


def _is_below(fact: Fact, folders: str | tuple[str, ...]) -> bool:
    return fact.evidence is not None and fact.evidence.file.startswith(folders)


def _framework_ports(frameworks: Sequence[Fact]) -> Iterator[Fact]:
    for fact in frameworks[:1]:
        port = _FRAMEWORK_PORTS.get(str(fact.value))
        if port:
            yield replace(
                fact, field="port", value=port, rule="rust/framework-port", confidence="low"
            )


def _kinds(
    service: Crate | None, crates: Sequence[Crate], found: Found, frameworks: Sequence[Fact]
) -> Iterator[Fact]:
    evidence = next((crate.evidence for crate in crates if crate.evidence), None)
    shared = _shared(service, crates) if service else None
    maker = maker_of(service, crates, found) if service else None
    controllers = _outside_others(found.get("controllers", ()), service, crates) if service else []
    if service is None:
        if evidence and not evidence.file.startswith("../"):
            yield Fact("kind", "library", "rust/no-program", "high", evidence)
    elif shared:
        yield Fact("kind", "library", "rust/framework-itself", "high", shared)
    elif maker:
        yield replace(maker, field="kind", value="cli", rule="rust/maker", confidence="high")
    elif frameworks and _is_tool(service, frameworks):
        yield Fact("kind", "cli", "rust/optional-server", "medium", service.evidence)
    elif controllers:
        yield replace(controllers[0], field="kind", value="worker")
        yield replace(controllers[0], field="watched", value=True)
    elif frameworks:
        yield from _served(service, found)
    else:
        yield from _alone(service, crates, evidence)


def _served(service: Crate, found: Found) -> Iterator[Fact]:
    """Yield a server, or a worker where nothing but the question of health is answered."""
    is_watched = is_watched_only(found.get("routes", ())) and not _answers_calls(found)
    works = _first_needed(service, (*_QUEUES, *_CLUSTER)) or _is_called_worker(service)
    if is_watched and works:
        yield replace(found["routes"][0], field="kind", value="worker", rule="rust/watched")
        yield replace(found["routes"][0], field="watched", value=True)
    else:
        for fact in found.get("serves", ())[:1]:
            yield replace(fact, field="kind", value="web", rule="rust/serves")


def _alone(service: Crate, crates: Sequence[Crate], evidence: Evidence | None) -> Iterator[Fact]:
    """Yield what a program without a framework is by what else it needs, and by its name."""
    queue = _first_needed(service, _QUEUES)
    companion = _first_needed(service, _COMPANIONS)
    measured = next((one for name in _MEASURES if (one := named(service.dependencies, name))), None)
    if companion:
        yield Fact("kind", "web", "rust/companion", "medium", companion.evidence)
    elif queue:
        yield Fact("watched", True, "rust/queue", "medium", queue.evidence)
        yield Fact("kind", "worker", "rust/queue", "medium", queue.evidence)
    elif evidence and crates[0].name and not crates[0].programs:
        # The root's package is what others depend on; a tool beside it is no service.
        yield Fact("kind", "library", "rust/library-at-root", "high", evidence)
    elif _is_called_worker(service):
        yield Fact("watched", True, "rust/worker-name", "medium", service.evidence)
        yield Fact("kind", "worker", "rust/worker-name", "medium", service.evidence)
    elif measured:
        yield Fact("kind", "worker", "rust/measured", "low", measured.evidence)
    elif service.evidence:
        yield Fact("kind", "cli", "rust/no-server", "low", service.evidence)


def _first_needed(service: Crate, names: Sequence[str]) -> Dependency | None:
    """Return the first of some crates that a service is always made with."""
    found = (named(service.dependencies, name) for name in names)
    return next((one for one in found if one and not one.is_optional), None)


def _is_called_worker(service: Crate) -> bool:
    return is_worker(service.name) or is_called_after_work(service.name)


def _answers_calls(found: Found) -> bool:
    """Say whether services of gRPC are served besides, which have no routes."""
    quotes = (fact.evidence.quote for fact in found.get("serves", ()) if fact.evidence)
    return any(".add_service(" in quote for quote in quotes)


def _shared(service: Crate, crates: Sequence[Crate]) -> Evidence | None:
    """Return the crate that a workspace is made for: a framework, or its tool's namesake."""
    names = {package for package, _ in _FRAMEWORKS} | {_TOOL_OF.sub("", service.name)}
    known = (crate for crate in crates if crate.name in names and crate is not service)
    return next((crate.evidence for crate in known if not crate.programs), None)


def _routes(found: Found) -> Iterator[Fact]:
    """Yield health routes, each under the path that its handler is mounted at."""
    mounts: dict[str, str] = {}
    for mount in found.get("mounts", ()):
        base, *handlers = mount.value if isinstance(mount.value, list) else ("",)
        mounts |= {str(handler): str(base) for handler in handlers}
    routes = found.get("health_path", ())
    others = [route for route in routes if _handler(route) not in mounts]
    yield from nested_routes(others, found.get("nests", ()))
    for route in routes:
        if route not in others and isinstance(route.value, list):
            yield replace(route, value=joined(mounts[_handler(route)], str(route.value[0])))


def _of_service(
    routes: Iterator[Fact], service: Crate | None, crates: Sequence[Crate]
) -> Sequence[Fact]:
    """Leave out the routes of other programs' crates, unless there are no more."""
    found = list(routes)
    return _outside_others(found, service, crates) or found


def _outside_others(
    facts: Iterable[Fact], service: Crate | None, crates: Sequence[Crate]
) -> Sequence[Fact]:
    """Leave out what is said in the crates of other programs."""
    others = tuple(
        f"{one.folder}/" for one in crates if one.programs and one is not service and one.folder
    )
    return [fact for fact in facts if not _is_below(fact, others)]


def _handler(route: Fact) -> str:
    return str(route.value[1]) if isinstance(route.value, list) else ""


def _migrations(crates: Sequence[Crate], found: Found) -> Iterator[Fact]:
    everywhere = [one for crate in crates for one in crate.dependencies]
    yield from found.get("migration_tool", ())
    for package, tool in (("sea-orm-migration", "sea-orm"), ("refinery", "refinery")):
        one = named(everywhere, package)
        if one:
            yield Fact("migration_tool", tool, "rust/migrations", "high", one.evidence)
