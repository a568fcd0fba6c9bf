"""Kotlin: what shows that a service is written in it."""

from collections.abc import Iterator

from analyzer.facts import Fact, first_line
from analyzer.languages.jvm import jvm_facts
from analyzer.languages.jvm_project import build_file
from analyzer.languages.source_share import is_most
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

LANGUAGE = "kotlin"

kotlin_facts = jvm_facts


def kotlin_language(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is Kotlin: a build file, and mostly Kotlin sources."""
    path = build_file(tree)
    if path and is_mostly_kotlin(tree):
        text = tree.text(path) or ""
        # In a folder of its own it may be a part of what is written in another language.
        sure: Confidence = "high" if "/" not in path or is_most(tree, ".kt") else "medium"
        yield Fact("language", LANGUAGE, "kotlin/build-file", sure, first_line(path, text))
        # An image of Java runs Kotlin as well, so sources have to outweigh it.
        source = tree.sources(".kt")[0]
        line = first_line(source, tree.text(source) or "")
        yield Fact("language", LANGUAGE, "kotlin/source", sure, line)


def is_mostly_kotlin(tree: SourceTree) -> bool:
    """Say whether more of the sources are Kotlin than Java; scripts of the build do not count."""
    return len(tree.sources(".kt")) > len(tree.sources(".java"))
