"""Findings as people read them: a line each, and nothing foreign that has a meaning of its own."""

from delightful.agreement import Finding, Standing
from delightful.render.findings import finding_line, findings_card, findings_summary

AGREES = Finding(subject="image", standing=Standing.AGREES, detail="sha256:1")
FOREIGN = Finding(
    subject="lock",
    standing=Standing.UNKNOWN,
    detail="of @everyone|<b>\u202e\nnext line",
    next_step="delightful locks",
)


def test_a_finding_is_one_line() -> None:
    """Line breaks and marks that turn the text round are shown as what they are."""
    assert finding_line(AGREES) == "agrees   image: sha256:1"
    line = finding_line(FOREIGN)
    assert line.splitlines() == [line]
    assert line.startswith("unknown  lock: of @everyone|<b>\\u202e\\u000anext line → ")


def test_the_card_lists_what_does_not_agree_and_names_what_does() -> None:
    """Nothing in a finding becomes markup, and what agrees is no row."""
    card = findings_card([AGREES, FOREIGN], "Drift of api")
    assert "1 of 2 subjects do not agree" in card
    assert "Agree: image" in card
    assert "<b>" not in card
    (row,) = [line for line in card.splitlines() if line.startswith("| lock")]
    assert row.count(" | ") == 3


def test_the_summary_names_the_first_ones() -> None:
    """A long list is counted."""
    drifted = [AGREES.model_copy(update={"standing": Standing.DRIFTED})] * 7
    assert findings_summary([AGREES]) == "all 1 subjects agree"
    assert findings_summary(drifted).endswith("image drifted and 2 more")
