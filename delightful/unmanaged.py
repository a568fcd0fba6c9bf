"""What hangs on a resource of the stack and is said by none: rules let in, policies attached.

Terraform plans nothing for it: rules and policies are resources of their own here, and whoever adds
one by hand touches none of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from delightful.plan_attributes import shown_value
from delightful.reading.plan import PlanDocument, PlannedResource

_GROUP: Final = "aws_security_group"
_DIRECTIONS: Final = {
    "ingress": "aws_vpc_security_group_ingress_rule",
    "egress": "aws_vpc_security_group_egress_rule",
}
_LISTED: Final = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")
_SINGLE: Final = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")
_ALL: Final = "-1"

Attributes = Mapping[str, JsonValue]
# protocol, first and last port, and where it comes from or goes to
Rule = tuple[str, str, str]


def unmanaged(plan: PlanDocument) -> Iterator[tuple[str, str]]:
    """Yield address and words for each thing that somebody added, in address order."""
    for resource in sorted(plan.managed, key=lambda one: one.address):
        if resource.type == _GROUP:
            for rule in _added_rules(resource, plan):
                yield resource.address, rule
        elif resource.type == "aws_iam_role":
            for policy in _added_policies(resource, plan):
                yield resource.address, policy


def _added_rules(group: PlannedResource, plan: PlanDocument) -> Iterator[str]:
    own = str(group.change.old.get("id"))
    for direction, kind in _DIRECTIONS.items():
        rules = [one.change.old for one in _of_type(plan, kind)]
        said = {rule for one in rules if one.get("security_group_id") == own for rule in _one(one)}
        there = {rule for one in _dicts(group, direction) for rule in _listed(one, own)}
        for rule in sorted(there - said):
            yield f"{direction} {' '.join(rule)}"


def _listed(rule: Attributes, own: str) -> Iterator[Rule]:
    for name in _LISTED:
        for place in _texts(rule.get(name)):
            yield (*_protocol(rule, "protocol"), _place(place))
    if rule.get("self") is True:
        yield (*_protocol(rule, "protocol"), own)


def _one(rule: Attributes) -> Iterator[Rule]:
    for name in _SINGLE:
        place = rule.get(name)
        if isinstance(place, str) and place:
            yield (*_protocol(rule, "ip_protocol"), _place(place))


def _protocol(rule: Attributes, name: str) -> tuple[str, str]:
    protocol = shown_value(rule.get(name)) or "?"
    if protocol == _ALL:
        return "all", "all ports"
    ports = [shown_value(rule.get(port)) or "?" for port in ("from_port", "to_port")]
    return protocol, ports[0] if ports[0] == ports[1] else "-".join(ports)


def _place(text: str) -> str:
    # A group of another account is written with the account before it.
    return shown_value(text if "." in text or ":" in text else text.rpartition("/")[2]) or "?"


def _added_policies(role: PlannedResource, plan: PlanDocument) -> Iterator[str]:
    now, name = role.change.old, role.change.old.get("name")
    attached = _values(plan, "aws_iam_role_policy_attachment", "policy_arn", name)
    inline = _values(plan, "aws_iam_role_policy", "name", name)
    for arn in _texts(now.get("managed_policy_arns")):
        if arn not in attached:
            yield f"policy {shown_value(arn.rpartition(':')[2]) or '?'}"
    for policy in _dicts(role, "inline_policy"):
        if policy.get("name") and policy["name"] not in inline:
            yield f"inline policy {shown_value(policy['name']) or '?'}"


def _values(plan: PlanDocument, kind: str, name: str, role: JsonValue) -> set[JsonValue]:
    found = [one.change.old for one in _of_type(plan, kind)]
    return {str(one.get(name)) for one in found if one.get("role") == role}


def _of_type(plan: PlanDocument, kind: str) -> Iterable[PlannedResource]:
    return (one for one in plan.managed if one.type == kind)


def _dicts(resource: PlannedResource, name: str) -> Iterable[Attributes]:
    found = resource.change.old.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _texts(value: JsonValue) -> list[str]:
    return sorted(one for one in value if isinstance(one, str)) if isinstance(value, list) else []
