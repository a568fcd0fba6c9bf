""".NET: what its project files, settings and sources say."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from analyzer.facts import Fact, quoted_match
from analyzer.languages.cache_switches import SWITCHES
from analyzer.languages.dotnet.packages import is_opened, package_facts
from analyzer.languages.dotnet.project import (
    COMMAND_LINE,
    Project,
    ProjectFile,
    read_project,
    strength,
    target_frameworks,
)
from analyzer.languages.dotnet.settings import (
    developer_facts,
    launch_facts,
    read_settings,
    settings_facts,
)
from analyzer.languages.dotnet.sources import ENTRY, OWN, SOURCE_RULES, STORE_RULES, WORKS
from analyzer.languages.watching import is_called_after_work, is_left_alone, is_watched_only
from analyzer.patterns import Pattern
from analyzer.source_rules import scanned
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

_SUFFIXES = (".cs", ".fs", ".vb")
_METHOD = Pattern(r"\.(\w+)")
_VERSION = Pattern(r"\bnet(?:coreapp)?(\d{1,2}\.\d)\b")
_SDK_VERSION = Pattern(r"\"version\"\s*:\s*\"(\d{1,2}\.\d)\.")
# Servers that need no framework of the house.
_SERVER = Pattern(r"EmbedIO|GenHTTP\.\w{1,20}|Grapevine|Nancy\.Hosting\.\w{1,20}|Watson")
_WORK = (
    "AWSSDK.SQS",
    "Azure.Messaging",
    "Confluent.Kafka",
    "Hangfire",
    "MassTransit",
    "Microsoft.Azure.WebJobs",
    "MySql",
    "NServiceBus",
    "Npgsql",
    "Quartz",
    "RabbitMQ.Client",
    "Rebus",
    "StackExchange.Redis",
    "Topshelf",
)
# What keeps a program running until it is told to stop.
_HOST = "Microsoft.Extensions.Hosting"
# In the middle others may be about jobs.
_WORK_WITHIN = Pattern(r"(?:^|\.)(?:Consumers?|Job|Workers?)\.", re.I)
# What calls a function of Azure's that answers.
_BY_REQUEST = "[HttpTrigger"
_PROCESSOR = Pattern(r"(?:Queue|Message|Event)s?(?:Processor|Processing|Consumer|Worker)\b")
_OF_A_TOOL = Pattern(r"\.(?:Cli|CLI|Tool|CommandLine)$")
_CONTAINER_PORT = Pattern(
    r"<ContainerPort\s[^>\n]{0,80}?Include=\"(\d{2,5})\""
    r"|Include=\"(?:ASPNETCORE|DOTNET)_(?:URLS|HTTP_PORTS)\"\s+Value=\"(?:http://[^:\"\n]{1,40}:)?"
    r"(\d{2,5})\b"
)
_HEALTH_CONTROLLER = Pattern(
    r"\bclass (Health(?:Check)?)Controller(?:\([^)\n]{0,200}\))?\s*:\s*(\w{1,60})"
)
_ROUTE = Pattern(r"\[Route\([ \t]*\"([\w/\[\]-]{1,80})\"")
# An attribute of the program's own that gives a class its route.
_OWN_ROUTE = Pattern(r"\[(?!Api)\w{1,60}Controller(?:\([^)\n]{0,80}\))?\]\s*[^;{}]{0,200}\Z")
_ACTION_ROUTE = Pattern(r"\[HttpGet\([ \t]*\"")


def facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what a .NET service needs."""
    project = read_project(tree)
    if project is None:
        return
    main = project.main
    yield Fact("dependencies", True, "dotnet/dependencies", "high", main.sdk_evidence)
    settings = read_settings(tree, project)
    sources = [path for path in tree.sources(*_SUFFIXES) if _is_source(project, path)]
    read = list(scanned(tree, sources, (*SOURCE_RULES, *SWITCHES)))
    works = list(_working(read, project))
    facts = [
        *works,
        *_of_one_store(_opening(read, project)),
        *(fact for fact in settings_facts(settings) if is_opened(fact, project)),
        *developer_facts(tree, project, settings),
        *launch_facts(tree, project),
        *_container_ports(main),
        *_controller_facts(tree, sources),
    ]
    yield from facts
    yield from chain(
        _kind_facts(project, works),
        _version_facts(tree, project),
        _default_port(tree, project, {fact.field for fact in facts}),
        package_facts(project),
        _start(project),
    )


