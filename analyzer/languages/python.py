"""Python: what its project files and its source say."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from analyzer.facts import Fact, first_line
from analyzer.languages.python_health import health_facts
from analyzer.languages.python_launch import launch_facts
from analyzer.languages.python_packages import (
    default_port_facts,
    framework_facts,
    kind_facts,
    required_driver,
    store_facts,
    worker_facts,
)
from analyzer.languages.python_project import PythonProject, project_files, read_project
from analyzer.languages.python_rules import IMPORT_RULES
from analyzer.languages.python_settings import (
    django_facts,
    is_aside_settings,
    settings_class_facts,
)
from analyzer.languages.python_sources import (
    Module,
    read_modules,
    run_port_facts,
    url_facts,
    variable_facts,
)
from analyzer.languages.python_start import start_facts
from analyzer.languages.python_versions import version_facts
from analyzer.source_rules import SourceRule, scanned_text
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

LANGUAGE = "python"

_OTHER_SOURCES: Final = frozenset(
    {"ts", "tsx", "js", "jsx", "go", "java", "kt", "rb", "php", "rs", "ex", "cs"}
)
_OTHER_PROJECTS: Final = frozenset(
    {
        "package.json",
        "go.mod",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "Gemfile",
        "composer.json",
        "Cargo.toml",
        "mix.exs",
    }
)
_DOUBTED: Final = frozenset({"database", "cache", "port", "kind"})
# A tool that speaks to this many databases owns none of them.
_MANY_FLAVOURS: Final = 3


def python_language(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is Python."""
    sources = tree.sources(".py")
    for path in project_files(tree):
        text = tree.text(path)
        if text and text.strip() and sources:
            sure = _language_certainty(tree, path, text)
            evidence = first_line(path, text)
            yield Fact("language", LANGUAGE, "python/project-file", sure, evidence)
            if sure != "low":
                yield from _language_of_service(tree, evidence)
            return
    for path in sources:
        text = tree.text(path) if path.count("/") <= 1 else None
        if text and text.strip():
            yield Fact("language", LANGUAGE, "python/source", "medium", first_line(path, text))
            return


def python_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield what a Python service needs."""
    modules = read_modules(tree)
    project = read_project(tree)
    driver = required_driver(project)
    started = list(start_facts(tree, modules, project))
    frameworks = [*framework_facts(project), *started]
    yield from chain(
        _dependencies(tree, project),
        version_facts(tree, _folder(project)),
        launch_facts(tree, project),
        frameworks,
        default_port_facts(frameworks),
        store_facts(project),
        worker_facts(project),
        _source_facts(modules, driver),
        django_facts(modules, driver),
        health_facts(modules),
        kind_facts(tree, project),
    )


def _language_certainty(tree: SourceTree, path: str, text: str) -> Confidence:
    """Tooling of a service in another language has a project file too, and few sources."""
    own, others = _source_counts(tree)
    if own * 10 < others or path.startswith("../"):
        return "low"
    is_described = path != "pyproject.toml" or "[project]" in text or "[tool.poetry]" in text
    is_second = "/" in path and not _OTHER_PROJECTS.isdisjoint(tree.top_level)
    return "high" if is_described and own * 2 >= others and not is_second else "medium"


def _language_of_service(tree: SourceTree, evidence: Evidence) -> Iterator[Fact]:
    """Yield what tells a service from a package that a service in another language uses."""
    framework = next(framework_facts(read_project(tree)), None)
    if framework is not None:
        yield Fact("language", LANGUAGE, "python/framework", "high", framework.evidence)
    own, others = _source_counts(tree)
    if own > others:
        yield Fact("language", LANGUAGE, "python/most-sources", "medium", evidence)


def _source_counts(tree: SourceTree) -> tuple[int, int]:
    counts = Counter(path.rpartition(".")[2] for path in tree.paths)
    return counts["py"], max(counts[suffix] for suffix in _OTHER_SOURCES)


def _folder(project: PythonProject) -> str:
    path = project.files[0] if project.files else ""
    return path.rpartition("/")[0] + "/" if "/" in path and not path.startswith("../") else ""


def _source_facts(modules: Iterable[Module], driver: str | None) -> Iterator[Fact]:
    read = [fact for module in modules for fact in _module_facts(module)]
    flavours = {fact.value for fact in read if fact.rule == "python/connect"}
    for fact in read:
        if fact.rule == "python/connect" and len(flavours) >= _MANY_FLAVOURS:
            continue
        yield _weaker(fact, driver) if fact.field in _DOUBTED else fact


def _module_facts(module: Module) -> Iterator[Fact]:
    yield from variable_facts(module)
    yield from url_facts(module)
    yield from run_port_facts(module)
    yield from settings_class_facts(module)
    rules = (IMPORT_RULES[name] for name in module.imports & IMPORT_RULES.keys())
    # A set has no order; a recommendation must.
    wanted = sorted({rule for group in rules for rule in group}, key=_order)
    if wanted:
        yield from scanned_text(module.path, module.text, wanted)


def _order(rule: SourceRule) -> tuple[str, str]:
    return rule.rule, rule.word


def _weaker(fact: Fact, driver: str | None) -> Fact:
    """Doubt what stands in settings for developers, and a flavour of which no driver is there."""
    path = fact.evidence.file if fact.evidence else ""
    is_spare = fact.field == "database" and driver not in (None, fact.value)
    is_deep = fact.field == "kind" and path.count("/") > 1
    return (
        replace(fact, confidence="low") if is_spare or is_deep or is_aside_settings(path) else fact
    )


def _dependencies(tree: SourceTree, project: PythonProject) -> Iterator[Fact]:
    path = next((path for path in project.files if (tree.text(path) or "").strip()), None)
    if path:
        evidence = first_line(path, tree.text(path) or "")
        yield Fact("dependencies", True, "python/dependencies", "high", evidence)
