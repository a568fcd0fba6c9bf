"""Workflows on GitHub: what the tests run with, which is a hint at what the service does."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from analyzer.documents import Node, read_nodes
from analyzer.facts import Fact, quoted_line, quoted_match
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.containers.images import image_of, store_of

_FOLDER: Final = ".github/workflows"
_SET_UP: Final = {
    "actions/setup-python": ("python-version", "python"),
    "actions/setup-node": ("node-version", "node"),
    "actions/setup-go": ("go-version", "go"),
    "actions/setup-java": ("java-version", "java"),
    "actions/setup-dotnet": ("dotnet-version", "dotnet"),
    "ruby/setup-ruby": ("ruby-version", "ruby"),
    "shivammathur/setup-php": ("php-version", "php"),
}
_STEP: Final = Pattern(r"uses:[ \t]*[\"']?([\w-]+/setup-\w+)@")
_VERSION: Final = Pattern(
    r"^[ \t]*(\w+-version):[ \t]*[\"']?v?(\d+(?:\.\d+){0,2})(?:\.x)?[\"']?[ \t]*$", re.MULTILINE
)
# How far below its step a version stands.
_REACH: Final = 400
_MOST_FILES: Final = 30


def github_actions_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield the stores that jobs start beside the tests, and the version that they set up.

    Versions of several languages tell nothing: one of them is for tools. Tests with several
    databases are those of a program that may use any of them.
    """
    versions: list[tuple[str, Fact | None]] = []
    stores: list[Fact] = []
    for path in tree.below(_FOLDER)[:_MOST_FILES]:
        text = tree.text(path) or ""
        versions += _versions(path, text)
        document = read_nodes(text) if "services:" in text else None
        jobs = document.get("jobs") if document else None
        for job in jobs.entries.values() if jobs else ():
            stores += _stores(path, text, job)
    if len({fact.value for fact in stores if fact.field == "database"}) < 2:
        yield from stores
    if len({language for language, _ in versions}) == 1:
        yield from (fact for _, fact in versions if fact is not None)


def _stores(path: str, text: str, job: Node) -> Iterator[Fact]:
    services = job.get("services")
    for service in services.entries.values() if services else ():
        image = service.get("image") or service
        store = store_of(image_of(image.text)) if image.text else None
        if store:
            evidence = quoted_line(path, text, image.line)
            yield Fact(store.field, store.flavour, "github-actions/service", "low", evidence)


def _versions(path: str, text: str) -> Iterator[tuple[str, Fact | None]]:
    steps = list(_STEP.finditer(text))
    for step, following in pairwise([*steps, None]):
        if step is None:
            break
        key, language = _SET_UP.get(step[1], ("", ""))
        end = min(step.end() + _REACH, following.start() if following else len(text))
        versions = [m for m in _VERSION.finditer(text, step.end(), end) if m[1] == key]
        if not language:
            continue
        if not versions:
            yield language, None
        for version in versions:
            evidence = quoted_match(path, text, version)
            rule = "github-actions/set-up"
            yield language, Fact("runtime_version", version[2], rule, "low", evidence)
