"""Python: what shows that a service is written in it."""

from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, first_line
from analyzer.languages.python.packages import framework_facts
from analyzer.languages.python.project import project_files, read_project
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


def shown_by(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is Python."""
    sources = tree.sources(".py")
    for path in project_files(tree):
        text = tree.text(path)
        if text and text.strip() and sources:
            sure = _language_certainty(tree, path, text)
            evidence = first_line(path, text)
            yield Fact("language", LANGUAGE, "python/project-file", sure, evidence)
            if sure != "low":
                yield from _language_of_service(tree, path, evidence)
            return
    for path in sources:
        text = tree.text(path) if path.count("/") <= 1 else None
        if text and text.strip():
            yield Fact("language", LANGUAGE, "python/source", "medium", first_line(path, text))
            return


def _language_certainty(tree: SourceTree, path: str, text: str) -> Confidence:
    """Tooling of a service in another language has a project file too, and few sources."""
    own, others = _source_counts(tree)
    if own * 10 < others or path.startswith("../"):
        return "low"
    is_described = path != "pyproject.toml" or "[project]" in text or "[tool.poetry]" in text
    is_sure = is_described and own * 2 >= others and not _is_second(tree, path)
    return "high" if is_sure else "medium"


def _is_second(tree: SourceTree, path: str) -> bool:
    """Say whether a project file lies below one of another language at the service's own place."""
    return "/" in path and not _OTHER_PROJECTS.isdisjoint(tree.top_level)


def _language_of_service(tree: SourceTree, path: str, evidence: Evidence) -> Iterator[Fact]:
    """Yield what tells a service from a package that a service in another language uses."""
    framework = next(framework_facts(read_project(tree)), None)
    own, others = _source_counts(tree)
    if framework is not None:
        is_client = own < others and _is_second(tree, path)
        sure: Confidence = "medium" if is_client else "high"
        yield Fact("language", LANGUAGE, "python/framework", sure, framework.evidence)
    if own > others:
        yield Fact("language", LANGUAGE, "python/most-sources", "medium", evidence)


def _source_counts(tree: SourceTree) -> tuple[int, int]:
    others = (len(tree.ending(f".{suffix}")) for suffix in _OTHER_SOURCES)
    return len(tree.ending(".py")), max(others)
