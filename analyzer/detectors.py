"""Every detector there is, in the order in which they are believed when equally sure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from analyzer.facts import Fact
from analyzer.languages import dotnet, elixir, go, java, kotlin, node, php, python, ruby, rust
from analyzer.tree import SourceTree
from analyzer.witnesses.compose import compose_facts
from analyzer.witnesses.dockerfile import dockerfile_facts
from analyzer.witnesses.env_file import env_file_facts
from analyzer.witnesses.fly import fly_facts
from analyzer.witnesses.github_actions import github_actions_facts
from analyzer.witnesses.helm import helm_facts
from analyzer.witnesses.heroku import heroku_facts
from analyzer.witnesses.kubernetes import kubernetes_facts
from analyzer.witnesses.process_files import process_file_facts
from analyzer.witnesses.procfile import procfile_facts
from analyzer.witnesses.railway import railway_facts
from analyzer.witnesses.render import render_facts

Detector = Callable[[SourceTree], Iterable[Fact]]


@dataclass(frozen=True)
class Language:
    """A language: what shows that a service is written in it, and what it then needs.

    `shown_by` is asked of every tree and looks at names and project files only; `facts` reads the
    sources and is asked only of the language that the service is written in.
    """

    name: str
    shown_by: Detector
    facts: Detector


WITNESSES: tuple[Detector, ...] = (
    compose_facts,
    dockerfile_facts,
    kubernetes_facts,
    helm_facts,
    procfile_facts,
    process_file_facts,
    heroku_facts,
    fly_facts,
    render_facts,
    railway_facts,
    env_file_facts,
    github_actions_facts,
)

LANGUAGES: tuple[Language, ...] = (
    Language(python.LANGUAGE, python.python_language, python.python_facts),
    Language(node.LANGUAGE, node.node_language, node.node_facts),
    Language(go.LANGUAGE, go.go_language, go.go_facts),
    Language(rust.LANGUAGE, rust.rust_language, rust.rust_facts),
    Language(elixir.LANGUAGE, elixir.elixir_language, elixir.elixir_facts),
    Language(java.LANGUAGE, java.java_language, java.java_facts),
    Language(kotlin.LANGUAGE, kotlin.kotlin_language, kotlin.kotlin_facts),
    Language(ruby.LANGUAGE, ruby.ruby_language, ruby.ruby_facts),
    Language(php.LANGUAGE, php.php_language, php.php_facts),
    Language(dotnet.LANGUAGE, dotnet.dotnet_language, dotnet.dotnet_facts),
)


def witnessed(tree: SourceTree) -> Iterator[Fact]:
    """Yield what the files that say how a service is run say of it, in a fixed order."""
    for detector in WITNESSES:
        yield from detector(tree)


def languages_shown(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows the language."""
    for language in LANGUAGES:
        yield from language.shown_by(tree)


def facts_of_language(tree: SourceTree, name: object) -> Iterator[Fact]:
    """Yield what a service needs if it is written in the language of that name."""
    for language in LANGUAGES:
        if language.name == name:
            yield from language.facts(tree)
