"""Plans as `terraform show -json` prints them, as small as a test can use them."""

import json
from typing import Any

from delightful.reading.plan import PlanDocument, read_plan

ACTIONS = {
    "create": ["create"],
    "update": ["update"],
    "delete": ["delete"],
    "replace": ["delete", "create"],
    "nothing": ["no-op"],
}


def planned(
    kind: str,
    action: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return one resource of a plan; what is not given is empty where the action has that side."""
    place = {"module_address": more.pop("module")} if "module" in more else {}
    prefix = f"{place['module_address']}." if place else ""
    address = more.pop("address", f"{prefix}{kind}.this")
    outer = {name: more.pop(name) for name in ("mode", "deposed") if name in more}
    change = {
        "actions": ACTIONS[action],
        "before": None if action == "create" else before or {},
        "after": None if action == "delete" else after or {},
        "after_unknown": {},
        **more,
    }
    return {"address": address, "type": kind, "change": change, **place, **outer}


def document(*resources: dict[str, Any], **fields: Any) -> bytes:
    """Return a whole plan as JSON."""
    whole = {
        "format_version": "1.2",
        "complete": True,
        "errored": False,
        "resource_changes": list(resources),
        **fields,
    }
    return json.dumps(whole).encode()


def plan_of(*resources: dict[str, Any]) -> PlanDocument:
    """Return a plan that was read."""
    return read_plan(document(*resources))
