"""A pre-flight tells held, broken and unseen apart, and says what it saw."""

import pytest

from delightful import preflight
from delightful.preflight import Capacity
from tests.delightful.samples import commit, image, release

ROOM = Capacity(desired_count=4, task_vcpu=0.5, free_addresses=4, vcpu_quota=4.0)


def test_an_image_that_is_not_there_is_broken_only_where_nobody_builds() -> None:
    """Where the deploy builds the image, its absence says nothing yet."""
    found = image(1)
    assert preflight.image_check(found, found.tag, is_built_here=False).ok is True
    assert preflight.image_check(None, commit(1), is_built_here=True).ok is None
    missing = preflight.image_check(None, commit(1), is_built_here=False)
    assert (missing.ok, commit(1) in missing.detail) == (False, True)


def test_missing_secrets_are_named() -> None:
    """What is missing is what somebody has to make."""
    assert preflight.secrets_check([], []).ok is True
    seen = preflight.secrets_check(["arn:a", "arn:b"], ["arn:b"])
    assert (seen.ok, seen.detail) == (False, "missing: arn:b")


def test_whoever_holds_something_is_named() -> None:
    """A lock of Terraform and an open attempt both stand in the way, and both are told."""
    assert preflight.lock_check(None, None).ok is True
    seen = preflight.lock_check("ann@host for OperationTypeApply", "api-staging-000007")
    assert seen.ok is False
    assert "ann@host" in seen.detail
    assert "api-staging-000007" in seen.detail


def test_ports_have_to_agree() -> None:
    """Another port than the container's would make every new task unhealthy."""
    assert preflight.port_check(8000, 8000).ok is True
    assert preflight.port_check(8080, 8000).ok is False


def test_a_log_group_and_roles_are_looked_at() -> None:
    """Without either, no task starts."""
    assert preflight.log_group_check("/a", is_there=True).ok is True
    assert preflight.log_group_check("/a", is_there=False).ok is False
    assert preflight.roles_check(()).ok is True
    assert preflight.roles_check(["arn:role is not there"]).detail == "arn:role is not there"


def test_the_way_back_needs_the_very_image_that_ran() -> None:
    """A tag that is gone, or that names another image, is no way back."""
    good = release(1)
    assert preflight.way_back_check(good, good.image).ok is True
    assert preflight.way_back_check(good, image(2)).ok is False
    assert preflight.way_back_check(good, None).ok is False


@pytest.mark.parametrize(("free", "ok"), [(4, True), (3, False)])
def test_both_versions_need_addresses(free: int, ok: bool) -> None:
    """As many addresses as the service has tasks must be free beside those in use."""
    assert preflight.address_check(ROOM.model_copy(update={"free_addresses": free})).ok is ok


@pytest.mark.parametrize(("quota", "ok"), [(4.0, True), (3.9, False), (None, None)])
def test_both_versions_count_against_the_quota(quota: float | None, ok: bool | None) -> None:
    """Twice the tasks, and no word where the quota is hidden."""
    assert preflight.quota_check(ROOM.model_copy(update={"vcpu_quota": quota})).ok is ok
