"""The story of a rollback: which release, how it comes back, and what it refuses."""

import pytest
from prefect.client.orchestration import get_client

from delightful.errors import ConfigError, DeployFailed, Refused, RollbackFailed
from delightful.release import AttemptKind, ReleaseState, SchemaChange
from flows import publishing
from flows.attempts.attempt import rollback_request
from flows.publishing import artifacts_of, find_artifact, publish
from flows.rollback import rollback
from tests.delightful.samples import START, commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import OWNER, request_for
from tests.flows.test_deploy import deployed

plainly = pytest.mark.usefixtures("told_plainly")


@pytest.mark.sandbox
@pytest.mark.usefixtures("prefect_server")
def test_restores_an_earlier_release_by_its_artifact(cloud: FakeCloud, source: str) -> None:
    """The old release's image and exact inputs serve again, under a record of their own."""
    first = cloud.serve(1)
    publish(first)
    cloud.serve(2)
    release = rollback(
        service="api", environment="sandbox", release=find_artifact(first), reason="too slow"
    )
    assert release.state is ReleaseState.GOOD
    assert (release.kind, release.restores) == (AttemptKind.ROLLBACK, first.release_id)
    assert cloud.effects == [
        "apply",
        "create rollout",
        "proceed past ready",
        "proceed past termination",
    ]
    assert first.stack is not None
    assert cloud.applied == first.stack.variables
    assert cloud.serving_commit() == commit(1)
    assert release.verdict is not None
    assert {check.name for check in release.verdict.checks if check.ok} >= {
        "image",
        "traffic",
        "restored image",
        "restored task definition content",
        "restored inputs",
        "restored record",
    }
    assert cloud.ledger("api").head("api", "sandbox").good == release.release_id


@plainly
def test_asked_again_it_changes_nothing(cloud: FakeCloud) -> None:
    """The same request once more, while what it took back serves, answers the same record."""
    first = cloud.serve(1)
    cloud.serve(2)
    release = rollback("api", "sandbox", first.release_id, "too slow")
    cloud.effects.clear()
    assert rollback("api", "sandbox", first.release_id, "too slow") == release
    assert cloud.effects == []
    assert len(cloud.ledger("api").history("api", "sandbox")) == 3


@pytest.mark.sandbox
@pytest.mark.usefixtures("prefect_server")
def test_ledger_wins_over_an_artifact_that_somebody_changed(cloud: FakeCloud, source: str) -> None:
    """An artifact that tells another commit is ignored, and shown again as the ledger has it."""
    first = cloud.serve(1)
    publish(first)
    cloud.serve(2)
    artifact = find_artifact(first)
    found = next(one for one in artifacts_of("api", "sandbox") if str(one.id) == artifact)
    changed = str(found.data).replace(
        first.image.digest if first.image else "", "sha256:" + "f" * 64
    )
    with get_client(sync_client=True) as client:
        client._client.patch(f"/artifacts/{artifact}", json={"data": changed})
    before = len(artifacts_of("api", "sandbox"))
    dry = rollback(
        service="api", environment="sandbox", release=artifact, reason="check", dry_run=True
    )
    assert dry.image == first.image
    assert len(artifacts_of("api", "sandbox")) == before + 1


@plainly
def test_refuses_a_release_whose_image_is_gone(cloud: FakeCloud, source: str) -> None:
    """What could not run is refused before anything moves."""
    cloud.serve(1)
    cloud.serve(2)
    del cloud.images[commit(1)]
    with pytest.raises(Refused, match=r"no other good release works: deploy commit") as refused:
        rollback(service="api", environment="sandbox", reason="too slow")
    assert refused.value.code == "E_IMAGE_MISSING"
    assert cloud.effects == []
    assert cloud.ledger("api").head("api", "sandbox").frozen_reason is None


@plainly
def test_names_the_newest_release_that_works_where_an_image_is_gone(cloud: FakeCloud) -> None:
    """Neither one whose image is gone too, nor what serves: the newest of the others."""
    for number in range(1, 6):
        cloud.serve(number)
    for gone in (2, 4):
        del cloud.images[commit(gone)]
    for wanted in ("previous", "api-sandbox-000002"):
        with pytest.raises(Refused, match="go back to api-sandbox-000003, the newest that works"):
            rollback(service="api", environment="sandbox", release=wanted, reason="too slow")
    assert cloud.effects == []
    taken = rollback(
        service="api", environment="sandbox", release="api-sandbox-000003", reason="slow"
    )
    assert (taken.state, cloud.serving_commit()) == (ReleaseState.GOOD, commit(3))


@plainly
def test_names_no_release_whose_schema_is_gone(cloud: FakeCloud) -> None:
    """An image alone is no way back: behind a migration that destroys nothing works."""
    cloud.serve(1)
    cloud.serve(2, SchemaChange(tool="alembic", judgement="irreversible"))
    cloud.serve(3)
    cloud.serve(4)
    del cloud.images[commit(3)]
    with pytest.raises(Refused, match=r"E_IMAGE_MISSING .*go back to api-sandbox-000002"):
        rollback(service="api", environment="sandbox", reason="too slow")
    del cloud.images[commit(2)]
    with pytest.raises(Refused, match=r"E_IMAGE_MISSING .*no other good release works"):
        rollback(service="api", environment="sandbox", reason="too slow")
    with pytest.raises(Refused, match=r"E_MIGRATION .*no earlier release is safe"):
        rollback(
            service="api", environment="sandbox", release="api-sandbox-000001", reason="too slow"
        )


