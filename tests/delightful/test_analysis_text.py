"""The analysis on a terminal: a line for each answer, and one field with all that is behind it."""

import re

import pytest
from hypothesis import given

from delightful.errors import ConfigError
from delightful.recommendation import Recommendation
from delightful.render.analysis_text import analysis_text, explained_text
from tests.delightful.analysis_samples import recommendation, recommendations


@pytest.mark.slow
@given(recommendations())
def test_a_terminal_shows_nothing_invisible(said: Recommendation) -> None:
    """No text of a repository moves the cursor, hides, or begins a line of its own making."""
    shown = (
        [analysis_text(said), explained_text(said, said.answers[0].field)] if said.answers else []
    )
    for text in shown:
        assert all(line.isprintable() for line in text.split("\n"))


def test_a_terminal_shows_answers_size_cost_and_notes() -> None:
    """One answer a line with its place, then size, cost, migrations and notes."""
    text = analysis_text(recommendation(migrations=()))
    assert text.startswith("shop\n  kind")
    assert re.search(r"^  port +8000 +medium +app\.py:1$", text, re.MULTILINE)
    assert re.search(
        r"^  database +postgres db\.t4g\.small, 20 GiB +Procfile:1$", text, re.MULTILINE
    )
    assert "cost: about 40.00 USD a month, at most 90.00 USD" in text
    assert "migrations: none changed" in text
    assert text.endswith("note: unknown: health_path")


@pytest.mark.parametrize(
    ("field", "lines"),
    [
        (
            "port",
            ["port = 8000  (medium, rule python/run-port)", "  to overrule: port in .delightful"],
        ),
        ("health_path", ["health_path = unknown", "  no line of the service says so"]),
        (
            "cpu_units",
            ["cpu_units = 1024  (low", "  why cpu_units", "  to overrule: cpu_units else"],
        ),
        (
            "min_count",
            ["size of min_count = 2", "  why min_count", "  Procfile:1: web: gunicorn -w 4"],
        ),
        ("cost", ["cost = about 40.00 USD", "  not counted: NAT gateways"]),
    ],
)
def test_a_field_explains_itself(field: str, lines: list[str]) -> None:
    """Value, confidence, rule, quoted lines, reason and how to overrule: one under the other."""
    text = explained_text(recommendation(), field)
    for line in lines:
        assert any(shown.startswith(line) for shown in text.split("\n")), text


def test_an_unknown_field_is_told_with_those_there_are() -> None:
    """A misspelt field ends in a line that names the others, sizes and cost among them."""
    with pytest.raises(ConfigError, match=r"E_FIELD.*port.*min_count.*cost"):
        explained_text(recommendation(), "prot")
