"""A plan is kept by names; what cannot be judged is refused, and no secret can be seen in it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.errors import ExternalError
from delightful.plan import plan_summary
from delightful.plan_attributes import SHOWN, shown_value
from delightful.planned import AttributeChange, CostChange, PlanSummary
from delightful.reading.plan import PlanDocument, read_plan
from delightful.render import plan_card, plan_text
from tests.delightful.plan_samples import ACTIONS, document, plan_of, planned

CANARY = "canary-9b1deb4d"
COST = CostChange(before_usd=10.0, after_usd=22.345, prices_as_of="2026-10-02")


def change_of(resource: dict[str, Any]) -> Any:
    """Return what is kept of the only change of a plan."""
    (change,) = plan_summary(plan_of(resource)).changes
    return change


def test_keeps_what_changes_in_address_order() -> None:
    """Reads, no-ops and data sources are left out; what is let go of counts as deleted."""
    forgotten = planned("aws_lb", "delete", {"internal": True})
    forgotten["change"]["actions"] = ["forget"]
    summary = plan_summary(
        plan_of(
            planned("aws_sqs_queue", "nothing"),
            planned("aws_ecs_task_definition", "replace", {"cpu": "256"}, {"cpu": "512"}),
            planned("aws_iam_policy_document", "update", mode="data"),
            planned("aws_cloudwatch_log_group", "update", {"name": "a"}, {"name": "b"}),
            forgotten,
        )
    )
    assert [(change.type, change.action) for change in summary.changes] == [
        ("aws_cloudwatch_log_group", "update"),
        ("aws_ecs_task_definition", "replace"),
        ("aws_lb", "delete"),
    ]


def test_names_what_changes_and_shows_what_may_be_shown() -> None:
    """Sizes have values; a definition with an environment in it has its name alone."""
    change = change_of(
        planned(
            "aws_ecs_task_definition",
            "replace",
            {"cpu": "256", "memory": "512", "container_definitions": CANARY, "arn": "x"},
            {"cpu": "512", "memory": "512", "container_definitions": f"{CANARY}!"},
            after_unknown={"arn": True},
            replace_paths=[["container_definitions"], ["cpu"]],
        )
    )
    assert change.attributes == (
        AttributeChange(name="container_definitions"),
        AttributeChange(name="cpu", before="256", after="512"),
    )
    assert change.forced_by == ("container_definitions", "cpu")


def test_a_new_thing_shows_its_sizes_only() -> None:
    """Of what is created only what may be shown is told; of what goes nothing is."""
    new = change_of(planned("aws_db_instance", "create", None, {"engine": "mysql", "port": 3306}))
    assert new.attributes == (AttributeChange(name="engine", after="mysql"),)
    assert change_of(planned("aws_db_instance", "delete", {"engine": "mysql"})).attributes == ()


@pytest.mark.parametrize("marks", ["before_sensitive", "after_sensitive"])
def test_sensitive_values_are_not_shown_even_where_they_may_be(marks: str) -> None:
    """What Terraform calls sensitive is named only."""
    sides = ({"engine_version": CANARY}, {"engine_version": "17"})
    for mark in (True, {"engine_version": True}, {"engine_version": [{"a": True}]}):
        change = change_of(planned("aws_db_instance", "update", *sides, **{marks: mark}))
        assert change.attributes == (AttributeChange(name="engine_version"),)


def test_what_is_not_known_yet_is_said() -> None:
    """A value that AWS gives out is told as such, and counts as a change."""
    resource = planned(
        "aws_db_instance",
        "update",
        {"engine_version": "16.1", "endpoint": "a"},
        {"endpoint": "a"},
        after_unknown={"engine_version": True},
    )
    assert change_of(resource).attributes == (
        AttributeChange(name="engine_version", before="16.1", after="known after apply"),
    )


@pytest.mark.parametrize("value", ["a b", "x" * 49, "", ["x"], {"a": 1}, "é", "a\n"])
def test_only_short_plain_values_are_shown(value: Any) -> None:
    """Nothing that could be a sentence, a key or a document is a value that may be shown."""
    assert shown_value(value) is None


def test_a_plan_of_outputs_alone_is_empty() -> None:
    """Only no-ops, or no resource at all, is the empty plan, and has nothing to approve."""
    assert plan_summary(plan_of(planned("aws_lb", "nothing"))) == PlanSummary()
    assert plan_summary(plan_of()).is_empty


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        document(complete=False),
        document(errored=True),
        document(format_version="2.0"),
        document({"address": "a", "type": "b"}),
        document({"address": "a", "type": "b", "change": {"actions": ["explode"]}}),
        document({"address": "a", "type": "b", "change": {"actions": []}}),
        document({"address": "a", "type": "b", "change": {"actions": "create"}}),
        document({"address": "a", "type": "b", "change": {"actions": ["create"], "after": 1}}),
    ],
)
def test_refuses_what_it_cannot_judge(data: bytes) -> None:
    """A plan that broke off or has an unknown shape is never taken for one that changes nothing."""
    with pytest.raises(ExternalError) as caught:
        read_plan(data)
    assert caught.value.code == "E_PLAN_FORMAT"


def test_a_refusal_quotes_no_value() -> None:
    """What could not be read may be a secret."""
    with pytest.raises(ExternalError) as caught:
        read_plan(document({"address": [CANARY], "type": CANARY, "change": CANARY}))
    assert CANARY not in str(caught.value)


def test_the_same_changes_have_the_same_digest() -> None:
    """A plan made again is the same plan; what AWS counts up by itself makes no other one."""

    def made(engine: str, clock: str) -> str:
        sides = ({"engine": "a", "clock": clock}, {"engine": engine, "clock": clock})
        return plan_summary(plan_of(planned("aws_db_instance", "update", *sides))).sha256

    assert made("b", "12:00") == made("b", "12:05")
    assert made("b", "12:00") != made("c", "12:00")


def test_other_hidden_values_are_another_plan() -> None:
    """Two plans that read the same are told apart where what they would write differs."""

    def made(policy: str) -> PlanSummary:
        sides = ({"policy": "a"}, {"policy": policy})
        return plan_summary(plan_of(planned("aws_iam_role_policy", "update", *sides)))

    assert made("b").changes == made("c").changes
    assert made("b").sha256 != made("c").sha256


NAMES = st.sampled_from(
    ["environment", "container_definitions", "policy", "secret_string", "tags", "value", "cpu"]
)
SECRET = st.recursive(
    st.just(CANARY),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=2)
        | st.dictionaries(
            st.sampled_from(["environment", CANARY, "x"]), inner, min_size=1, max_size=2
        )
    ),
    max_leaves=4,
)
TYPES = st.sampled_from([*sorted(SHOWN), "aws_ssm_parameter", "aws_other"])


@st.composite
def plans(draw: st.DrawFn) -> PlanDocument:
    """Draw a plan of secrets; an attribute that may be shown has one only if it is sensitive."""
    resources = []
    for number in range(draw(st.integers(1, 4))):
        kind, action = draw(TYPES), draw(st.sampled_from(sorted(ACTIONS)))
        before = draw(st.dictionaries(NAMES, SECRET, max_size=4))
        after = draw(st.dictionaries(NAMES, SECRET, max_size=4))
        hidden = dict.fromkeys(SHOWN.get(kind, ()), True)
        paths = [[name, CANARY] for name in draw(st.lists(NAMES, max_size=2))]
        resources.append(
            planned(
                kind,
                action,
                before,
                after,
                address=f"{kind}.this[{number}]",
                before_sensitive=hidden,
                after_sensitive=draw(st.sampled_from([hidden, True])),
                after_unknown=draw(st.sampled_from([{}, {"value": True}, {"cpu": True}])),
                replace_paths=paths,
            )
        )
    return plan_of(*resources)


@pytest.mark.slow
@given(plans())
def test_no_secret_of_any_plan_is_kept_or_shown(plan: PlanDocument) -> None:
    """Whatever a plan holds in environments, secrets and sensitive values: nothing tells it."""
    summary = plan_summary(plan, COST)
    told = [plan_card(summary, "Plan"), plan_text(summary), summary.model_dump_json()]
    assert not [text for text in told if CANARY in text]
    assert json.loads(told[2])["changes"] is not None
