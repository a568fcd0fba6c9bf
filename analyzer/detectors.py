"""Every detector there is, in the order in which they are believed when equally sure."""

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from analyzer.facts import Fact
from analyzer.languages.dotnet.shown import shown_by as dotnet_shown_by
from analyzer.languages.elixir.shown import shown_by as elixir_shown_by
from analyzer.languages.go.shown import shown_by as go_shown_by
from analyzer.languages.jvm.shown import java_shown_by, kotlin_shown_by
from analyzer.languages.node.shown import shown_by as node_shown_by
from analyzer.languages.optional_stores import unless_optional
from analyzer.languages.php.shown import shown_by as php_shown_by
from analyzer.languages.python.shown import shown_by as python_shown_by
from analyzer.languages.ruby.shown import shown_by as ruby_shown_by
from analyzer.languages.rust.shown import shown_by as rust_shown_by
from analyzer.tree import SourceTree
from analyzer.witnesses.clusters.helm import helm_facts
from analyzer.witnesses.clusters.kubernetes import kubernetes_facts
from analyzer.witnesses.containers.compose import compose_facts
from analyzer.witnesses.containers.dockerfile import dockerfile_facts
from analyzer.witnesses.containers.process_files import process_file_facts
from analyzer.witnesses.env_file import env_file_facts
from analyzer.witnesses.platforms.app_engine import app_engine_facts
from analyzer.witnesses.platforms.azure_functions import azure_functions_facts
from analyzer.witnesses.platforms.ecs import ecs_facts
from analyzer.witnesses.platforms.fly import fly_facts
from analyzer.witnesses.platforms.github_actions import github_actions_facts
from analyzer.witnesses.platforms.heroku import heroku_facts
from analyzer.witnesses.platforms.nais import nais_facts
from analyzer.witnesses.platforms.procfile import procfile_facts
from analyzer.witnesses.platforms.railway import railway_facts
from analyzer.witnesses.platforms.render import render_facts
from analyzer.witnesses.platforms.terraform import terraform_facts
from analyzer.witnesses.words.addresses import readme_address_facts, request_facts
from analyzer.witnesses.words.readme import readme_facts
from analyzer.witnesses.words.workplaces import workplace_facts

Detector = Callable[[SourceTree], Iterable[Fact]]


@dataclass(frozen=True)
class Language:
    """A language: what shows that a service is written in it, and what it then needs.

    `shown_by` is asked of every tree and looks at names and project files only. `package`
    has the module `needs` with `facts`, which reads the sources: it is loaded and asked
    only where the service is written in the language.
    """

    name: str
    shown_by: Detector
    package: str


WITNESSES: tuple[Detector, ...] = (
    compose_facts,
    dockerfile_facts,
    kubernetes_facts,
    helm_facts,
    procfile_facts,
    process_file_facts,
    heroku_facts,
    fly_facts,
    nais_facts,
    render_facts,
    railway_facts,
    app_engine_facts,
    azure_functions_facts,
    ecs_facts,
    terraform_facts,
    env_file_facts,
    github_actions_facts,
    readme_facts,
)
# Where those who work on a service ask it themselves: a container may listen elsewhere, so what the
# sources say of the same weight is believed before.
ASKED: tuple[Detector, ...] = (workplace_facts, readme_address_facts, request_facts)

LANGUAGES: tuple[Language, ...] = (
    Language("python", python_shown_by, "python"),
    Language("node", node_shown_by, "node"),
    Language("go", go_shown_by, "go"),
    Language("rust", rust_shown_by, "rust"),
    Language("elixir", elixir_shown_by, "elixir"),
    Language("java", java_shown_by, "jvm"),
    Language("kotlin", kotlin_shown_by, "jvm"),
    Language("ruby", ruby_shown_by, "ruby"),
    Language("php", php_shown_by, "php"),
    Language("dotnet", dotnet_shown_by, "dotnet"),
)


def witnessed(tree: SourceTree) -> Iterator[Fact]:
    """Yield what the files that say how a service is run say of it, in a fixed order."""
    for detector in WITNESSES:
        yield from detector(tree)


def asked(tree: SourceTree) -> Iterator[Fact]:
    """Yield where those who work on the service ask it."""
    for detector in ASKED:
        yield from detector(tree)


def languages_shown(tree: SourceTree) -> Iterator[Fact]:
    """Yield what shows the language."""
    for language in LANGUAGES:
        yield from language.shown_by(tree)


def facts_of_language(tree: SourceTree, name: object) -> Iterator[Fact]:
    """Yield what a service needs if it is written in the language of that name."""
    for language in LANGUAGES:
        if language.name == name:
            # Hundreds of patterns are compiled with a language: only the one that is needed.
            needs = importlib.import_module(f"analyzer.languages.{language.package}.needs")
            yield from unless_optional(tree, needs.facts(tree))
