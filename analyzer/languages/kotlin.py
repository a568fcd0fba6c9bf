"""Kotlin: what shows that a service is written in it."""

from collections.abc import Iterator

from analyzer.facts import Fact, first_line
from analyzer.languages.jvm import jvm_facts
from analyzer.languages.jvm_project import build_file
from analyzer.tree import SourceTree

LANGUAGE = "kotlin"

kotlin_facts = jvm_facts


def kotlin_language(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is Kotlin: a build file, and mostly Kotlin sources."""
    path = build_file(tree)
    if path and is_mostly_kotlin(tree):
        text = tree.text(path) or ""
        yield Fact("language", LANGUAGE, "kotlin/build-file", "high", first_line(path, text))
        # An image of Java runs Kotlin as well, so sources have to outweigh it.
        source = tree.sources(".kt")[0]
        line = first_line(source, tree.text(source) or "")
        yield Fact("language", LANGUAGE, "kotlin/source", "high", line)


def is_mostly_kotlin(tree: SourceTree) -> bool:
    """Say whether more of the sources are Kotlin than Java; scripts of the build do not count."""
    return len(tree.sources(".kt")) > len(tree.sources(".java"))
