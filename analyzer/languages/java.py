"""Java: what shows that a service is written in it."""

from collections.abc import Iterator

from analyzer.facts import Fact, first_line
from analyzer.languages.jvm import jvm_facts
from analyzer.languages.jvm_project import build_file
from analyzer.languages.kotlin import is_mostly_kotlin
from analyzer.languages.source_share import is_most
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

LANGUAGE = "java"

java_facts = jvm_facts


def java_language(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is Java: a build file, and sources that are not Kotlin."""
    path = build_file(tree)
    sources = tree.sources(".java")
    if path and sources and not is_mostly_kotlin(tree):
        evidence = first_line(path, tree.text(path) or "")
        # In a folder of its own it may be a part of what is written in another language.
        mostly = is_most(tree, ".java")
        sure: Confidence = "high" if "/" not in path or mostly else "medium"
        yield Fact("language", LANGUAGE, "java/build-file", sure, evidence)
        if mostly:
            line = first_line(sources[0], tree.text(sources[0]) or "")
            yield Fact("language", LANGUAGE, "java/mostly", "high", line)
    elif sources and not is_mostly_kotlin(tree):
        text = tree.text(sources[0]) or ""
        yield Fact("language", LANGUAGE, "java/source", "low", first_line(sources[0], text))
