"""What a person must have seen before it is applied, and what goes on by itself."""

from typing import Any

import pytest

from delightful.plan import plan_summary
from delightful.plan_policy import dangers_of, destroyed_data
from delightful.plan_types import HOLDS_DATA, REPLACEABLE, SERVES_TRAFFIC
from tests.delightful.plan_samples import plan_of, planned

INGRESS = "aws_vpc_security_group_ingress_rule"
WORLD = {"cidr_ipv4": "0.0.0.0/0", "from_port": 80, "to_port": 80, "ip_protocol": "tcp"}
PRIVATE = {**WORLD, "cidr_ipv4": "10.0.0.0/8"}


def kinds(*resources: dict[str, Any]) -> list[str]:
    """Return the kinds of danger in a plan."""
    return [danger.kind for danger in dangers_of(plan_of(*resources))]


@pytest.mark.parametrize("action", ["delete", "replace"])
@pytest.mark.parametrize(("types", "kind"), [(HOLDS_DATA, "data"), (SERVES_TRAFFIC, "traffic")])
def test_losing_data_or_traffic_is_dangerous(action: str, types: frozenset[str], kind: str) -> None:
    """To delete or replace what holds data or carries traffic wants a second look."""
    for one in types:
        assert kinds(planned(one, action)) == [kind]


@pytest.mark.parametrize("kind", sorted(REPLACEABLE))
def test_what_every_release_replaces_is_not_dangerous(kind: str) -> None:
    """A new task definition revision must not ask for approval at every deploy."""
    assert kinds(planned(kind, "replace"), planned(kind, "delete")) == []


def test_deleting_what_nobody_thought_of_is_dangerous() -> None:
    """A type that is not known to be harmless is not taken for harmless."""
    assert kinds(planned("aws_quantum_store", "delete")) == ["unknown"]


def test_new_and_changed_things_are_not_dangerous_by_themselves() -> None:
    """A first deploy, and a change of sizes, need nobody."""
    new = [planned(kind, "create") for kind in sorted(HOLDS_DATA | SERVES_TRAFFIC)]
    size = planned("aws_db_instance", "update", {"multi_az": False}, {"multi_az": True})
    assert kinds(*new, size) == []


def test_a_replacement_says_what_forces_it() -> None:
    """Who is asked reads why the old one goes."""
    resource = planned("aws_db_instance", "replace", replace_paths=[["db_name"], ["username", 0]])
    (danger,) = dangers_of(plan_of(resource))
    assert danger.what == "replaces what holds data (forced by db_name, username)"


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("16.3", "15.8", "earlier"),
        ("16.3", "16.1", "earlier"),
        ("16", "15", "earlier"),
        ("16.3", "17.1", "major"),
        ("8.0.35", "latest", "not known"),
        ("16.3", "16.4", None),
        ("16.3", "16", None),
    ],
)
def test_versions_of_an_engine(before: str, after: str, says: str | None) -> None:
    """Back is dangerous, a new major version too; a minor upgrade is not."""
    sides = ({"engine_version": before}, {"engine_version": after})
    found = dangers_of(plan_of(planned("aws_db_instance", "update", *sides)))
    assert [says in danger.what for danger in found] == ([True] if says else [])


def test_another_engine_is_dangerous() -> None:
    """T04: the data does not come along by itself."""
    sides = ({"engine": "mysql"}, {"engine": "postgres"})
    assert kinds(planned("aws_db_instance", "update", *sides)) == ["engine"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, WORLD),
        (PRIVATE, WORLD),
        (WORLD, {**WORLD, "to_port": 65535}),
        (PRIVATE, {**PRIVATE, "cidr_ipv4": None, "cidr_ipv6": "::/0"}),
    ],
)
def test_opening_to_the_internet_is_dangerous(
    before: dict[str, Any] | None, after: dict[str, Any]
) -> None:
    """T04: to everybody, or more to everybody than before."""
    action = "update" if before else "create"
    assert kinds(planned(INGRESS, action, before, after)) == ["network"]


def test_opening_in_the_older_forms_is_dangerous() -> None:
    """Rules inside of a group, and the older resource for one, count as well."""
    rule = {"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}
    group = planned("aws_security_group", "update", {"ingress": []}, {"ingress": [rule]})
    single = planned("aws_security_group_rule", "create", None, {**rule, "type": "ingress"})
    outward = planned("aws_security_group_rule", "create", None, {**rule, "type": "egress"})
    assert kinds(group) == kinds(single) == ["network"]
    assert kinds(outward) == []


def test_what_is_open_already_or_to_few_is_not_dangerous() -> None:
    """A tag on an open rule opens nothing; neither does a private range."""
    tagged = planned(INGRESS, "update", WORLD, {**WORLD, "tags": {"a": "b"}})
    assert kinds(tagged) == []
    assert kinds(planned(INGRESS, "create", None, PRIVATE)) == []
    unknown = planned(INGRESS, "create", None, {}, after_unknown={"cidr_ipv4": True})
    assert kinds(unknown) == ["network"]


def test_permissions_that_change_are_dangerous() -> None:
    """T04: who may do what is not changed by the way."""
    policy = planned("aws_iam_role_policy", "update", {"policy": "a"}, {"policy": "b"})
    trust = planned("aws_iam_role", "update", {"assume_role_policy": "a"}, {})
    gone = planned("aws_iam_role_policy_attachment", "delete")
    more = planned("aws_iam_role_policy", "create", None, {"role": "existing"})
    assert kinds(policy) == kinds(trust) == kinds(gone) == kinds(more) == ["permissions"]
    tags = planned("aws_iam_role", "update", {"tags": {}}, {"tags": {"a": "b"}})
    assert kinds(tags) == []


def test_permissions_of_a_new_role_come_with_it() -> None:
    """The first deploy of a service makes its roles, which nobody holds yet."""
    by_id = planned("aws_iam_role_policy", "create", None, {}, after_unknown={"role": True})
    by_name = planned("aws_iam_role_policy", "create", None, {"role": "task"})
    role = planned("aws_iam_role", "create", None, {"name": "task"})
    assert kinds(role, by_id) == kinds(role, by_name) == []
    another = planned("aws_iam_role", "create", None, {"name": "another"})
    assert kinds(another, by_name) == ["permissions"]


def test_taking_a_safeguard_away_is_dangerous() -> None:
    """The protection goes first, the database after it."""
    sides = ({"deletion_protection": True}, {"deletion_protection": False})
    assert kinds(planned("aws_db_instance", "update", *sides)) == ["safeguard"]
    sides = ({"enable_deletion_protection": True}, {"enable_deletion_protection": False})
    assert kinds(planned("aws_lb", "update", *sides)) == ["safeguard"]
    backups = ({"backup_retention_period": 7}, {"backup_retention_period": 0})
    assert kinds(planned("aws_db_instance", "update", *backups)) == ["safeguard"]


def test_lost_data_is_told_from_other_dangers() -> None:
    """A way back is held to this one only."""
    plan = plan_of(planned("aws_lb", "delete"), planned("aws_s3_bucket", "delete"))
    assert [one.address for one in destroyed_data(plan_summary(plan))] == ["aws_s3_bucket.this"]
