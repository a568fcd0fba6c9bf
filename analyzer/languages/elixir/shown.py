"""Elixir: what shows that a service is written in it."""

from collections.abc import Iterator

from analyzer.facts import Fact, first_line
from analyzer.languages.elixir.mix_project import read_project
from analyzer.languages.source_share import is_most
from analyzer.tree import SourceTree

LANGUAGE = "elixir"


def shown_by(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows that the service is written in Elixir."""
    project = read_project(tree)
    if project and project.evidence and tree.sources(".ex", ".exs"):
        yield Fact("language", LANGUAGE, "elixir/mix", "high", project.evidence)
        lock = tree.nearest("mix.lock")
        if lock and (text := tree.text(lock)):
            yield Fact("language", LANGUAGE, "elixir/lock", "medium", first_line(lock, text))
        if is_most(tree, ".ex"):
            yield Fact("language", LANGUAGE, "elixir/most-files", "medium", project.evidence)
