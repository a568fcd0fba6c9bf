"""The story of a sweep: what nobody can want back goes, and nothing else."""

import pytest

from delightful.errors import DeployFailed, Refused
from delightful.release import ReleaseState
from delightful.retention import Retention
from flows.deploy import deploy
from flows.rollback import rollback
from flows.sweep import sweep
from tests.delightful.samples import START, commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import OWNER, broken, request_for

pytestmark = pytest.mark.usefixtures("told_plainly")


def swept(*, dry_run: bool = False) -> dict[str, Retention]:
    """Sweep; return what became of each revision, by its number."""
    found = sweep(service="api", environment="sandbox", dry_run=dry_run)
    return {one.revision.arn.rpartition(":")[2]: one for one in found.revisions}


def images_swept(*, dry_run: bool = False) -> dict[str, str]:
    """Sweep the images too; return why each stays, or that it goes, by its commit's number."""
    found = sweep(service="api", environment="sandbox", dry_run=dry_run, images=True)
    told = {one.image.tags[0]: one.reason if one.stays else "goes" for one in found.images}
    return {str(int(tag, 16)): reason for tag, reason in told.items()}


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


def test_takes_the_image_of_a_failed_deploy(cloud: FakeCloud, source: str) -> None:
    """What was good is never touched; the way back works as before."""
    cloud.serve(1)
    failed(cloud, source, 2)
    assert (
        images_swept(dry_run=True)["2"]
        == "api-sandbox-000002 ended ROLLED_BACK and may still serve"
    )
    deployed(source, 3)
    cloud.effects.clear()
    assert images_swept() == {
        "1": "api-sandbox-000001 was good",
        "2": "goes",
        "3": "api-sandbox-000003 was good",
    }
    assert f"remove {commit(2)}" in cloud.effects
    assert set(cloud.images) == {commit(1), commit(3)}
    back = rollback(service="api", environment="sandbox", reason="wrong colour")
    assert (back.state, cloud.serving_commit()) == (ReleaseState.GOOD, commit(1))


def test_leaves_images_alone_unless_asked(cloud: FakeCloud, source: str) -> None:
    """A sweep of revisions does not even look at the repository."""
    cloud.serve(1)
    cloud.failures["look at images"] = [broken("not authorized")]
    assert sweep(service="api", environment="sandbox").images == ()


def test_leaves_an_image_that_another_environment_wants_back(cloud: FakeCloud, source: str) -> None:
    """One that failed here and was good there stays, and so does one that is on its way there."""
    cloud.serve(1)
    failed(cloud, source, 2)
    failed(cloud, source, 3)
    deployed(source, 4)
    ledger = cloud.ledger("api")
    for number, end in ((2, "GOOD"), (3, "PENDING")):
        there = request_for(number).model_copy(update={"environment": "production"})
        release = ledger.open_attempt(there, OWNER, START)
        for state in ("BUILT", "APPLIED", "LIVE", "GOOD") if end == "GOOD" else ():
            release = release.moved_to(ReleaseState(state), START)
            ledger.record(release)
    assert images_swept() == {
        "1": "api-sandbox-000001 was good",
        "2": "api-production-000001 was good",
        "3": "api-production-000002 is in progress",
        "4": "api-sandbox-000004 was good",
    }


def test_decides_nothing_by_a_ledger_that_lacks_an_attempt(cloud: FakeCloud, source: str) -> None:
    """The one that is missing may be the one that was good."""
    cloud.serve(1)
    failed(cloud, source, 2)
    deployed(source, 3)
    del cloud.ledger("api")._memory.items["api/sandbox", "release#000000000001"]
    cloud.effects.clear()
    with pytest.raises(Refused, match="lacks 1 of 3 attempts, number 1 first") as refused:
        images_swept()
    assert refused.value.code == "E_LEDGER_GAP"
    assert cloud.effects == []


def test_leaves_an_image_that_is_wanted_again_in_the_meantime(
    cloud: FakeCloud, source: str
) -> None:
    """Looked at once more before anything is deleted."""
    cloud.serve(1)
    failed(cloud, source, 2)
    deployed(source, 3)

    def meanwhile() -> None:
        cloud.ledger("api").open_attempt(request_for(2), OWNER, START)

    cloud.between["remove arn:task/api:2"] = meanwhile
    images_swept()
    assert commit(2) in cloud.images
