"""What the tests of the witnesses ask: facts of a small tree, and that each can be looked up."""

from collections.abc import Callable, Iterable

from analyzer.facts import Fact, is_true_of
from analyzer.tree import SourceTree

Detector = Callable[[SourceTree], Iterable[Fact]]


def facts_of(detector: Detector, files: dict[str, str], folder: str = "") -> list[Fact]:
    """Return a detector's facts of a tree of texts; every quote stands where it says."""
    tree = SourceTree.of_files(files, folder)
    found = list(detector(tree))
    for fact in found:
        assert fact.evidence is not None, fact
        lines = (tree.text(fact.evidence.file) or "").split("\n")
        assert fact.evidence.quote, fact
        assert is_true_of(fact.evidence, lines), fact
    return found


def values_of(facts: Iterable[Fact], field: str) -> list[object]:
    """Return the values that facts give a field, each once, in order."""
    return list(dict.fromkeys(str(fact.value) for fact in facts if fact.field == field))


def sure_of(facts: Iterable[Fact], field: str) -> list[tuple[object, str]]:
    """Return the values of a field with their confidence."""
    return [(fact.value, fact.confidence) for fact in facts if fact.field == field]
