"""What the languages of the JVM share: builds, frameworks, settings and how they are started."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from analyzer.facts import Fact, first_line
from analyzer.languages.cache_switches import JVM_SWITCHES
from analyzer.languages.health_routes import joined, ranked
from analyzer.languages.jvm.build import artifact_in
from analyzer.languages.jvm.frameworks import (
    Framework,
    default_port_facts,
    framework_facts,
    imported_framework,
    shown_framework,
)
from analyzer.languages.jvm.health import health_facts
from analyzer.languages.jvm.ports import build_port_facts, port_facts
from analyzer.languages.jvm.project import Project, is_program, read_project
from analyzer.languages.jvm.servers import ENTRY, IMPORTED, REPOSITORY, RUNS, WORKS
from analyzer.languages.jvm.settings import Setting, read_settings
from analyzer.languages.jvm.sources import APPLICATION, SOURCE_RULES, UNLOGGED
from analyzer.languages.jvm.start import start_facts
from analyzer.languages.jvm.stores import cache_facts, database_facts, no_database_facts
from analyzer.languages.jvm.variables import variable_facts
from analyzer.languages.jvm.versions import version_facts
from analyzer.languages.watching import is_called_after_work, is_left_alone
from analyzer.patterns import Pattern
from analyzer.source_rules import scanned
from analyzer.tree import SourceTree
from analyzer.witnesses.containers.dockerfiles import dockerfiles_of
from delightful.recommendation import Evidence

_MIGRATION_TOOLS = (
    (("flyway-core", "quarkus-flyway", "micronaut-flyway", "spring-boot-starter-flyway"), "flyway"),
    (
        (
            "liquibase-core",
            "quarkus-liquibase",
            "micronaut-liquibase",
            "dropwizard-migrations",
            "spring-boot-starter-liquibase",
        ),
        "liquibase",
    ),
)
_HTTP_SERVERS = (
    "http-server",
    "jetty-ee10-servlet",
    "jetty-server",
    "jetty-servlet",
    "tomcat-embed-core",
    "undertow-core",
    "grizzly-http-server",
    "nanohttpd",
    "netty-codec-http",
)
# Chats wait for what others send; what is served beside is for those who watch.
_BOTS = (
    "JDA",
    "discord4j-core",
    "java-telegram-bot-api",
    "kord-core",
    "kotlin-telegram-bot",
    "pircbotx",
    "telegrambots",
    "telegrambots-longpolling",
    "javacord",
    "twitch4j",
)
_QUEUES = (
    "kafka-clients",
    "kafka-streams",
    "rapids-and-rivers",
    "reactor-kafka",
    "activemq-client",
    "artemis-jakarta-client",
    "jnats",
    "quartz",
    "google-cloud-pubsub",
    "amqp-client",
    "sqs",
    "pulsar-client",
    "jedis",
    *_BOTS,
)
# What is read from without an annotation that tells so.
_STREAMS = (
    "kafka-streams",
    "org.eclipse.paho.client.mqttv3",
    "pulsar-client",
    "reactor-kafka",
    "spring-integration-mqtt",
    "spring-kafka",
)
# Servers that a dependency makes whole: their own code may hold no more than timers.
_ANSWERING = (
    "spring-cloud-starter-gateway",
    "spring-cloud-starter-gateway-server-webflux",
    "spring-cloud-starter-gateway-server-webmvc",
    "spring-cloud-starter-netflix-eureka-server",
    "spring-cloud-starter-netflix-zuul",
    "spring-cloud-config-server",
    "spring-boot-admin-starter-server",
    "domain-models-runtime",
)
_INNER = frozenset({WORKS, ENTRY, IMPORTED, REPOSITORY, RUNS, UNLOGGED})
_BESIDE_BOTS = ("javalin", "jersey", "ktor", "sparkjava", "spring")
_WORKER_NAME = Pattern(r"(?:^|[-_/])(?:batch|consumer|indexer|poller|processor|worker)s?\Z")
# Whoever is called so answers its probes, and those who look after its work, at most.
_WAITING_NAME = Pattern(r"(?:^|[-_/])(?:consumer|worker)s?\Z")
_IN_MODULE = Pattern(r"(?:\.\./)+[^./][^/]*/(?!libs\.versions)[^/]+$")
_RECONCILES = Pattern(r"Reconciler|ResourceEventHandler")
# Camel listens by itself, whatever Spring does.
_ROUTED = tuple(
    f"camel-{name}{starter}"
    for name in ("jetty", "netty-http", "platform-http", "servlet", "undertow")
    for starter in ("", "-starter")
)
_COMMAND_LINE = (
    "picocli",
    "clikt",
    "clikt-jvm",
    "jcommander",
    "jopt-simple",
    "commons-cli",
    "airline",
    "aesh",
)


def facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what a service of the JVM needs, in whichever of its languages it is written."""
    project = read_project(tree)
    if project is None:
        return
    settings = read_settings(tree, project)
    text = tree.text(project.main.path) or ""
    opening = first_line(project.main.path, text)
    yield Fact("dependencies", True, "jvm/dependencies", "high", opening)
    # A route of the program's own comes before that of an extension that is as sure.
    read = list(scanned(tree, _sources(tree, project), (*SOURCE_RULES, *JVM_SWITCHES)))
    project = _started(project, read)
    imports = [fact for fact in read if fact.field == IMPORTED]
    found = shown_framework(project) or imported_framework(imports)
    framework = found[0] if found else None
    works = list(_working(tree, project, found, read))
    yield from works
    yield from _needed([fact for fact in read if fact.field not in _INNER])
    yield from _unlogged([fact for fact in read if fact.field == UNLOGGED])
    if found:
        told = _framework_facts(tree, project, found[0], found[1], settings)
        is_watched = any(fact.field == "watched" for fact in works)
        yield from (fact for fact in told if not (is_watched and fact.field == "kind"))
    yield from chain(
        _kind_facts(tree, project, framework, settings),
        version_facts(tree, project),
        port_facts(settings),
        build_port_facts(project.main),
        database_facts(tree, project, settings),
        no_database_facts(tree, project, settings),
        cache_facts(project, settings),
        variable_facts(project, framework, settings),
        _migration_facts(project),
        start_facts(tree, project, framework, settings),
    )


