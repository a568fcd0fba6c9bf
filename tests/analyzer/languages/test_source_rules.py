"""Tables of patterns: which of them are tried on a file, and that each of them can be."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

import pytest

import analyzer.languages
from analyzer import SourceTree
from analyzer.source_rules import Pattern, SourceRule, scanned, text_of

FREQUENT = SourceRule(
    "test/route",
    "health_path",
    ".get(",
    Pattern(r"\.get\(\"([\w/]+)\""),
    "high",
    text_of,
    beside=("health", "ready"),
)
RARE = SourceRule("test/name", "name", "name:", Pattern(r"name: (\w+)"), "low", text_of)


def found(rules: tuple[SourceRule, ...], **files: str) -> list[tuple[str, object]]:
    """Return the rule and value of each fact that rules find in files."""
    tree = SourceTree.of_files(files)
    return [(fact.rule, fact.value) for fact in scanned(tree, tree.paths, rules)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('app.get("/health")', ["/health"]),
        ('app.get("/ready")', ["/ready"]),
        ('app.get("/orders")', []),
        ("health", []),
    ],
)
def test_a_frequent_word_counts_only_beside_a_rarer_one(text: str, values: list[str]) -> None:
    """A rule is tried where its word stands together with one of those it names."""
    assert [value for _, value in found((FREQUENT,), a=text)] == values


def test_facts_come_in_the_order_of_files_and_rules() -> None:
    """Whatever order the words have in a text, and whichever file held them first."""
    texts = {"b": 'name: shop\n.get("/health")', "a": '.get("/ready") name: till'}
    assert found((FREQUENT, RARE), **texts) == [
        ("test/route", "/ready"),
        ("test/name", "till"),
        ("test/route", "/health"),
        ("test/name", "shop"),
    ]


def test_a_file_that_does_not_matter_is_passed_over() -> None:
    """Who scans may say by a file's bytes that nothing in it counts."""
    tree = SourceTree.of_files({"a": "name: shop", "b": "// generated\nname: till"})
    facts = scanned(tree, tree.paths, (RARE,), lambda data: b"generated" not in data)
    assert [fact.value for fact in facts] == ["shop"]


def rules_in(thing: object) -> Iterator[SourceRule]:
    """Yield the rules in a table, however it is put together."""
    if isinstance(thing, SourceRule):
        yield thing
    elif isinstance(thing, list | tuple | Mapping):
        for inner in thing.values() if isinstance(thing, Mapping) else thing:
            yield from rules_in(inner)


def test_every_pattern_of_a_language_compiles() -> None:
    """A pattern that is only compiled where its word stands is a right one all the same."""
    found = pkgutil.walk_packages(analyzer.languages.__path__, "analyzer.languages.")
    modules = [importlib.import_module(module.name) for module in found]
    rules = set(rules_in([list(vars(module).values()) for module in modules]))
    assert len(rules) > 250
    assert all(rule.pattern.compiled.pattern for rule in rules)
