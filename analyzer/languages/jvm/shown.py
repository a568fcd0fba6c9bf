"""Java and Kotlin: what shows that a service is written in one of them."""

from collections.abc import Iterator

from analyzer.facts import Fact, first_line
from analyzer.languages.jvm.project import build_file
from analyzer.languages.source_share import is_most
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence

JAVA = "java"
KOTLIN = "kotlin"


def java_shown_by(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is Java: a build file, and sources that are not Kotlin."""
    path = build_file(tree)
    sources = tree.sources(".java")
    if path and sources and not is_mostly_kotlin(tree):
        evidence = first_line(path, tree.text(path) or "")
        # In a folder of its own it may be a part of what is written in another language.
        mostly = is_most(tree, ".java")
        sure: Confidence = "high" if "/" not in path or mostly else "medium"
        yield Fact("language", JAVA, "java/build-file", sure, evidence)
        if mostly:
            line = first_line(sources[0], tree.text(sources[0]) or "")
            yield Fact("language", JAVA, "java/mostly", "high", line)
    elif sources and not is_mostly_kotlin(tree):
        text = tree.text(sources[0]) or ""
        yield Fact("language", JAVA, "java/source", "low", first_line(sources[0], text))


def kotlin_shown_by(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is Kotlin: a build file, and mostly Kotlin sources."""
    path = build_file(tree)
    if path and is_mostly_kotlin(tree):
        text = tree.text(path) or ""
        # In a folder of its own it may be a part of what is written in another language.
        sure: Confidence = "high" if "/" not in path or is_most(tree, ".kt") else "medium"
        yield Fact("language", KOTLIN, "kotlin/build-file", sure, first_line(path, text))
        # An image of Java runs Kotlin as well, so sources have to outweigh it.
        source = tree.sources(".kt")[0]
        line = first_line(source, tree.text(source) or "")
        yield Fact("language", KOTLIN, "kotlin/source", sure, line)


def is_mostly_kotlin(tree: SourceTree) -> bool:
    """Say whether more of the sources are Kotlin than Java; scripts of the build do not count."""
    return len(tree.sources(".kt")) > len(tree.sources(".java"))
