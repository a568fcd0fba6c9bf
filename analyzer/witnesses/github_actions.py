"""Workflows on GitHub: what the tests run with, which is a hint at what the service does."""

import re
from collections.abc import Iterator
from typing import Final

from analyzer.documents import Node, read_nodes
from analyzer.facts import Fact, quoted_line
from analyzer.tree import SourceTree
from analyzer.witnesses.images import image_of, store_of

_FOLDER: Final = ".github/workflows/"
_SET_UP: Final = {
    "actions/setup-python": ("python-version", "python"),
    "actions/setup-node": ("node-version", "node"),
    "actions/setup-go": ("go-version", "go"),
    "actions/setup-java": ("java-version", "java"),
    "actions/setup-dotnet": ("dotnet-version", "dotnet"),
    "ruby/setup-ruby": ("ruby-version", "ruby"),
    "shivammathur/setup-php": ("php-version", "php"),
}
_VERSION: Final = re.compile(r"v?(\d+(?:\.\d+){0,2})(?:\.x)?")
_MOST_FILES: Final = 30


def github_actions_facts(tree: SourceTree) -> Iterator[Fact]:
    """Yield the stores that jobs start beside the tests, and the version that they set up.

    Versions of several languages tell nothing: one of them is for tools.
    """
    versions: list[tuple[str, Fact | None]] = []
    for path in [path for path in tree.paths if path.startswith(_FOLDER)][:_MOST_FILES]:
        text = tree.text(path) or ""
        document = read_nodes(text) if "services:" in text or "setup-" in text else None
        jobs = document.get("jobs") if document else None
        for job in jobs.entries.values() if jobs else ():
            yield from _stores(path, text, job)
            versions += _versions(path, text, job)
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


def _versions(path: str, text: str, job: Node) -> Iterator[tuple[str, Fact | None]]:
    for step in (job.get("steps") or job).items:
        uses, given = step.get("uses"), step.get("with")
        known = _SET_UP.get(uses.text.partition("@")[0]) if uses else None
        if known is None:
            continue
        version = given.get(known[0]) if given else None
        match = _VERSION.fullmatch(version.text) if version else None
        if version is None or match is None:
            yield known[1], None
            continue
        evidence = quoted_line(path, text, version.line)
        rule = "github-actions/set-up"
        yield known[1], Fact("runtime_version", match[1], rule, "low", evidence)
