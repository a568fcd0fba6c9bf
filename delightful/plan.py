"""What a Terraform plan does: read from the plan itself, kept by names and by harmless values."""

import hashlib
import json
from collections.abc import Iterator

from pydantic import JsonValue

from delightful.plan_attributes import is_shown, shown_value
from delightful.plan_policy import dangers_of
from delightful.planned import AttributeChange, CostChange, PlanSummary, ResourceChange
from delightful.reading.plan import PlanDocument, PlannedResource

_NOT_KNOWN_YET = "known after apply"


def plan_summary(plan: PlanDocument, cost: CostChange | None = None) -> PlanSummary:
    """Return what the plan touches, in address order; reads, moves and no-ops are left out."""
    return PlanSummary(
        changes=tuple(resource_change(resource) for resource in plan.changed),
        dangers=dangers_of(plan),
        cost=cost,
        content_sha256=_content_sha256(plan) if plan.changed else None,
    )


def resource_change(resource: PlannedResource) -> ResourceChange:
    """Return what is kept of a resource that changes: names, and values where they are allowed."""
    action = resource.action
    assert action is not None  # noqa: S101 - `changed` holds no other
    deposed = f" (deposed object {resource.deposed})" if resource.deposed else ""
    return ResourceChange(
        address=f"{resource.address}{deposed}",
        type=resource.type,
        action=action,
        attributes=tuple(_attributes(resource)),
        forced_by=forced_by(resource),
    )


def forced_by(resource: PlannedResource) -> tuple[str, ...]:
    """Return the names of the attributes that make Terraform replace the resource."""
    paths = resource.change.replace_paths
    return tuple(sorted({str(path[0]) for path in paths if path}))


def changed_attributes(resource: PlannedResource) -> tuple[str, ...]:
    """Return the names of what changes, or may; none where the resource goes.

    A new object gets a new value for all that AWS gives out: of one that is replaced only what was
    asked for is named.
    """
    change = resource.change
    if resource.action == "delete":
        return ()
    names = sorted(change.old.keys() | change.new.keys() | _unknown_names(resource))
    return tuple(name for name in names if change.differs(name))


def _attributes(resource: PlannedResource) -> Iterator[AttributeChange]:
    forced = forced_by(resource)
    for name in changed_attributes(resource):
        wanted = is_shown(resource.type, name) or name in forced
        asked = resource.action == "update" or not resource.change.is_unknown(name)
        if wanted or (asked and resource.action != "create"):
            yield _attribute(resource, name)


def _attribute(resource: PlannedResource, name: str) -> AttributeChange:
    change = resource.change
    if not is_shown(resource.type, name) or change.is_sensitive(name):
        return AttributeChange(name=name)
    unknown = change.is_unknown(name)
    return AttributeChange(
        name=name,
        before=None if resource.action == "create" else shown_value(change.old.get(name)),
        after=_NOT_KNOWN_YET if unknown else shown_value(change.new.get(name)),
    )


def _unknown_names(resource: PlannedResource) -> set[str]:
    unknown = resource.change.after_unknown
    return set(unknown) if isinstance(unknown, dict) else set()


def _content_sha256(plan: PlanDocument) -> str:
    """Return the digest of what the plan does; what AWS counts up by itself is not part of it."""
    content = [_content(resource) for resource in plan.changed]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _content(resource: PlannedResource) -> JsonValue:
    change = resource.change
    names = changed_attributes(resource)
    paths: list[JsonValue] = [list(path) for path in change.replace_paths]
    return {
        "address": resource.address,
        "deposed": resource.deposed,
        "actions": list(change.actions),
        "replace": paths,
        "unknown": [name for name in names if change.is_unknown(name)],
        "after": {name: change.new[name] for name in names if name in change.new},
    }
