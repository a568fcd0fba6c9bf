"""A plan is judged by resource and action; what cannot be judged is refused."""

import pytest

from delightful.errors import ExternalError
from delightful.plan import REPLACEABLE_TYPES, destructive_changes, plan_summary
from delightful.release import PlanSummary


def entry(kind: str, *actions: str, mode: str = "managed") -> dict[str, object]:
    """Return one resource change as `terraform show -json` writes it."""
    address = f"module.service.{kind}.this"
    return {
        "address": address,
        "mode": mode,
        "type": kind,
        "name": "this",
        "change": {"actions": list(actions), "before": {"password": "hunter2"}},
    }


def show(*entries: dict[str, object]) -> dict[str, object]:
    """Return a whole plan."""
    return {"format_version": "1.2", "resource_changes": list(entries)}


def test_keeps_what_changes_and_no_values() -> None:
    """Reads, no-ops and data sources are left out, and no value of any resource is kept."""
    summary = plan_summary(
        show(
            entry("aws_lb", "no-op"),
            entry("aws_ecs_task_definition", "delete", "create"),
            entry("aws_ecr_repository", "read", mode="data"),
            entry("aws_cloudwatch_log_group", "update"),
        )
    )
    assert [(change.type, change.action) for change in summary.changes] == [
        ("aws_cloudwatch_log_group", "update"),
        ("aws_ecs_task_definition", "replace"),
    ]
    assert "hunter2" not in summary.model_dump_json()


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (["create"], "create"),
        (["update"], "update"),
        (["delete"], "delete"),
        (["forget"], "delete"),
        (["delete", "create"], "replace"),
        (["create", "delete"], "replace"),
        (["create", "forget"], "replace"),
    ],
)
def test_reads_every_action(actions: list[str], action: str) -> None:
    """Both orders of a replacement are one, and what Terraform forgets counts as deleted."""
    assert plan_summary(show(entry("aws_lb", *actions))).changes[0].action == action


def test_a_plan_without_changes_is_empty() -> None:
    """Only no-ops, or no resource at all, is the empty plan."""
    assert plan_summary(show(entry("aws_lb", "no-op"))).is_empty
    assert plan_summary({"format_version": "1.2"}).is_empty


@pytest.mark.parametrize(
    "plan",
    [
        {},
        {"format_version": "1.2", "errored": True},
        {"format_version": "1.2", "resource_changes": {}},
        show({"address": "a"}),
        show(entry("aws_lb", "explode")),
        show(entry("aws_lb", "create", "create")),
        show({**entry("aws_lb"), "change": {"actions": None}}),
        show({**entry("aws_lb"), "change": {"actions": [["create"]]}}),
        {"format_version": "1.2", "resource_changes": ["x"]},
    ],
)
def test_refuses_what_it_cannot_judge(plan: dict[str, object]) -> None:
    """A plan that failed or has an unknown shape is never taken for one that changes nothing."""
    with pytest.raises(ExternalError) as caught:
        plan_summary(plan)
    assert caught.value.code == "E_PLAN_FORMAT"


@pytest.mark.parametrize("kind", ["aws_lb", "aws_db_instance", "aws_ecs_service", "aws_s3_bucket"])
@pytest.mark.parametrize("actions", [("delete",), ("delete", "create"), ("create", "delete")])
def test_losing_data_or_traffic_is_destructive(kind: str, actions: tuple[str, ...]) -> None:
    """To delete or replace what holds data or traffic wants a second look."""
    summary = plan_summary(show(entry(kind, *actions), entry("aws_vpc", "update")))
    assert [change.type for change in destructive_changes(summary)] == [kind]


@pytest.mark.parametrize("kind", sorted(REPLACEABLE_TYPES))
def test_what_every_release_replaces_is_not_destructive(kind: str) -> None:
    """A new task definition revision must not ask for approval at every deploy."""
    assert destructive_changes(plan_summary(show(entry(kind, "delete", "create")))) == ()


def test_nothing_planned_is_nothing_destroyed() -> None:
    """The empty plan destroys nothing."""
    assert destructive_changes(PlanSummary()) == ()
