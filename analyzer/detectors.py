"""Every detector there is, in the order in which they are believed when equally sure."""

from collections.abc import Callable, Iterable, Iterator

from analyzer.facts import Fact, of_language
from analyzer.languages import node, python
from analyzer.tree import SourceTree
from analyzer.witnesses.compose import compose_facts
from analyzer.witnesses.dockerfile import dockerfile_facts
from analyzer.witnesses.procfile import procfile_facts

Detector = Callable[[SourceTree], Iterable[Fact]]

WITNESSES: tuple[Detector, ...] = (dockerfile_facts, procfile_facts, compose_facts)

LANGUAGES: tuple[tuple[str, Detector], ...] = (
    (python.LANGUAGE, python.python_facts),
    (node.LANGUAGE, node.node_facts),
)


def detected(tree: SourceTree) -> Iterator[Fact]:
    """Yield what every detector finds, witnesses first, in a fixed order."""
    for detector in WITNESSES:
        yield from detector(tree)
    for language, detector in LANGUAGES:
        yield from of_language(language, detector(tree))
