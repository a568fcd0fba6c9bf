"""The story of a look for drift: everything is compared, nothing is held or changed."""

from typing import Any

import pytest

from delightful.agreement import Finding, Standing
from delightful.drift import Drifted
from delightful.errors import DeployFailed, Refused
from delightful.release import ReleaseState
from flows import drift as story
from flows.deploy import deploy
from flows.drift import drift
from tests.delightful.samples import START, commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import OWNER, broken, request_for

ALARM = Finding(subject="alarm", standing=Standing.DRIFTED, detail="threshold", next_step="mend it")


@pytest.fixture(autouse=True)
def shown(monkeypatch: pytest.MonkeyPatch, told_plainly: None) -> list[dict[str, Any]]:
    """Return the artifacts that are shown."""
    artifacts: list[dict[str, Any]] = []

    def show(markdown: str, **more: str) -> None:
        artifacts.append({"markdown": markdown, **more})

    monkeypatch.setattr(story, "create_markdown_artifact", show)
    return artifacts


def looked() -> list[Finding]:
    """Look for drift."""
    return drift(service="api", environment="sandbox")


def test_finds_nothing_where_all_is_as_it_was_left(
    cloud: FakeCloud, shown: list[dict[str, Any]]
) -> None:
    """Every subject agrees, is shown, and nothing was done."""
    cloud.serve(1)
    found = looked()
    assert {one.standing for one in found} == {Standing.AGREES}
    assert found[-1].subject == "infrastructure"
    assert cloud.effects == []
    assert shown[0]["key"] == "drift-api-sandbox"
    assert shown[0]["description"] == f"all {len(found)} subjects agree"


def test_says_what_has_drifted_in_one_line_with_a_stable_code(
    cloud: FakeCloud, shown: list[dict[str, Any]]
) -> None:
    """Terraform's drift and the live system's are one list, which the artifact shows too."""
    cloud.serve(1)
    cloud.images.clear()
    cloud.drifted = (ALARM,)
    with pytest.raises(Drifted) as drifted:
        looked()
    assert (drifted.value.code, drifted.value.exit_code) == ("E_DRIFT", 1)
    assert str(drifted.value).endswith(
        "2 of 11 subjects do not agree: registry drifted, alarm drifted "
        f"→ delightful build --commit {commit(1)}, where it can be built; mend it"
    )
    assert "| alarm | drifted | threshold | mend it |" in shown[0]["markdown"]
    assert cloud.effects == []


def test_compares_with_the_good_release_after_a_failed_one(cloud: FakeCloud, source: str) -> None:
    """What was put back is what the good release had: no drift is left of the failure."""
    cloud.serve(1)
    cloud.wrong.add(commit(2))
    wanted: dict[str, Any] = {"commit": commit(2), "history": [commit(2), commit(1)]}
    with pytest.raises(DeployFailed):
        deploy(service="api", environment="sandbox", source=source, **wanted)
    assert {one.standing for one in looked()} == {Standing.AGREES}


def test_what_terraform_cannot_compare_is_no_pass(cloud: FakeCloud) -> None:
    """A plan that fails leaves the live system looked at, and another exit code."""
    cloud.serve(1)
    cloud.failures["plan drift"] = [broken("the provider is gone")]
    with pytest.raises(Drifted) as drifted:
        looked()
    assert (drifted.value.code, drifted.value.exit_code) == ("E_UNSEEN", 6)
    assert "infrastructure unknown" in str(drifted.value)


def test_refuses_while_an_attempt_is_at_work(cloud: FakeCloud) -> None:
    """Whoever changes the service now makes every comparison worthless."""
    cloud.serve(1)
    opened = cloud.ledger("api").open_attempt(request_for(2), OWNER, START)
    with pytest.raises(Refused, match=opened.release_id) as refused:
        looked()
    assert refused.value.code == "E_IN_PROGRESS"


def test_refuses_what_was_changed_in_the_meantime(
    cloud: FakeCloud, shown: list[dict[str, Any]]
) -> None:
    """An attempt that began or ended while it was looked is seen before anything is said."""
    cloud.serve(1)

    def meanwhile() -> None:
        opened = cloud.ledger("api").open_attempt(request_for(2), OWNER, START)
        cloud.ledger("api").record(opened.moved_to(ReleaseState.FAILED, START))

    cloud.between["plan drift"] = meanwhile
    with pytest.raises(Refused):
        looked()
    assert shown == []


def test_looks_at_what_a_dead_run_left(cloud: FakeCloud) -> None:
    """An open attempt that nobody works on is a finding, and no reason to look away."""
    cloud.serve(1)
    ledger = cloud.ledger("api")
    ledger.let_go(ledger.open_attempt(request_for(2), OWNER, START))
    with pytest.raises(Drifted, match="attempt drifted"):
        looked()


def test_a_good_release_that_the_ledger_lost_is_a_finding(cloud: FakeCloud) -> None:
    """There is nothing to compare Terraform with then, and that is said aloud."""
    cloud.serve(1)
    table = cloud.ledger("api")._memory
    for stream, item in list(table.items):
        if item.endswith("000001"):
            del table.items[stream, item]
    with pytest.raises(Drifted, match="ledger drifted"):
        looked()


def test_before_the_first_release_there_is_nothing_to_compare(cloud: FakeCloud) -> None:
    """No state, no service and no release agree with each other."""
    assert {one.standing for one in looked()} == {Standing.AGREES}
