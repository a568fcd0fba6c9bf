"""What a Terraform plan does, read from the messages of `terraform plan -json`."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from delightful.errors import ExternalError
from delightful.release import PlanSummary, ResourceChange
from delightful.text import escaped

Action = Literal["create", "update", "delete", "replace"]

_ACTIONS: dict[str, Action | None] = {
    "noop": None,
    "read": None,
    "move": None,
    "import": None,
    "create": "create",
    "update": "update",
    "delete": "delete",
    "replace": "replace",
    # Terraform lets go of the object: for whoever reads the plan it is gone.
    "remove": "delete",
}
# What each of Terraform's own totals counts; an object that it lets go of is in none.
_TOTALS = {
    "add": ("create", "replace"),
    "change": ("update",),
    "remove": ("delete", "replace"),
}

# Made anew by every release, or without memory and traffic of their own.
REPLACEABLE_TYPES = frozenset(
    {
        "aws_ecs_task_definition",
        "aws_cloudwatch_metric_alarm",
        "aws_cloudwatch_composite_alarm",
        "aws_cloudwatch_dashboard",
        "aws_xray_sampling_rule",
    }
)


def plan_summary(messages: Iterable[Mapping[str, Any]]) -> PlanSummary:
    """Return what the plan touches, in address order; reads, moves and no-ops are left out.

    `messages` are those of types `planned_change` and `change_summary`, as Terraform's
    machine-readable output documents them; others are passed over.

    Raises:
        ExternalError: E_PLAN_FORMAT, the plan is incomplete or not in a shape we know.
    """
    changes: list[ResourceChange] = []
    spoken: Counter[str] = Counter()
    totals = None
    for message in messages:
        if message.get("type") == "planned_change":
            action, change = _change(message)
            spoken[action] += 1
            changes += [change] if change else []
        elif message.get("type") == "change_summary":
            totals = message.get("changes")
    _check_totals(totals, spoken)
    return PlanSummary(changes=tuple(sorted(changes, key=lambda change: change.address)))


def destructive_changes(summary: PlanSummary) -> tuple[ResourceChange, ...]:
    """Return the deletions and replacements that lose data, traffic or a safeguard."""
    return tuple(
        change
        for change in summary.changes
        if change.action in ("delete", "replace") and change.type not in REPLACEABLE_TYPES
    )


def _change(message: Mapping[str, Any]) -> tuple[str, ResourceChange | None]:
    try:
        spoken = str(message["change"]["action"])
        resource = message["change"]["resource"]
        address, kind, action = (
            str(resource["addr"]),
            str(resource["resource_type"]),
            _ACTIONS[spoken],
        )
    except (KeyError, TypeError) as error:
        raise _format_error(f"a planned change has no known {escaped(str(error))}") from error
    return spoken, action and ResourceChange(address=address, type=kind, action=action)


def _check_totals(totals: Any, spoken: Counter[str]) -> None:
    if not isinstance(totals, dict) or totals.get("operation") != "plan":
        raise _format_error("the plan did not complete")
    for total, actions in _TOTALS.items():
        heard = sum(spoken[action] for action in actions)
        if totals.get(total) != heard:
            raise _format_error(
                f"{heard} to {total} were named, {escaped(str(totals.get(total)))} counted"
            )


def _format_error(cause: str) -> ExternalError:
    return ExternalError(
        "E_PLAN_FORMAT",
        "the plan cannot be judged",
        hint="plan again; if it stays, compare the Terraform version with .terraform-version",
        service="terraform",
        operation="plan -json",
        cause=cause,
    )
