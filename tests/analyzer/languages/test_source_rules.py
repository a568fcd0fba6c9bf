"""Tables of patterns: which of them are tried on a file, and that each of them can be."""

import gc
import importlib
import pkgutil
import re
from typing import AnyStr

import pytest

import analyzer
from analyzer import SourceTree
from analyzer.patterns import Pattern
from analyzer.source_rules import SourceRule, scanned, text_of

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


def test_every_pattern_compiles() -> None:
    """A pattern that is only compiled once it is tried is a right one all the same."""
    for module in pkgutil.walk_packages(analyzer.__path__, "analyzer."):
        importlib.import_module(module.name)
    patterns = [thing for thing in gc.get_objects() if isinstance(thing, Pattern)]
    assert len(patterns) > 1000
    for pattern in patterns:
        assert pattern.search is not None


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\bport = (\d+)", "port = 80, my_port = 81, port = 82"),
        (r"\bports?\b", "port report ports a-port"),
        (r"\bPort|port", "PORT report aport"),
        (rb"\bport", b"report port"),
    ],
)
def test_a_pattern_finds_what_a_compiled_one_does(pattern: AnyStr, text: AnyStr) -> None:
    """Also where it is searched by its first word."""
    ours, theirs = Pattern(pattern, re.IGNORECASE), re.compile(pattern, re.IGNORECASE)
    found = [match.span() for match in ours.finditer(text)]
    assert found == [match.span() for match in theirs.finditer(text)]
    assert ours.findall(text) == theirs.findall(text)
    with pytest.raises(AttributeError):
        _ = ours.flags