@plainly
def test_names_the_good_release_while_a_deploy_is_at_work(cloud: FakeCloud) -> None:
    """What was good before the open attempt is there to go back to."""
    cloud.serve(1)
    good = cloud.serve(2)
    cloud.ledger("api").open_attempt(request_for(3), OWNER, START)
    del cloud.images[commit(1)]
    with pytest.raises(Refused, match=f"go back to {good.release_id}"):
        rollback(
            service="api", environment="sandbox", release="api-sandbox-000001", reason="too slow"
        )


@plainly
def test_refuses_the_first_release_as_there_is_no_earlier_one(
    cloud: FakeCloud, source: str
) -> None:
    """Going back from the only release names what there is to go back to: none."""
    cloud.serve(1)
    with pytest.raises(ConfigError, match="allowed none") as refused:
        rollback(service="api", environment="sandbox", reason="too slow")
    assert refused.value.code == "E_TARGET"


@plainly
def test_stops_what_an_abandoned_deploy_left_moving(cloud: FakeCloud, source: str) -> None:
    """A deploy whose owner died in mid-rollout is closed ABORTED and its rollout stopped first."""
    cloud.serve(1)
    cloud.failures["proceed past ready"] = [RuntimeError("killed")]
    with pytest.raises(RuntimeError):
        deployed(source, 2)
    cloud.effects.clear()
    release = rollback(service="api", environment="sandbox", reason="it hangs")
    history = cloud.ledger("api").history("api", "sandbox")
    assert [one.state for one in history] == [
        ReleaseState.GOOD,
        ReleaseState.ABORTED,
        ReleaseState.GOOD,
    ]
    assert cloud.effects[0] == "stop rollout"
    assert release.commit == commit(1)
    assert cloud.serving_commit() == commit(1)


@plainly
def test_stops_a_deploy_that_is_at_work(cloud: FakeCloud, source: str) -> None:
    """A rollback waits for no deploy: that one ends ABORTED, and the good release is taken back."""
    cloud.serve(1)
    deploying = cloud.ledger("api").open_attempt(request_for(2), OWNER, START)
    release = rollback(service="api", environment="sandbox", reason="it hangs")
    stopped = cloud.ledger("api").get(deploying.release_id)
    assert stopped.state is ReleaseState.ABORTED
    assert (release.state, release.commit) == (ReleaseState.GOOD, commit(1))


@plainly
def test_refuses_while_another_rollback_is_at_work(cloud: FakeCloud, source: str) -> None:
    """Who rolls back already keeps the mutex, and is named."""
    first = cloud.serve(1)
    cloud.serve(2)
    other = rollback_request(first, "slow").model_copy(update={"restores": "api-sandbox-000000"})
    cloud.ledger("api").open_attempt(other, OWNER, START)
    with pytest.raises(Refused, match="process 1 on another") as refused:
        rollback(service="api", environment="sandbox", release=first.release_id, reason="it hangs")
    assert refused.value.code == "E_LOCKED"


@plainly
def test_freezes_deploys_until_somebody_thaws(cloud: FakeCloud, source: str) -> None:
    """After a rollback no push brings the bad commit back by itself."""
    cloud.serve(1)
    cloud.serve(2)
    back = rollback(service="api", environment="sandbox", reason="too slow")
    with pytest.raises(Refused, match=f"E_FROZEN .*{back.release_id}.*too slow"):
        deployed(source, 3)
    cloud.ledger("api").thaw("api", "sandbox", "mended", "ann")
    assert deployed(source, 3).state is ReleaseState.GOOD


@plainly
def test_deploy_that_a_rollback_stopped_says_so(cloud: FakeCloud, source: str) -> None:
    """The run of a stopped deploy takes nothing back any more, and names who stopped it."""
    cloud.serve(1)

    def stopped_in_between() -> None:
        cloud.ledger("api").open_attempt(
            rollback_request(cloud.ledger("api").get("api-sandbox-000001"), "slow"), OWNER, START
        )

    cloud.between["proceed past ready"] = stopped_in_between
    with pytest.raises(DeployFailed, match=r"ABORTED: stopped: stopped by the rollback"):
        deployed(source, 2)
    assert "stop rollout" not in cloud.effects


@plainly
def test_rollback_that_does_not_arrive_is_loud(cloud: FakeCloud, source: str) -> None:
    """Where the old release does not answer any more, the newer one serves on, loudly."""
    cloud.serve(1)
    cloud.serve(2)
    cloud.wrong.add(commit(1))
    with pytest.raises(RollbackFailed) as failed:
        rollback(service="api", environment="sandbox", reason="too slow")
    record = cloud.ledger("api").get(failed.value.release_id)
    assert record.state is ReleaseState.ROLLBACK_FAILED
    assert cloud.serving_commit() == commit(2)
    assert cloud.applied["image_tag"] == commit(2)


@plainly
def test_views_that_fail_change_no_outcome(
    cloud: FakeCloud, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Artifacts that Prefect does not take leave the release as good as it is."""

    def refused(*args: object, **kwargs: object) -> None:
        raise ConnectionError("no Prefect server")

    monkeypatch.setattr(publishing, "create_markdown_artifact", refused)
    assert deployed(source, 1).state is ReleaseState.GOOD


@plainly
def test_refuses_to_cross_a_migration_that_destroys(cloud: FakeCloud, source: str) -> None:
    """Going back across it needs a reason, which is kept with the release."""
    first = cloud.serve(1)
    cloud.serve(2, SchemaChange(tool="alembic", judgement="irreversible"))
    with pytest.raises(Refused, match="E_MIGRATION"):
        rollback(service="api", environment="sandbox", reason="too slow")
    assert cloud.effects == []
    release = rollback(
        service="api", environment="sandbox", reason="too slow", across_migrations="unused column"
    )
    assert release.across_migrations == "unused column"
    assert release.restores == first.release_id
