"""A plan is judged by resource and action; what cannot be judged is refused."""

import pytest

from delightful.errors import ExternalError
from delightful.plan import REPLACEABLE_TYPES, Action, destructive_changes, plan_summary
from delightful.planned import PlanSummary, ResourceChange


def planned(kind: str, action: str) -> dict[str, object]:
    """Return the message for one resource."""
    resource = {"addr": f"module.service.{kind}.this", "resource_type": kind}
    return {"type": "planned_change", "change": {"resource": resource, "action": action}}


def change(kind: str, action: Action) -> ResourceChange:
    """Return one resource's change as a summary holds it."""
    return ResourceChange(address=f"{kind}.this", type=kind, action=action)


def totals(add: int = 0, change: int = 0, remove: int = 0) -> dict[str, object]:
    """Return the message that ends a plan."""
    counted = {"add": add, "change": change, "import": 0, "remove": remove, "operation": "plan"}
    return {"type": "change_summary", "changes": counted}


COUNTED = {
    "create": totals(add=1),
    "update": totals(change=1),
    "delete": totals(remove=1),
    "replace": totals(add=1, remove=1),
    "remove": totals(),
}


def test_keeps_what_changes_in_address_order() -> None:
    """Reads, moves and no-ops are left out; so is whatever else Terraform says."""
    summary = plan_summary(
        [
            {"type": "version", "terraform": "1.11.4"},
            planned("aws_lb", "noop"),
            planned("aws_ecs_task_definition", "replace"),
            planned("aws_ecr_repository", "read"),
            planned("aws_iam_role", "move"),
            planned("aws_sqs_queue", "import"),
            planned("aws_cloudwatch_log_group", "update"),
            totals(add=1, change=1, remove=1),
        ]
    )
    assert [(change.type, change.action) for change in summary.changes] == [
        ("aws_cloudwatch_log_group", "update"),
        ("aws_ecs_task_definition", "replace"),
    ]


@pytest.mark.parametrize(
    ("spoken", "action"),
    [
        ("create", "create"),
        ("update", "update"),
        ("delete", "delete"),
        ("replace", "replace"),
        ("remove", "delete"),
    ],
)
def test_reads_every_action(spoken: str, action: str) -> None:
    """What Terraform lets go of counts as deleted."""
    summary = plan_summary([planned("aws_lb", spoken), COUNTED[spoken]])
    assert summary.changes[0].action == action


def test_a_plan_of_outputs_alone_is_empty() -> None:
    """Only no-ops, or no resource at all, is the empty plan."""
    assert plan_summary([planned("aws_lb", "noop"), totals()]).is_empty
    assert plan_summary([totals()]).is_empty


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [planned("aws_lb", "create")],
        [{"type": "change_summary"}],
        [{"type": "change_summary", "changes": {"operation": "apply", "add": 0}}],
        [planned("aws_lb", "explode"), totals(add=1)],
        [planned("aws_lb", "create"), totals()],
        [planned("aws_lb", "create"), totals(add=2)],
        [planned("aws_lb", "update"), totals(add=1)],
        [totals(remove=1)],
        [{"type": "planned_change"}, totals()],
        [{"type": "planned_change", "change": {"action": "create"}}, totals(add=1)],
        [{"type": "planned_change", "change": {"action": ["create"], "resource": 1}}, totals()],
    ],
)
def test_refuses_what_it_cannot_judge(messages: list[dict[str, object]]) -> None:
    """A plan that broke off or has an unknown shape is never taken for one that changes nothing."""
    with pytest.raises(ExternalError) as caught:
        plan_summary(messages)
    assert caught.value.code == "E_PLAN_FORMAT"


@pytest.mark.parametrize("kind", ["aws_lb", "aws_db_instance", "aws_ecs_service", "aws_s3_bucket"])
@pytest.mark.parametrize("action", ["delete", "replace"])
def test_losing_data_or_traffic_is_destructive(kind: str, action: Action) -> None:
    """To delete or replace what holds data or traffic wants a second look."""
    summary = PlanSummary(changes=(change(kind, action), change("aws_vpc", "update")))
    assert [change.type for change in destructive_changes(summary)] == [kind]


@pytest.mark.parametrize("kind", sorted(REPLACEABLE_TYPES))
def test_what_every_release_replaces_is_not_destructive(kind: str) -> None:
    """A new task definition revision must not ask for approval at every deploy."""
    assert destructive_changes(PlanSummary(changes=(change(kind, "replace"),))) == ()


def test_nothing_planned_is_nothing_destroyed() -> None:
    """The empty plan destroys nothing."""
    assert destructive_changes(PlanSummary()) == ()
