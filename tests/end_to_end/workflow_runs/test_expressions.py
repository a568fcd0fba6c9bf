"""Expressions are read as GitHub reads them, and an unknown form is an error."""

from typing import Any

import pytest

from tests.end_to_end.workflow_runs.expressions import UnknownExpression, evaluated, filled

CONTEXT: dict[str, Any] = {
    "inputs": {"build": False, "service": "hello", "empty": ""},
    "github": {"event": {"a": {"id": 7}, "b": {"id": 8}}},
}
FUNCTIONS = {"failure": lambda: False, "cancelled": lambda: True}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("inputs.service", "hello"),
        ("inputs.missing", None),
        ("github.event.a.id == github.event.b.id", False),
        ("github.event.a.id != github.event.b.id", True),
        ("inputs.service == 'hello' && github.event.a.id", 7),
        ("inputs.build || 'it''s'", "it's"),
        ("!failure() && !cancelled()", False),
        ("(inputs.build || true) && inputs.service", "hello"),
    ],
)
def test_known_forms(text: str, value: object) -> None:
    """Properties, comparisons, words and the functions of a job's state."""
    assert evaluated(text, CONTEXT, FUNCTIONS) == value


@pytest.mark.parametrize(
    "text",
    [
        *("secrets.TOKEN", "contains(inputs.service, 'h')", "inputs['service']", "inputs.*", "1"),
        *("success()", "inputs.service ==", "'open", "inputs.service inputs.service", ""),
    ],
)
def test_unknown_forms_are_errors(text: str) -> None:
    """What GitHub may know and this reader does not is never taken for empty."""
    with pytest.raises(UnknownExpression):
        evaluated(text, CONTEXT, FUNCTIONS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("build-${{ inputs.service }}", "build-hello"),
        ("${{ inputs.build }}", False),
        ("${{ inputs.service }}/${{ inputs.build }}", "hello/false"),
        ("plain", "plain"),
        (5, 5),
    ],
)
def test_fills_text(text: object, value: object) -> None:
    """A lone expression keeps its type; within text it is written as GitHub writes it."""
    assert filled(text, CONTEXT) == value
