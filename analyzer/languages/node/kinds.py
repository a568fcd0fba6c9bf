"""What a package says of its kind: a command, a library, or something that is run."""

import fnmatch
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from analyzer.facts import Fact, first_line, quoted_match
from analyzer.languages.node.project import (
    PACKAGE_FILE,
    WORKSPACE_FILE,
    PackageFile,
    called_as_one,
    read_package_file,
)
from analyzer.languages.node.starts import is_started
from analyzer.paths import is_aside
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.containers.dockerfiles import dockerfiles_of
from delightful.recommendation import Confidence, Evidence

# What turns a page and its scripts into files to be served.
_BUNDLERS: Final = ("vite", "react-scripts", "@angular/cli", "@vue/cli-service", "parcel")
_PAGES: Final = ("index.html", "public/index.html", "src/index.html")
_PUBLISHED: Final = frozenset(
    {"exports", "files", "module", "peerDependencies", "publishConfig", "types"}
)
# Bridges of Matrix are asked by its servers, whatever else they call themselves.
_ANSWERING: Final = ("matrix-appservice", "matrix-appservice-bridge")
# Where each names the folder of its functions; Vercel's has one name.
_FUNCTIONS: Final = {
    "vercel.json": Pattern(r"\{()"),
    "netlify.toml": Pattern(r"^[ \t]*functions[ \t]*=[ \t]*\"(?:\./)?([\w./-]+?)/?\"", re.M),
}
_SCRIPTS: Final = (".js", ".ts", ".mjs")
_IMPORTABLE: Final = frozenset({"exports", "module", "types", "typings"})
_WORKSPACE: Final = Pattern(r"^packages:[ \t]*\n((?:[ \t]*(?:-[^\n]*|#[^\n]*)?\n)+)", re.MULTILINE)
_MEMBER: Final = Pattern(r"^[ \t]*-[ \t]*[\"']?([^\"'#\s]+)", re.MULTILINE)
_MOST_MEMBERS: Final = 200


def kind_facts(tree: SourceTree, package: PackageFile, framework: Fact | None) -> Iterator[Fact]:
    """Yield the kind that the package and, of a workspace, its members speak for."""
    is_served = framework is not None
    if package.content.get("bin") and not package.is_private:
        # A server that is started may be installed as a command as well.
        if not (is_served and is_started(package)):
            # What can be imported as well may bring its command as an aside.
            is_aside = (
                is_served or is_started(package) or not _IMPORTABLE.isdisjoint(package.content)
            )
            sure: Confidence = "medium" if is_aside else "high"
            yield Fact("kind", "cli", "node/bin", sure, package.evidence_of("bin"))
    elif _is_library(package) and (command := _command(tree, package)):
        yield Fact("kind", "cli", "node/command-file", "medium", command)
    elif _is_library(package):
        # `npm init` gives every package a main file: alone it says little.
        confidence: Confidence = "high" if _is_published(package) else "medium"
        if is_served or (confidence == "medium" and next(dockerfiles_of(tree), None)):
            confidence = "medium" if _is_published(package) else "low"
        yield Fact("kind", "library", "node/published", confidence, _public(package))
    elif is_started(package) and (package.is_private or not _is_published(package)):
        yield Fact("kind", "web", "node/started", "low", package.evidence_of("scripts"))
    for name in _ANSWERING:
        if name in package.dependencies:
            yield Fact("kind", "web", "node/answers", "high", package.dependencies[name])
    yield from _functions(tree, package)
    patterns, evidence = _workspace(tree, package)
    members = _members(tree, patterns)
    is_for_others = all(is_made_for_others(one) for one in members)
    if members and is_for_others and not any(_is_the_tool(one, package) for one in members):
        yield Fact("kind", "library", "node/published-workspace", "high", evidence)
    named = {**package.development, **package.dependencies}
    bundler = next((named[name] for name in _BUNDLERS if name in named), None)
    if bundler and any(page in tree for page in _PAGES):
        yield Fact("kind", "web", "node/page", "medium", bundler)


