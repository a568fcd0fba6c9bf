"""Node, JavaScript and TypeScript: what shows that a service is written in it."""

from collections.abc import Iterator
from typing import Final

from analyzer.facts import Fact, first_line
from analyzer.languages.node.packages import FRAMEWORKS
from analyzer.languages.node.project import (
    PackageFile,
    meteor_release,
    read_deno_file,
    read_service_package,
)
from analyzer.languages.source_share import is_most
from analyzer.paths import is_in_serving_folder
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

LANGUAGE: Final = "node"
SUFFIXES: Final = (".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".jsx", ".tsx")
# Beside one of these a `package.json` that starts nothing is there for the assets.
_OTHER_PROJECTS: Final = frozenset(
    {"composer.json", "Gemfile", "requirements.txt", "pyproject.toml", "manage.py", "go.mod"}
    | {"Cargo.toml", "mix.exs", "pom.xml", "build.gradle", "build.gradle.kts"}
)


def shown_by(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is Node."""
    release = meteor_release(tree)
    if release:
        yield Fact("language", LANGUAGE, "node/meteor", "high", release)
    package = read_service_package(tree)
    deno = read_deno_file(tree)
    if package is not None:
        yield from _package_language(tree, package)
    elif deno is not None:
        yield Fact("language", LANGUAGE, "node/deno", "medium", first_line(deno.path, deno.text))
    else:
        yield from _source_language(tree)


def _package_language(tree: SourceTree, package: PackageFile) -> Iterator[Fact]:
    # Many a PHP service has one for its assets: a start script tells a service of its own.
    start = package.script_lines.get("start")
    named = package.dependencies
    framework = next((named[name] for name, _ in FRAMEWORKS if name in named), None)
    evidence = start or framework or first_line(package.path, package.text)
    confidence: Confidence = "high" if start or framework else "medium"
    # A folder below may be the front end of a service in another language, and so may a package
    # that starts or serves nothing itself beside another language's project file.
    is_below = "/" in package.path
    is_beside = not _OTHER_PROJECTS.isdisjoint(tree.top_level)
    if is_beside and not is_below and _is_published(package) and is_most(tree, ".ts"):
        confidence = "high"
    elif (
        is_below
        or (is_beside and (framework is None or _is_built_only(package)))
        or (confidence == "medium" and _gathers(tree, package))
    ):
        confidence = "low"
    yield Fact("language", LANGUAGE, "node/package", confidence, evidence)
    if start and framework and not is_below:
        yield Fact("language", LANGUAGE, "node/dependency", "high", framework)


def _is_entered(package: PackageFile) -> bool:
    return not {"main", "exports", "bin"}.isdisjoint(package.content)


def _is_published(package: PackageFile) -> bool:
    return _is_entered(package) and not package.is_private


def _gathers(tree: SourceTree, package: PackageFile) -> bool:
    """Say whether a package only holds together what lies below, the service among it."""
    if _is_entered(package) or not package.is_private:
        return False
    return any(is_in_serving_folder(path) for path in tree.named(*_OTHER_PROJECTS))


def _is_built_only(package: PackageFile) -> bool:
    return (
        bool(package.scripts) and "start" not in package.scripts and "main" not in package.content
    )


def _source_language(tree: SourceTree) -> Iterator[Fact]:
    for path in (path for path in tree.sources(*SUFFIXES) if "/" not in path):
        text = tree.text(path)
        if text and text.strip():
            yield Fact("language", LANGUAGE, "node/source", "low", first_line(path, text))
            return
