"""Rules of composite alarms."""

import pytest

from sandbox.cloudwatch.composite import InvalidRule, children_of, is_in_alarm

STATES = {"a": "ALARM", "b": "OK", "c d": "INSUFFICIENT_DATA"}


@pytest.mark.parametrize(
    ("rule", "fires"),
    [
        ("ALARM(a)", True),
        ("ALARM(b)", False),
        ('ALARM("a") AND OK(b)', True),
        ("ALARM(a) AND NOT OK(b)", False),
        ('ALARM(b) OR INSUFFICIENT_DATA("c d")', True),
        ("ALARM(b) OR ALARM(a) AND FALSE", False),
        ("(ALARM(b) OR ALARM(a)) AND TRUE", True),
        ("ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:a)", True),
        ("ALARM(gone)", False),
    ],
)
def test_a_rule_is_read_as_it_is_written(rule: str, fires: bool) -> None:
    """NOT binds before AND, AND before OR; brackets change that."""
    assert is_in_alarm(rule, STATES) is fires


@pytest.mark.parametrize(
    "rule", ["", "ALARM", "ALARM(a", "ALARM(a) OK(b)", "AND", "(ALARM(a)", "x"]
)
def test_a_broken_rule_is_refused(rule: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(InvalidRule):
        is_in_alarm(rule, STATES)


def test_names_the_alarms_that_it_asks() -> None:
    """Also those on the side that would not be evaluated."""
    assert children_of('ALARM(a) OR OK("c d")') == {"a", "c d"}