def _command(tree: SourceTree, package: PackageFile) -> Evidence | None:
    """Return the first line of the main file where a shell is told there what runs it."""
    place = posixpath.dirname(package.path)
    main = posixpath.normpath(posixpath.join(place, str(package.content.get("main", ""))))
    text = tree.text(main) or ""
    return first_line(main, text) if text.startswith("#!") else None


def _functions(tree: SourceTree, package: PackageFile) -> Iterator[Fact]:
    """Yield a server where each file of a folder answers a path of its own.

    So Vercel runs what lies below `api`, and Netlify what lies where its file says.
    """
    place = posixpath.dirname(package.path)
    for name, pattern in _FUNCTIONS.items():
        path = posixpath.join(place, name)
        text = (tree.text(path) if path in tree else None) or ""
        named = pattern.search(text)
        folder = posixpath.join(place, (named[1] or "api") if named else "")
        if named and any(one.startswith(f"{folder}/") for one in tree.sources(*_SCRIPTS)):
            yield Fact("kind", "web", "node/functions", "high", quoted_match(path, text, named))


def unless_published(package: PackageFile, found: Sequence[Fact]) -> list[Fact]:
    """Doubt the servers in sources of what others install: it is they who start one."""
    if not is_made_for_others(package):
        return list(found)
    return [
        replace(fact, confidence="low") if fact.field in ("kind", "port") else fact
        for fact in found
    ]


def is_made_for_others(package: PackageFile) -> bool:
    is_published = not package.content.keys().isdisjoint({"bin", *_PUBLISHED})
    return is_published and not package.is_private and not is_started(package)


def _is_the_tool(member: PackageFile, workspace: PackageFile) -> bool:
    """Say whether a member is the command after which the workspace is called."""
    scope, _, name = str(workspace.content.get("name", "")).lstrip("@").rpartition("/")
    named = {scope, called_as_one(name)}
    return bool(member.content.get("bin")) and member.content.get("name") in named


def _workspace(tree: SourceTree, package: PackageFile) -> tuple[Sequence[str], Evidence | None]:
    """Return the patterns of a private workspace's members; none for any other package."""
    patterns = package.content.get("workspaces") if package.is_private else None
    if isinstance(patterns, list):
        return [str(pattern) for pattern in patterns], package.evidence_of("workspaces")
    is_root = package.is_private and "/" not in package.path
    text = (tree.text(WORKSPACE_FILE) or "") if is_root and WORKSPACE_FILE in tree else ""
    listed = _WORKSPACE.search(f"{text}\n")
    if listed is None:
        return (), None
    return _MEMBER.findall(listed[1]), quoted_match(WORKSPACE_FILE, text, listed)


def _members(tree: SourceTree, patterns: Sequence[str]) -> Sequence[PackageFile]:
    """Return the packages that a workspace keeps."""
    folders = [pattern.removeprefix("./").rstrip("/") for pattern in patterns]
    if not folders:
        return ()
    inside = [
        path
        for path in tree.named(PACKAGE_FILE)
        if not is_aside(path)
        and any(fnmatch.fnmatch(path.rpartition("/")[0], folder) for folder in folders)
    ]
    read = (read_package_file(tree, path) for path in inside[:_MOST_MEMBERS])
    return [one for one in read if one is not None]


def _is_published(package: PackageFile) -> bool:
    return not package.content.keys().isdisjoint(_PUBLISHED)


def _is_library(package: PackageFile) -> bool:
    is_for_others = "main" in package.content or _is_published(package)
    return is_for_others and not is_started(package) and not package.is_private


def _public(package: PackageFile) -> Evidence:
    for name in ("main", "exports", "module", "files", "types"):
        if name in package.content:
            return package.evidence_of(name)
    return package.evidence_of("name")
