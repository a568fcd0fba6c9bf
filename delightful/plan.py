"""What a Terraform plan does, read from `terraform show -json`."""

from collections.abc import Mapping
from typing import Any, Literal

from delightful.errors import ExternalError
from delightful.release import PlanSummary, ResourceChange
from delightful.text import escaped

Action = Literal["create", "update", "delete", "replace"]

_ACTIONS: dict[tuple[str, ...], Action | None] = {
    ("no-op",): None,
    ("read",): None,
    ("create",): "create",
    ("update",): "update",
    ("delete",): "delete",
    # Terraform lets go of the object: for whoever reads the plan it is gone.
    ("forget",): "delete",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("create", "forget"): "replace",
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


def plan_summary(show: Mapping[str, object]) -> PlanSummary:
    """Return what the plan touches, in address order; reads and no-ops are left out.

    Raises:
        ExternalError: E_PLAN_FORMAT, the plan is incomplete or not in a shape we know.
    """
    if show.get("errored") is True or not isinstance(show.get("format_version"), str):
        raise _format_error("the plan did not complete")
    entries = show.get("resource_changes", [])
    if not isinstance(entries, list):
        raise _format_error("resource_changes is not a list")
    changes = [change for entry in entries if (change := _change(entry)) is not None]
    return PlanSummary(changes=tuple(sorted(changes, key=lambda change: change.address)))


def destructive_changes(summary: PlanSummary) -> tuple[ResourceChange, ...]:
    """Return the deletions and replacements that lose data, traffic or a safeguard."""
    return tuple(
        change
        for change in summary.changes
        if change.action in ("delete", "replace") and change.type not in REPLACEABLE_TYPES
    )


def _change(entry: Any) -> ResourceChange | None:
    try:
        if entry["mode"] != "managed":
            return None
        address, kind = str(entry["address"]), str(entry["type"])
        action = _ACTIONS[tuple(entry["change"]["actions"])]
    except (KeyError, TypeError) as error:
        raise _format_error(f"a resource change has no known {escaped(str(error))}") from error
    return action and ResourceChange(address=address, type=kind, action=action)


def _format_error(cause: str) -> ExternalError:
    return ExternalError(
        "E_PLAN_FORMAT",
        "the plan cannot be judged",
        hint="plan again; if it stays, compare the Terraform version with .terraform-version",
        service="terraform",
        operation="show -json",
        cause=cause,
    )
