"""Python: what its project files and its source say."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Final

from analyzer.facts import Fact, first_line
from analyzer.languages.cache_switches import PYTHON_SWITCHES, STORE_NAMES
from analyzer.languages.python.health import health_facts
from analyzer.languages.python.launch import launch_facts
from analyzer.languages.python.packages import (
    default_port_facts,
    framework_facts,
    kind_facts,
    required_driver,
    store_facts,
)
from analyzer.languages.python.project import PythonProject, read_project
from analyzer.languages.python.rules import IMPORT_RULES
from analyzer.languages.python.settings import (
    django_facts,
    is_aside_settings,
    optional_caches,
    settings_class_facts,
)
from analyzer.languages.python.sources import (
    Module,
    read_modules,
    run_port_facts,
    url_facts,
    variable_facts,
)
from analyzer.languages.python.start import start_facts
from analyzer.languages.python.versions import version_facts
from analyzer.languages.python.working import WAITING_NAME, worker_facts
from analyzer.languages.watching import is_for_watchers
from analyzer.source_rules import SourceRule, scanned_text
from analyzer.tree import SourceTree
from analyzer.witnesses.words.own_names import named_in

_DOUBTED: Final = frozenset({"database", "cache", "port", "kind"})
_SCRIPTS: Final = "scripts/"
_STORES: Final = frozenset({"database", "cache"})
_CONNECTS: Final = frozenset({"python/connect", "python/mongo-client"})
# As many modules in one folder are there to choose from.
_OF_REDIS: Final = frozenset({"python/redis-client", "python/redis-at-import"})
_MANY_MODULES: Final = 20
# A tool that speaks to this many databases owns none of them.
_MANY_FLAVOURS: Final = 3


def facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what a Python service needs."""
    modules = read_modules(tree)
    project = read_project(tree)
    driver = required_driver(project)
    started = list(start_facts(tree, modules, project))
    frameworks = [*_imported(framework_facts(project), modules), *started]
    optional = list(optional_caches(modules))
    yield from chain(
        optional,
        _dependencies(tree, project),
        version_facts(tree, _folder(project)),
        launch_facts(tree, project),
        frameworks,
        default_port_facts(frameworks),
        store_facts(project),
        worker_facts(project, modules, frameworks, named_in(tree, WAITING_NAME)),
        (
            one
            for one in _source_facts(modules, driver, _plugins(modules, project))
            if one.field != "cache" or not (optional or _is_extra(project))
        ),
        _unless_optional(django_facts(modules, driver), optional),
        health_facts(modules),
        kind_facts(tree, project),
    )


def _imported(frameworks: Iterable[Fact], modules: Iterable[Module]) -> Iterator[Fact]:
    """Doubt a framework that is required, but that no module imports: others share the list."""
    imports = frozenset[str]().union(*(module.imports for module in modules))
    for fact in frameworks:
        names = (str(fact.value), f"api{fact.value}")
        is_seen = any(name.partition("_")[0] in names for name in imports)
        yield fact if is_seen or not imports else replace(fact, confidence="low")


def _folder(project: PythonProject) -> str:
    path = project.files[0] if project.files else ""
    return path.rpartition("/")[0] + "/" if "/" in path and not path.startswith("../") else ""


def _is_extra(project: PythonProject) -> bool:
    """Say whether who wants Redis asks for it by an extra of the package."""
    required, optional = (
        any("redis" in name or "valkey" in name for name in named)
        for named in (project.required, project.optional)
    )
    return optional and bool(project.required) and not required


def _plugins(modules: Iterable[Module], project: PythonProject) -> frozenset[str]:
    """Return the modules that ask for Redis as one of many, where nothing that is required does."""
    if any("redis" in name or "valkey" in name for name in (*project.required, *project.optional)):
        return frozenset()
    folders: dict[str, list[Module]] = {}
    for module in modules:
        folders.setdefault(module.path.rpartition("/")[0], []).append(module)
    return frozenset(
        module.path
        for folder, beside in folders.items()
        if project.required and "/" in folder and len(beside) >= _MANY_MODULES
        for module in beside
    )


def _source_facts(
    modules: Iterable[Module], driver: str | None, plugins: frozenset[str]
) -> Iterator[Fact]:
    modules = list(modules)
    has_others = any(not module.path.startswith(_SCRIPTS) for module in modules)
    read = [
        fact
        for module in modules
        for fact in _module_facts(module)
        if not (fact.rule in _OF_REDIS and module.path in plugins)
        # What people run by hand may fill another store.
        and not (has_others and module.path.startswith(_SCRIPTS) and fact.field in _STORES)
    ]
    flavours = {fact.value for fact in read if fact.rule in _CONNECTS}
    servers = flavours - {"sqlite"}
    for fact in read:
        if fact.rule in _CONNECTS and len(flavours) >= _MANY_FLAVOURS:
            continue
        if fact.rule in _CONNECTS and fact.value in servers and len(servers) > 1:
            # Who can open several leaves to settings which one it is.
            yield replace(fact, confidence="low")
            continue
        if _serves_watchers(fact):
            continue
        yield _weaker(fact, driver) if fact.field in _DOUBTED else fact


def _unless_optional(facts: Iterable[Fact], optional: Iterable[Fact]) -> Iterator[Fact]:
    """Leave out the caches of modules that can do without."""
    paths = {fact.evidence.file for fact in optional if fact.evidence}
    for fact in facts:
        is_named_there = fact.evidence is not None and fact.evidence.file in paths
        if not (fact.field == "cache" and is_named_there):
            yield fact


def _module_facts(module: Module) -> Iterator[Fact]:
    if not module.words.isdisjoint(STORE_NAMES):
        yield from scanned_text(module.path, module.text, PYTHON_SWITCHES)
    if module.words:
        yield from variable_facts(module)
        yield from url_facts(module)
        yield from run_port_facts(module)
        yield from settings_class_facts(module)
    wanted = _rules_beside(module.imports.intersection(IMPORT_RULES))
    if wanted:
        yield from scanned_text(module.path, module.text, wanted)


@lru_cache(maxsize=256)
def _rules_beside(packages: frozenset[str]) -> tuple[SourceRule, ...]:
    # A set has no order; a recommendation must.
    rules = dict.fromkeys(rule for name in sorted(packages) for rule in IMPORT_RULES[name])
    return tuple(sorted(rules, key=_order))


def _order(rule: SourceRule) -> tuple[str, str]:
    return rule.rule, rule.word


def _weaker(fact: Fact, driver: str | None) -> Fact:
    """Doubt what stands in settings for developers, and a flavour of which no driver is there."""
    path = fact.evidence.file if fact.evidence else ""
    is_spare = fact.field == "database" and driver not in (None, fact.value)
    # No module can import what has a hyphen in its name: it is a script.
    is_spare = is_spare or (fact.field == "database" and "-" in path.rpartition("/")[2])
    is_deep = fact.field == "kind" and path.count("/") > 1
    return (
        replace(fact, confidence="low") if is_spare or is_deep or is_aside_settings(path) else fact
    )


def _serves_watchers(fact: Fact) -> bool:
    """Say whether a server stands in a module that is called after what watches the program."""
    path = fact.evidence.file if fact.evidence else ""
    return fact.field in ("kind", "port") and is_for_watchers(path)


def _dependencies(tree: SourceTree, project: PythonProject) -> Iterator[Fact]:
    path = next((path for path in project.files if (tree.text(path) or "").strip()), None)
    if path:
        evidence = first_line(path, tree.text(path) or "")
        yield Fact("dependencies", True, "python/dependencies", "high", evidence)
