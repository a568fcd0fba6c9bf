"""What in a plan cannot be taken back, or opens something, so that a person must have seen it.

What is not known to be harmless counts: a type that nobody has thought of is deleted by name only.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from pydantic import JsonValue

from delightful.plan_types import HOLDS_DATA, PERMISSIONS, REPLACEABLE, SERVES_TRAFFIC, SHARED
from delightful.planned import Danger, DangerKind, PlanSummary
from delightful.reading.plan import PlanDocument, PlannedResource

_ENGINES: Final = frozenset(
    {"aws_db_instance", "aws_elasticache_cluster", "aws_elasticache_replication_group"}
    | {"aws_rds_cluster", "aws_memorydb_cluster", "aws_docdb_cluster"}
)
# Of a role, what says nothing of who may do what.
_NO_PERMISSION: Final = frozenset({"description", "max_session_duration", "tags", "tags_all"})
_PROTECTIONS: Final = (
    *("deletion_protection", "deletion_protection_enabled"),
    "enable_deletion_protection",
)
_INGRESS: Final = "aws_vpc_security_group_ingress_rule"
_RANGES: Final = ("cidr_ipv4", "cidr_ipv6", "cidr_blocks", "ipv6_cidr_blocks")
# Alone they give nobody anything: what attaches them does.
_ALONE: Final = frozenset({"aws_iam_policy", "aws_iam_role", "aws_iam_user"})
# What a permission is given to or laid upon, by the provider's names.
_SUBJECTS: Final = (
    *("role", "user", "group", "bucket", "queue_url", "repository", "secret_arn"),
    *("key_id", "function_name"),
)

Rule = Callable[[PlannedResource, PlanDocument], Danger | None]


def dangers_of(plan: PlanDocument) -> tuple[Danger, ...]:
    """Return what a person must have seen, at most one of each kind a resource."""
    return tuple(
        danger
        for resource in plan.changed
        for danger in (rule(resource, plan) for rule in _RULES)
        if danger is not None
    )


def destroyed_data(summary: PlanSummary) -> tuple[Danger, ...]:
    """Return what of a plan loses data: no way back may do that."""
    return tuple(danger for danger in summary.dangers if danger.kind == "data")


def _loss(resource: PlannedResource, _: PlanDocument) -> Danger | None:
    if resource.action not in ("delete", "replace") or resource.type in REPLACEABLE:
        return None
    kind, what = _lost(resource.type)
    if kind is None:
        return None
    return _danger(kind, resource, f"{resource.action}s {what}{_forced(resource)}")


def _lost(kind: str) -> tuple[DangerKind | None, str]:
    if kind in HOLDS_DATA:
        return "data", "what holds data"
    if kind in SERVES_TRAFFIC:
        return "traffic", "what carries traffic"
    if kind in SHARED:
        return "traffic", "what others share"
    # Judged by the rule of its own.
    return (None, "") if kind in PERMISSIONS else ("unknown", "what is not known to be harmless")


def _engine(resource: PlannedResource, _: PlanDocument) -> Danger | None:
    if resource.type not in _ENGINES or resource.action not in ("update", "replace"):
        return None
    change = resource.change
    if change.differs("engine"):
        return _danger("engine", resource, "changes the engine")
    if not change.differs("engine_version"):
        return None
    before = _numbers(change.old.get("engine_version"))
    after = _numbers(change.new.get("engine_version"))
    if not before or not after:
        return _danger("engine", resource, "changes the engine's version to one not known yet")
    shared = min(len(before), len(after))
    if after[:shared] < before[:shared]:
        return _danger("engine", resource, "takes the engine back to an earlier version")
    if after[0] > before[0]:
        return _danger("engine", resource, "moves the engine to a new major version, for good")
    return None


def _numbers(version: JsonValue) -> tuple[int, ...]:
    parts = version.split(".") if isinstance(version, str) else []
    known = [int(part) for part in parts if part.isascii() and part.isdigit()]
    return tuple(known) if len(known) == len(parts) else ()


def _safeguard(resource: PlannedResource, _: PlanDocument) -> Danger | None:
    if resource.action != "update":
        return None
    old, new = resource.change.old, resource.change.new
    if any(old.get(name) is True and new.get(name) is not True for name in _PROTECTIONS):
        return _danger("safeguard", resource, "takes away the protection against deletion")
    if old.get("backup_retention_period") and not new.get("backup_retention_period"):
        return _danger("safeguard", resource, "ends the backups")
    return None


def _open_to_all(resource: PlannedResource, _: PlanDocument) -> Danger | None:
    if resource.action == "delete":
        return None
    change = resource.change
    if resource.type in (_INGRESS, "aws_security_group_rule") and any(
        change.is_unknown(name) for name in _RANGES
    ):
        return _danger("network", resource, "opens to addresses that are not known yet")
    opened = _openings(resource, change.new)
    if all(one in _openings(resource, change.old) for one in opened):
        return None
    return _danger("network", resource, "opens to every address of the internet")


def _openings(resource: PlannedResource, attributes: dict[str, JsonValue]) -> list[JsonValue]:
    """Return the rules that let everybody in, as they stand in a resource's attributes."""
    if resource.type == _INGRESS:
        rules: Sequence[JsonValue] = [attributes]
    elif resource.type == "aws_security_group_rule":
        rules = [attributes] if attributes.get("type") == "ingress" else []
    elif resource.type in ("aws_security_group", "aws_default_security_group"):
        ingress = attributes.get("ingress")
        rules = ingress if isinstance(ingress, list) else []
    else:
        return []
    return [_what_it_lets_in(rule) for rule in rules if isinstance(rule, dict) and _is_open(rule)]