def _started(project: Project, read: Sequence[Fact]) -> Project:
    """Return the project with the line that starts Spring where no build file names a class.

    Plugins of the house make programs of modules under names of their own.
    """
    main = project.main
    starts = (fact.evidence for fact in read if fact.field == RUNS)
    start = next((one for one in starts if one and one.file.startswith(main.folder)), None)
    if main.main_class or start is None:
        return project
    return replace(project, main=replace(main, main_class=start))


def _working(
    tree: SourceTree,
    project: Project,
    found: tuple[Framework, Evidence] | None,
    read: Sequence[Fact],
) -> Iterator[Fact]:
    """Yield what tells of a worker: a bot, a listener, a controller.

    Where it has no way in but for those who watch it, its framework makes no server of it.
    """
    works = [fact for fact in read if fact.field == WORKS]
    entries = [fact for fact in read if fact.field in _entries(project)]
    answering = artifact_in(project.dependencies, *_ANSWERING)
    # What serves may stand in a module beside, whose sources are not read.
    is_called = answering is not None or (found is not None and _IN_MODULE.match(found[1].file))
    bot = artifact_in(project.dependencies, *_BOTS)
    stream = artifact_in(project.dependencies, *_STREAMS) if found else None
    if stream and stream.file.startswith("../"):
        # A module beside may have it for one of its choices.
        stream = None
    if bot and (found is None or found[0].name in _BESIDE_BOTS):
        yield Fact("kind", "worker", "jvm/bot", "high", bot)
        yield Fact("watched", True, "jvm/bot", "high", bot)
    elif works and (
        (is_left_alone(entries) and not is_called)
        or _is_controller(project, works)
        or _is_named(_WAITING_NAME, tree, project)
    ):
        yield replace(works[0], field="kind", value="worker")
        yield replace(works[0], field="watched", value=True)
    elif works:
        yield replace(works[0], field="kind", value="worker", confidence="low")
    elif stream and is_left_alone(entries) and not is_called:
        yield Fact("kind", "worker", "jvm/stream", "medium", stream)
        yield Fact("watched", True, "jvm/stream", "medium", stream)
    elif is_left_alone(entries) and not is_called and _is_named(_WORKER_NAME, tree, project):
        for fact in [fact for fact in read if fact.field == RUNS][:1]:
            yield replace(fact, field="kind", value="worker", rule="jvm/worker-name")
            yield replace(fact, field="watched", value=True, rule="jvm/worker-name")


def _is_named(work: Pattern[str], tree: SourceTree, project: Project) -> bool:
    """Say whether a program is called after work that it does when nobody calls it."""
    names = (project.main.name, project.main.folder.rstrip("/"), tree.folder)
    return any(work.search(name) for name in names)


def _entries(project: Project) -> frozenset[str]:
    """Return what is an entry: repositories are where Spring Data REST serves them."""
    serves = artifact_in(project.dependencies, "spring-boot-starter-data-rest")
    return frozenset({ENTRY, REPOSITORY} if serves else {ENTRY})