def _is_source(project: Project, path: str) -> bool:
    """Migrations are generated, by the thousand, and name no more than their database."""
    return project.owns(path) and "/Migrations/" not in path


def _opening(read: Iterable[Fact], project: Project) -> list[Fact]:
    """Leave out what the project's own extensions are called: their bodies say what they open.

    Also tables in memory where a project beside, which is not read whole, has a database's driver.
    """
    outer = any(
        fact.field == "database" and fact.evidence and fact.evidence.file.startswith("../")
        for fact in package_facts(project)
    )
    own = {fact.value for fact in read if fact.field == OWN}
    return [
        fact
        for fact in read
        if fact.field not in (WORKS, ENTRY, OWN)
        and not (_is_store(fact) and _method(fact) in own)
        and not (outer and fact.rule == "dotnet/in-memory")
    ]


def _is_store(fact: Fact) -> bool:
    return fact.field in ("database", "cache")


def _method(fact: Fact) -> str:
    called = _METHOD.match(fact.evidence.quote) if fact.evidence else None
    return called[1] if called else ""


def _of_one_store(facts: list[Fact]) -> list[Fact]:
    """Code that can take several databases leaves to settings and defaults which one it is.

    Tables in memory are there for developers where there is a database as well.
    """
    stores = {fact.value for fact in facts if fact.rule in STORE_RULES}
    facts = [fact for fact in facts if not stores or fact.rule != "dotnet/in-memory"]
    if len(stores) < 2:
        return facts
    return [replace(fact, confidence="low") if fact.rule in STORE_RULES else fact for fact in facts]


def _working(read: Iterable[Fact], project: Project) -> Iterator[Fact]:
    """Yield a worker where something works by itself; surely where nobody else can call it."""
    works = [fact for fact in read if fact.field == WORKS]
    entries = [fact for fact in read if fact.field == ENTRY]
    # A server may have ways in that are known to libraries alone.
    is_alone = is_watched_only(entries) if project.serves else is_left_alone(entries)
    is_named = _is_called_after_work(project)
    if works and (is_named or (is_alone and not project.is_called_elsewhere)):
        yield replace(works[0], field="kind", value="worker")
        yield replace(works[0], field="watched", value=True)
    elif works:
        yield replace(works[0], field="kind", value="worker", confidence="low")
    requests = [fact for fact in entries if fact.evidence and _BY_REQUEST in fact.evidence.quote]
    for fact in requests[:1]:
        yield replace(
            fact, field="kind", value="web", rule="dotnet/http-trigger", confidence="high"
        )


def _is_called_after_work(project: Project) -> bool:
    """Say whether a name ends with it, or has it in the middle: `Shop.Job.Carts` is a job."""
    name = project.main.name
    return is_called_after_work(name) or _WORK_WITHIN.search(name) is not None


def _kind_facts(project: Project, works: Sequence[Fact]) -> Iterator[Fact]:
    main = project.main
    tool = main.says("PackAsTool", "true")
    beside = _made_beside(project) if tool else None
    if beside:
        yield Fact("kind", "library", "dotnet/packages-beside-tool", "medium", beside)
    if tool:
        # A server may be packed as a tool as well.
        is_only = not (beside or project.serves)
        yield Fact("kind", "cli", "dotnet/tool", "high" if is_only else "medium", tool)
    if tool and not project.serves:
        return
    if main.sdk.endswith("Sdk.Worker"):
        yield Fact("kind", "worker", "dotnet/worker-sdk", "high", main.sdk_evidence)
    elif project.serves:
        if not any(fact.field == "watched" for fact in works):
            yield Fact("kind", "web", "dotnet/web-sdk", "high", project.serves)
        yield Fact("framework", "aspnetcore", "dotnet/web-sdk", "high", project.serves)
    elif strength(main) == 2:
        yield from _kind_of_program(project, works)
    else:
        yield Fact("kind", "library", "dotnet/library", "high", main.sdk_evidence)


def _made_beside(project: Project) -> Evidence | None:
    """Return one of the libraries whose family a tool is called after, where there are several."""
    family = _OF_A_TOOL.sub("", project.main.name)
    if family == project.main.name:
        return None
    made = [
        file
        for file in project.all_files
        if file.name.startswith(family) and file.is_packed and strength(file) == 0
    ]
    return made[0].sdk_evidence if len(made) > 1 else None