def _what_it_lets_in(rule: dict[str, JsonValue]) -> JsonValue:
    ports: list[JsonValue] = [rule.get("from_port"), rule.get("to_port")]
    return [*sorted(_wide(rule)), *ports, rule.get("ip_protocol") or rule.get("protocol")]


def _is_open(rule: dict[str, JsonValue]) -> bool:
    return next(_wide(rule), None) is not None


def _wide(rule: dict[str, JsonValue]) -> Iterator[str]:
    for name in _RANGES:
        value = rule.get(name)
        ranges = value if isinstance(value, list) else [value]
        yield from (one for one in ranges if isinstance(one, str) and one.endswith("/0"))


def _permission(resource: PlannedResource, plan: PlanDocument) -> Danger | None:
    if resource.type not in PERMISSIONS:
        return None
    names = resource.change.old.keys() | resource.change.new.keys()
    changed = {name for name in names if resource.change.differs(name)}
    if resource.action == "update" and changed <= _NO_PERMISSION:
        return None
    if resource.action == "create" and _is_part_of_something_new(resource, plan):
        return None
    return _danger("permissions", resource, "changes who may do what")


def _is_part_of_something_new(resource: PlannedResource, plan: PlanDocument) -> bool:
    """Say whether a permission comes with what it is for, which nobody uses yet."""
    change = resource.change
    if resource.type in _ALONE or any(change.is_unknown(name) for name in _SUBJECTS):
        return True
    subjects = {change.new[name] for name in _SUBJECTS if isinstance(change.new.get(name), str)}
    made = (other.change.new for other in plan.changed if other.action == "create")
    return any(one.get(name) in subjects for one in made for name in ("name", "bucket"))


def _forced(resource: PlannedResource) -> str:
    names = sorted({str(path[0]) for path in resource.change.replace_paths if path})
    return f" (forced by {', '.join(names)})" if names and resource.action == "replace" else ""


def _danger(kind: DangerKind, resource: PlannedResource, what: str) -> Danger:
    return Danger(kind=kind, address=resource.address, what=what)


_RULES: Final[tuple[Rule, ...]] = (_loss, _engine, _safeguard, _open_to_all, _permission)
