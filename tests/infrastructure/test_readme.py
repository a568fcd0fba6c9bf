"""READMEs of roots and modules say what the sources say."""

import pytest

from tests.infrastructure.readme import as_it_should_be, one_line, readme
from tests.infrastructure.test_layout import PARTS


@pytest.mark.parametrize("part", PARTS)
def test_readme_says_what_the_sources_say(part: str) -> None:
    """Inputs, outputs and resources of a README are those of the Terraform beside it."""
    if readme(part).read_text() != as_it_should_be(part):
        pytest.fail(f"infrastructure/{part}/README.md is stale: run `make docs`", pytrace=False)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('"a|b"', '"a|b"'),
        ("list(string)", "list(string)"),
        (
            "object({\n  a  = string\n  # why\n  bc = number\n})",
            "object({ a = string, bc = number })",
        ),
        ('[\n  "a",\n  "b",\n]', '["a", "b"]'),
        ("{\n  a = [\n    1,\n  ]\n  b = 2\n}", "{ a = [1], b = 2 }"),
    ],
)
def test_shows_an_expression_in_one_line(written: str, shown: str) -> None:
    """What stands over several lines stays an expression that could be typed."""
    assert one_line(written) == shown
