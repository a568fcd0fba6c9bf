"""The plan's card: the dangerous part first, inert, and never longer than GitHub takes."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from delightful.plan import plan_summary
from delightful.planned import AttributeChange, CostChange, Danger, PlanSummary, ResourceChange
from delightful.render import plan_card, plan_text
from tests.delightful.plan_samples import plan_of, planned

SUMMARY = plan_summary(
    plan_of(
        planned("aws_db_instance", "delete"),
        planned("aws_lb_listener", "update", {"port": 80}, {"port": 8080}),
        planned(
            "aws_ecs_task_definition",
            "replace",
            {"cpu": "256", "container_definitions": "a"},
            {"cpu": "512", "container_definitions": "b"},
            replace_paths=[["container_definitions"]],
        ),
    ),
    CostChange(before_usd=100.0, after_usd=87.5, prices_as_of="2026-10-02"),
)


def test_a_card_tells_danger_radius_cost_and_changes() -> None:
    """Who reads it knows what is lost, who is touched, what it costs, and what changes."""
    card = plan_card(SUMMARY, "Plan of api", notes=["planned with another image"])
    lines = card.splitlines()
    assert lines[0] == "### Plan of api"
    assert lines[2] == "> planned with another image"
    assert "**1 to update, 1 to delete, 1 to replace**" in lines
    assert "| data | `aws_db_instance.this` | deletes what holds data |" in lines
    assert "- What serves traffic: `aws_lb_listener.this` (update)" in lines
    assert "- What holds data: `aws_db_instance.this` (delete)" in lines
    assert "- What is shared with others: not touched" in lines
    assert any(line.startswith(r"Cost: \-12\.50 USD a month") for line in lines)
    replaced = next(line for line in lines if line.startswith("| replace"))
    assert replaced.endswith(r"| forced by container\_definitions, cpu\: 256 → 512 |")
    assert r"port\: 80 → 8080" in card


def test_a_terminal_is_told_the_same() -> None:
    """The text names dangers, then changes, then the cost."""
    assert plan_text(SUMMARY).splitlines() == [
        "plan: 1 to update, 1 to delete, 1 to replace",
        "  DANGER data: aws_db_instance.this: deletes what holds data",
        "  - aws_db_instance.this",
        "  ! aws_ecs_task_definition.this (forced by container_definitions): "
        "container_definitions, cpu: 256 → 512",
        "  ~ aws_lb_listener.this: port: 80 → 8080",
        "cost: -12.50 USD a month (from 100.00 to 87.50, list prices of 2026-10-02, "
        "without what depends on traffic)",
    ]


def test_an_unknown_cost_says_what_is_unknown() -> None:
    """Where a price is missing, no number is made up."""
    cost = CostChange(
        before_usd=1.0, after_usd=None, unknown=("price of db.x",), prices_as_of="2026-10-02"
    )
    summary = PlanSummary(changes=SUMMARY.changes, cost=cost)
    assert "cost: unknown a month (price of db.x)" in plan_text(summary)


def test_nothing_dangerous_is_said_too() -> None:
    """A reader need not wonder whether anybody looked."""
    harmless = plan_summary(plan_of(planned("aws_cloudwatch_metric_alarm", "create")))
    assert "Nothing in it destroys data" in plan_card(harmless, "Plan")
    assert plan_card(PlanSummary(), "Plan") == "### Plan\n\nNo resource changes."


HOSTILE = st.lists(
    st.sampled_from([*"ab`|*_[]()<>@#\n\\!&", "\u202e", "</details>", "http://x "]), max_size=120
).map("".join)


# What Markdown takes as it stands: an escaped character, or code between as many backticks.
_INERT = re.compile(r"\\.|(`+)[^\n]*?(?<!`)\1(?!`)")


@pytest.mark.slow
@given(HOSTILE, HOSTILE, st.integers(0, 500))
@example("a<", "`", 1)
def test_hostile_names_stay_inert_and_within_the_limit(address: str, name: str, count: int) -> None:
    """However a plan is named and however large it is: a table, no mention, no link, no HTML."""
    change = ResourceChange(
        address=address,
        type="aws_lb",
        action="replace",
        attributes=(AttributeChange(name=name),),
        forced_by=(name,),
    )
    danger = Danger(kind="traffic", address=address, what=f"replaces it (forced by {name})")
    card = plan_card(
        PlanSummary(changes=(change,) * count, dangers=(danger,) * count),
        f"Plan {name}",
        notes=[name],
    )
    assert len(card) <= 60_000
    outside = _INERT.sub("", card)
    assert "\u202e" not in card
    assert "<a" not in outside
    assert "@a" not in outside
    rows = [line for line in card.splitlines() if line.startswith("| replace |")]
    assert all(line.replace("\\|", "").count("|") == 4 for line in rows)


def test_a_card_too_long_for_any_row_says_so() -> None:
    """A limit that nothing fits into leaves the count."""
    assert plan_card(SUMMARY, "Plan", limit=100) == (
        "### Plan\n\n1 to update, 1 to delete, 1 to replace: too much to be shown here."
    )