def _is_controller(project: Project, works: Sequence[Fact]) -> bool:
    """Say whether what watches a cluster's objects is called an operator: it is asked by that."""
    names = (part.name for part in project.all_files)
    is_named = any(name.endswith(("operator", "controller")) for name in names)
    return is_named and any(_RECONCILES.search(one.evidence.quote) for one in works if one.evidence)


def _unlogged(found: Sequence[Fact]) -> Iterator[Fact]:
    """Yield the best of the paths whose requests are left out of the log, as a hint."""
    for fact in list(ranked(found))[:1]:
        yield replace(fact, field="health_path", confidence="low")


def _needed(found: Sequence[Fact]) -> Iterator[Fact]:
    """Yield what sources say, without a cache that is only one choice of several."""
    choices = [fact for fact in found if fact.field == "optional-cache"]
    for fact in _placed(found):
        if fact.field != "optional-cache" and not (choices and fact.rule == "jvm/redis-client"):
            yield fact
    for fact in choices[:1]:
        yield replace(fact, field="cache", value="none")


def _placed(found: Sequence[Fact]) -> Iterator[Fact]:
    """Yield the facts, resources under the path of the one application that there is."""
    applications = {str(fact.value) for fact in found if fact.field == APPLICATION}
    above = applications.pop() if len(applications) == 1 else ""
    for fact in found:
        if above and fact.rule == "jvm/resource-route" and fact.field == "health_path":
            yield replace(fact, value=joined(above, str(fact.value)), confidence="medium")
        elif fact.field != APPLICATION:
            yield fact


def _framework_facts(
    tree: SourceTree,
    project: Project,
    framework: Framework,
    evidence: Evidence,
    settings: Sequence[Setting],
) -> Iterator[Fact]:
    yield from framework_facts(project, framework, evidence)
    yield from default_port_facts(framework, evidence, settings)
    yield from health_facts(tree, project, framework, settings)


def _kind_facts(
    tree: SourceTree,
    project: Project,
    framework: Framework | None,
    settings: Sequence[Setting],
) -> Iterator[Fact]:
    has_port = any(setting.key == "server.port" for setting in settings)
    served = artifact_in(project.dependencies, *_ROUTED)
    for setting in settings:
        is_off = setting.key == "spring.main.webapplicationtype" and setting.value.lower() == "none"
        if is_off and not (has_port or served):
            kind = "cli" if project.main.name.endswith("-cli") else "worker"
            yield Fact("kind", kind, "jvm/no-web-server", "high", setting.whole_evidence)
    if project.main.packaging == "war":
        opening = first_line(project.main.path, tree.text(project.main.path) or "")
        yield Fact("kind", "web", "jvm/war", "high", opening)
        yield Fact("port", 8080, "jvm/servlet-container", "low", opening)
    tool = artifact_in(project.main.dependencies, *_COMMAND_LINE)
    if tool:
        yield Fact("kind", "cli", "jvm/command-line", "medium", tool)
    if is_program(project.main) and not tool and framework is None:
        yield from _program_facts(tree, project)
    if not is_program(project.main):
        opening = first_line(project.main.path, tree.text(project.main.path) or "")
        lines = (*project.main.plugins.values(), *project.main.dependencies.values(), opening)
        yield Fact("kind", "library", "jvm/no-program", "medium", lines[0])


def _program_facts(tree: SourceTree, project: Project) -> Iterator[Fact]:
    """Tell what a program without a framework is for from the libraries that it runs with.

    One that brings a server serves, one that speaks to queues or chats waits for work.
    """
    started = project.main.main_class
    server = artifact_in(project.dependencies, *_HTTP_SERVERS)
    queue = artifact_in(project.dependencies, *_QUEUES)
    if server:
        yield Fact("kind", "web", "jvm/http-library", "medium", server)
    elif queue:
        yield Fact("kind", "worker", "jvm/program-with-queue", "medium", queue)
    elif started and is_called_after_work(project.main.name or tree.folder):
        yield Fact("kind", "worker", "jvm/worker-name", "medium", started)
    elif started:
        # Few people call a program of Java's out of an image.
        kind = "worker" if next(dockerfiles_of(tree), None) else "cli"
        yield Fact("kind", kind, "jvm/program", "low", started)


def _migration_facts(project: Project) -> Iterator[Fact]:
    for artifacts, tool in _MIGRATION_TOOLS:
        evidence = artifact_in(project.dependencies, *artifacts)
        if evidence:
            yield Fact("migration_tool", tool, "jvm/migration-tool", "high", evidence)


def _sources(tree: SourceTree, project: Project) -> list[str]:
    return [path for path in tree.sources(".java", ".kt") if project.owns(path)]
