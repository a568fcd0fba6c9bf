"""Which variables a Go service reads, under the names that they have outside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from analyzer.facts import Fact
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree

# What is called with a variable's name, as far as the line says.
_CALLED: Final = Pattern(r"([\w.]*)\(\s*$")


def variable_facts(tree: SourceTree, found: Mapping[str, Sequence[Fact]]) -> Iterator[Fact]:
    """Yield the variables: those read, and those of settings that share a prefix.

    A name that is given to a function which puts a prefix before it is told with the prefix.
    """
    prefixes = _prefixes(found.get("prefixing", ()))
    for fact in found.get("environment_variables", ()):
        prefix = prefixes.get(_called(tree, fact), "") if prefixes else ""
        yield replace(fact, value=f"{prefix}{fact.value}") if prefix else fact
    for fact in found.get("prefixed-variables", ()):
        for name in fact.value if isinstance(fact.value, list) else ():
            yield replace(fact, field="environment_variables", value=name)


def _prefixes(prefixing: Sequence[Fact]) -> dict[str, str]:
    """Return the prefix of each function that puts one before its argument."""
    pairs = (fact.value for fact in prefixing if isinstance(fact.value, list))
    return {str(function): str(prefix) for function, prefix in pairs}


def _called(tree: SourceTree, fact: Fact) -> str:
    """Return the name of the function that a variable's name is given to."""
    if fact.evidence is None:
        return ""
    lines = (tree.text(fact.evidence.file) or "").split("\n")
    line = lines[fact.evidence.line - 1]
    begin = line.find(f'"{fact.value}"', max(line.find(fact.evidence.quote), 0))
    called = _CALLED.search(line[:begin]) if begin >= 0 else None
    owner, _, name = called[1].rpartition(".") if called else ("", "", "")
    return "" if owner == "os" else name
