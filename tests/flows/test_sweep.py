"""The story of a sweep: what nobody can want back goes, and nothing else."""

import pytest

from delightful.errors import DeployFailed, Refused
from delightful.release import ReleaseState
from delightful.retention import Retention
from flows.deploy import deploy
from flows.rollback import rollback
from flows.sweep import sweep
from tests.delightful.samples import START, commit
from tests.flows.fakes import OWNER, FakeCloud, broken, request_for

pytestmark = pytest.mark.usefixtures("told_plainly")


def swept(*, dry_run: bool = False) -> dict[str, Retention]:
    """Sweep; return what became of each revision, by its number."""
    found = sweep(service="api", environment="sandbox", dry_run=dry_run)
    return {one.revision.arn.rpartition(":")[2]: one for one in found}


def deployed(source: str, number: int) -> None:
    """Deploy the commit of a number."""
    history = [commit(earlier) for earlier in range(number, 0, -1)]
    deploy(
        service="api",
        environment="sandbox",
        commit=commit(number),
        source=source,
        history=history,
    )


def failed(cloud: FakeCloud, source: str, number: int) -> None:
    """Deploy a commit that answers wrongly, and let it be put back."""
    cloud.wrong.add(commit(number))
    with pytest.raises(DeployFailed):
        deployed(source, number)


def test_takes_what_a_failed_deploy_left(cloud: FakeCloud, source: str) -> None:
    """Of a good, a failed and a live release only the failed one's revision goes."""
    cloud.serve(1)
    failed(cloud, source, 2)
    deployed(source, 3)
    cloud.effects.clear()
    found = swept()
    assert {number: one.stays for number, one in found.items()} == {
        "1": True,
        "2": False,
        # Put back after the failure: the inputs of release 1, applied outside of any attempt.
        "3": True,
        "4": True,
    }
    assert found["2"].reason == "api-sandbox-000002 ended ROLLED_BACK"
    assert found["3"].reason == "no release of the ledger holds it"
    assert cloud.effects == ["remove arn:task/api:2"]


def test_way_back_is_open_after_a_sweep(cloud: FakeCloud, source: str) -> None:
    """A rollback finds the earlier release as it was, content and all."""
    cloud.serve(1)
    deployed(source, 2)
    assert all(one.stays for one in swept().values())
    release = rollback(
        service="api", environment="sandbox", release="previous", reason="wrong colour"
    )
    assert release.state is ReleaseState.GOOD
    assert cloud.serving_commit() == commit(1)


def test_takes_all_once_the_service_is_gone(cloud: FakeCloud, source: str) -> None:
    """After a destroy there is nothing to roll back, whatever was good."""
    cloud.serve(1)
    deployed(source, 2)
    cloud.primary = None
    assert {one.reason for one in swept().values()} == {"the service is gone"}
    assert cloud.definitions == {}
    assert swept() == {}


def test_dry_run_says_the_same_and_removes_nothing(cloud: FakeCloud, source: str) -> None:
    """What would go is what goes."""
    cloud.serve(1)
    failed(cloud, source, 2)
    cloud.effects.clear()
    said = swept(dry_run=True)
    assert cloud.effects == []
    assert said == swept()
    assert cloud.effects == ["remove arn:task/api:2"]


def test_refuses_while_an_attempt_is_in_progress(cloud: FakeCloud, source: str) -> None:
    """Nobody knows yet what it leaves: nothing goes, also where the service is not there."""
    cloud.serve(1)
    failed(cloud, source, 2)
    held = cloud.ledger("api").open_attempt(request_for(3), OWNER, START)
    cloud.effects.clear()
    for primary in (cloud.primary, None):
        cloud.primary = primary
        with pytest.raises(Refused, match=held.release_id) as refused:
            swept()
        assert refused.value.code == "E_IN_PROGRESS"
    assert cloud.effects == []


def test_removes_nothing_where_an_attempt_begins_in_the_meantime(
    cloud: FakeCloud, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger is asked again before the first revision goes."""
    cloud.serve(1)
    failed(cloud, source, 2)
    cloud.effects.clear()
    definitions = cloud.task_definitions("api")
    looked = definitions.use

    def meanwhile() -> object:
        cloud.ledger("api").open_attempt(request_for(3), OWNER, START)
        return looked()

    monkeypatch.setattr(definitions, "use", meanwhile)
    monkeypatch.setattr(cloud, "task_definitions", lambda service: definitions)
    with pytest.raises(Refused):
        swept()
    assert cloud.effects == []


def test_removes_nothing_where_it_cannot_see_the_service(cloud: FakeCloud) -> None:
    """Not seen is not gone."""
    cloud.serve(1)
    cloud.failures["look at service"] = [broken("not authorized")]
    with pytest.raises(Exception, match="not authorized"):
        swept()
    assert cloud.effects == []


def test_looks_at_every_attempt_there_was(cloud: FakeCloud, source: str) -> None:
    """What an old failure left is known however many attempts came after it."""
    cloud.serve(1)
    failed(cloud, source, 2)
    ledger = cloud.ledger("api")
    for _ in range(60):
        opened = ledger.open_attempt(request_for(3), OWNER, START)
        ledger.record(opened.moved_to(ReleaseState.FAILED, START))
    assert not swept()["2"].stays