def _kind_of_program(project: Project, working: Sequence[Fact]) -> Iterator[Fact]:
    """A program that speaks to stores and queues and takes no arguments waits for work.

    One that is built on a processor of queues waits for it whatever its arguments.
    """
    packages = project.main.packages
    processor = next((packages[name] for name in packages if _PROCESSOR.search(name)), None)
    if processor:
        yield Fact("kind", "worker", "dotnet/queue-processor", "medium", processor)
    served = next((packages[name] for name in packages if _SERVER.fullmatch(name)), None)
    told = next((packages[name] for name in packages if name.startswith(COMMAND_LINE)), None)
    works = next((packages[name] for name in packages if name.startswith(_WORK)), None)
    if served:
        yield Fact("kind", "web", "dotnet/server-package", "medium", served)
    elif told:
        yield Fact("kind", "cli", "dotnet/command-line", "medium", told)
    elif works:
        yield Fact("kind", "worker", "dotnet/program-with-stores", "medium", works)
    elif _is_called_after_work(project):
        yield Fact("kind", "worker", "dotnet/worker-name", "medium", project.main.sdk_evidence)
    elif _HOST in packages:
        yield Fact("kind", "worker", "dotnet/generic-host", "low", packages[_HOST])
    elif processor is None and not working:
        yield Fact("kind", "cli", "dotnet/program", "low", project.main.sdk_evidence)


def _version_facts(tree: SourceTree, project: Project) -> Iterator[Fact]:
    for targets, evidence in target_frameworks(tree, project):
        versions = _VERSION.findall(targets)
        if versions:
            newest = max(versions, key=lambda version: float(version))
            yield Fact("runtime_version", newest, "dotnet/target-framework", "high", evidence)
    path = tree.nearest("global.json")
    text = tree.text(path) if path else None
    match = _SDK_VERSION.search(text) if text else None
    if match and path and text:
        evidence = quoted_match(path, text, match)
        yield Fact("runtime_version", match[1], "dotnet/sdk-version", "low", evidence)


def _default_port(tree: SourceTree, project: Project, given: set[str]) -> Iterator[Fact]:
    """From .NET 8 on the images listen on 8080, before on 80."""
    if project.serves is None:
        return
    versions = [_VERSION.findall(targets) for targets, _ in target_frameworks(tree, project)]
    newest = max((float(version) for found in versions for version in found), default=8.0)
    sure: Confidence = "low" if "port" in given else "medium"
    port = 8080 if newest >= 8 else 80
    yield Fact("port", port, "dotnet/default-port", sure, project.serves)


def _container_ports(main: ProjectFile) -> Iterator[Fact]:
    """Yield the port of the image that the SDK itself makes of a project."""
    for match in _CONTAINER_PORT.finditer(main.text):
        evidence = quoted_match(main.path, main.text, match)
        yield Fact("port", int(match[1] or match[2]), "dotnet/container-port", "high", evidence)
        return


def _start(project: Project) -> Iterator[Fact]:
    if strength(project.main) >= 2 and not project.main.says("PackAsTool", "true"):
        words = ["dotnet", f"{project.main.assembly}.dll"]
        evidence = project.main.sdk_evidence
        yield Fact("start_command", list(words), "dotnet/start", "medium", evidence)


def _controller_facts(tree: SourceTree, sources: list[str]) -> Iterator[Fact]:
    """Read the route of a controller for health, which its base class may give."""
    for path in sources:
        if not path.endswith(("HealthController.cs", "HealthCheckController.cs")):
            continue
        text = tree.text(path) or ""
        match = _HEALTH_CONTROLLER.search(text)
        is_placed = match and _OWN_ROUTE.search(text, 0, match.start())
        if match and not is_placed and not _ACTION_ROUTE.search(text):
            route = _ROUTE.search(text) or _ROUTE.search(_class_text(tree, sources, match[2]))
            template = route[1] if route else "[controller]"
            whole = template.replace("[controller]", match[1]).strip("/").lower()
            evidence = quoted_match(path, text, match)
            yield Fact("health_path", f"/{whole}", "dotnet/health-controller", "medium", evidence)


def _class_text(tree: SourceTree, sources: list[str], name: str) -> str:
    for path in sources:
        if path.rpartition("/")[2] == f"{name}.cs":
            return tree.text(path) or ""
    return ""
