"""Every rule has its section on its detector's page, and every section its rule."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer import SourceTree, analyze
from tests.analyzer.test_recommendation import TREES

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "rules"
_RULE = re.compile(r"[a-z][a-z0-9-]*/[a-z0-9][a-z0-9-]*")
# Conclusions of several kinds share one page.
_SHARED = {"kind": "conclusions", "absent": "conclusions"}
# An action of GitHub's that sets a language up, and no rule.
_ACTIONS = {"ruby/setup-ruby"}


def written() -> set[str]:
    """Return every rule id that the code of the analyzer names."""
    files = (ROOT / "analyzer").rglob("*.py")
    return {rule for path in files for rule in _rules_in(path)} - _ACTIONS


def _rules_in(path: Path) -> Iterator[str]:
    detectors = {page.stem for page in PAGES.glob("*.md")} | set(_SHARED)
    for node in ast.walk(ast.parse(path.read_text())):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and _RULE.fullmatch(node.value) and node.value.split("/")[0] in detectors:
            yield node.value


def documented() -> dict[str, str]:
    """Return the rule ids that have a section or a row of their own, with the page."""
    found = {}
    for page in PAGES.glob("*.md"):
        text = page.read_text()
        rows = re.findall(rf"^\| `({page.stem}/[\w-]+)` \|", text, re.MULTILINE)
        for rule in (*re.findall(r"^## (\S+/\S+)$", text, re.MULTILINE), *rows):
            found[rule] = page.stem
    return found


@pytest.mark.slow
def test_every_rule_has_its_section_and_every_section_its_rule() -> None:
    """Nothing is decided by a rule that nobody can read about, and nothing old is told."""
    pages = documented()
    assert len(pages) > 10
    assert written() == set(pages)
    for rule, page in pages.items():
        detector = rule.split("/")[0]
        assert page == _SHARED.get(detector, detector), rule


def test_every_answer_names_a_rule_that_has_a_section() -> None:
    """What a person sees as the rule of an answer can be looked up, whatever made its name."""
    known = {*documented(), "none", "manifest"}
    for files in TREES.values():
        said = analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)
        named = {rule for answer in said.answers for rule in answer.rule.split("+")}
        assert named <= known
