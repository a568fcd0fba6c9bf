"""What a plan with refresh tells of drift: whose change it is, and whose not."""

import json
from typing import Any

import pytest

from delightful.agreement import Finding
from delightful.drift import infrastructure_findings
from delightful.errors import ExternalError
from delightful.reading.plan import PlanDocument, read_plan
from tests.delightful.plan_samples import document, planned

ALARM = "aws_cloudwatch_metric_alarm"
GROUP = "aws_security_group"
RULE = "aws_vpc_security_group_ingress_rule"
CANARY = "canary-9b1deb4d"


def found(*resources: dict[str, Any], drift: tuple[dict[str, Any], ...] = ()) -> list[Finding]:
    """Return the findings of a plan."""
    return list(infrastructure_findings(plan(*resources, drift=drift)))


def plan(*resources: dict[str, Any], drift: tuple[dict[str, Any], ...] = ()) -> PlanDocument:
    """Return a plan with what changed outside of Terraform."""
    return read_plan(document(*resources, resource_drift=list(drift)))


def same(kind: str, **attributes: Any) -> dict[str, Any]:
    """Return a resource that nothing becomes of."""
    return planned(kind, "nothing", attributes, attributes)


def test_says_how_many_resources_are_as_they_were_left() -> None:
    """Nothing found proves that something was looked at."""
    (one,) = found(same(ALARM), same("aws_lb"))
    assert (one.standing, one.detail) == ("agrees", "2 resources are as Terraform has them")


def test_a_plan_without_resources_compared_nothing() -> None:
    """An empty state is no proof of anything."""
    (one,) = found()
    assert one.standing == "unknown"


def test_names_value_before_and_after_of_what_was_changed_by_hand() -> None:
    """The value that is there comes first, then the one that Terraform has."""
    change = planned(ALARM, "update", {"threshold": 99}, {"threshold": 5})
    by_hand = planned(ALARM, "update", {"threshold": 5}, {"threshold": 99})
    (one,) = found(change, drift=(by_hand,))
    assert one.standing == "drifted"
    assert one.subject == f"{ALARM}.this"
    assert one.detail == "changed outside of Terraform: threshold is 99, Terraform has 5"


def test_names_what_was_deleted_by_hand() -> None:
    """What Terraform would make again was deleted outside of it."""
    (one,) = found(planned(ALARM, "create"), drift=(planned(ALARM, "delete"),))
    assert one.detail == "deleted outside of Terraform"


def test_tells_a_change_of_infrastructure_from_one_by_hand() -> None:
    """Where nothing changed outside, the code or its inputs say something else by now."""
    (one,) = found(planned(ALARM, "update", {"threshold": 5}, {"threshold": 6}))
    assert one.detail == "infrastructure/ or its inputs say otherwise by now: to update (threshold)"


@pytest.mark.parametrize(
    ("controller", "attribute", "names"),
    [
        ("CODE_DEPLOY", "task_definition", 0),
        ("CODE_DEPLOY", "desired_count", 0),
        ("CODE_DEPLOY", "load_balancer", 0),
        ("CODE_DEPLOY", "network_configuration", 0),
        ("ECS", "task_definition", 0),
        ("ECS", "desired_count", 0),
        ("ECS", "load_balancer", 1),
        ("ECS", "network_configuration", 1),
    ],
)
def test_knows_what_the_engine_and_the_autoscaler_own(
    controller: str, attribute: str, names: int
) -> None:
    """What they change all the time is no drift; what nobody owns is."""
    by = {"deployment_controller": [{"type": controller}]}
    changed = planned("aws_ecs_service", "update", by | {attribute: 1}, by | {attribute: 2})
    (one,) = found(same("aws_ecs_service", **by), drift=(changed,))
    assert (one.standing == "drifted") is bool(names)
    assert (attribute in one.detail) is bool(names)


def test_what_aws_counts_up_by_itself_is_no_drift() -> None:
    """A computed attribute that moved is in nobody's way: Terraform plans nothing for it."""
    moved = planned("aws_lb_target_group", "update", {"arns": []}, {"arns": ["arn:lb"]})
    (one,) = found(same("aws_lb_target_group"), drift=(moved,))
    assert one.standing == "agrees"


def _listed(**rule: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"cidr_blocks": [], "security_groups": [], "self": False}
    return empty | {"protocol": "tcp", "from_port": 443, "to_port": 443} | rule


def test_names_the_rule_that_no_resource_says() -> None:
    """Who lets somebody in by hand touches no resource of the stack."""
    ingress = [
        _listed(cidr_blocks=["10.0.0.0/8"]),
        _listed(security_groups=["123456789012/sg-2"], from_port=1, to_port=65535),
        _listed(self=True),
        _listed(cidr_blocks=["0.0.0.0/0"], protocol="-1", from_port=0, to_port=0),
    ]
    said = {"security_group_id": "sg-1", "ip_protocol": "tcp"}
    ports = {"from_port": 443, "to_port": 443}
    rules = [
        said | ports | {"cidr_ipv4": "10.0.0.0/8"},
        said | {"from_port": 1, "to_port": 65535, "referenced_security_group_id": "sg-2"},
        said | ports | {"referenced_security_group_id": "sg-1"},
        # Another group's rule says nothing of this one.
        {"security_group_id": "sg-9", "ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0"},
    ]
    group = same(GROUP, id="sg-1", ingress=ingress, egress=[])
    resources = [same(RULE, **one) | {"address": f"{RULE}.n{n}"} for n, one in enumerate(rules)]
    (one,) = found(group, *resources)
    assert one.subject == f"{GROUP}.this"
    assert one.detail.endswith("no resource of the stack says: ingress all all ports 0.0.0.0/0")


def test_names_the_policy_that_no_resource_attaches() -> None:
    """An administrator's policy on the service's own role is named, by its name alone."""
    role = same(
        "aws_iam_role",
        name="api-sandbox-task",
        managed_policy_arns=[
            "arn:aws:iam::aws:policy/AdministratorAccess",
            "arn:aws:iam::1:p/ours",
        ],
        inline_policy=[{"name": "ours", "policy": CANARY}, {"name": "theirs", "policy": CANARY}],
    )
    ours = {"role": "api-sandbox-task"}
    attached = same("aws_iam_role_policy_attachment", policy_arn="arn:aws:iam::1:p/ours", **ours)
    inline = same("aws_iam_role_policy", name="ours", **ours)
    details = [one.detail for one in found(role, attached, inline)]
    assert [one.partition(": ")[2] for one in details] == [
        "policy policy/AdministratorAccess",
        "inline policy theirs",
    ]
    assert CANARY not in json.dumps(details)


def test_no_value_is_shown_that_a_plan_would_not_show() -> None:
    """Attributes whose values are nobody's business are named, and no more."""
    old, new = {"policy": CANARY}, {"policy": "other"}
    change = planned("aws_iam_role_policy", "update", old, new)
    by_hand = planned("aws_iam_role_policy", "update", new, old)
    (one,) = found(change, drift=(by_hand,))
    assert one.detail == "changed outside of Terraform: policy"


def test_an_action_that_nobody_knows_is_refused() -> None:
    """Drift in a shape that we do not know is not passed over."""
    changed = planned(ALARM, "update")
    changed["change"]["actions"] = ["melt"]
    with pytest.raises(ExternalError, match="E_PLAN_FORMAT"):
        plan(same(ALARM), drift=(changed,))
