"""The story of a recovery: whatever a dead run left is finished or taken back, once."""

from datetime import timedelta

import pytest

from delightful.errors import DeployFailed, RollbackFailed
from delightful.locks import StateLock
from delightful.recovery import NotRecovered, Recovery, Remedy
from delightful.release import AttemptKind, Owner, Release, ReleaseState
from delightful.render.recovery import recovery_text
from flows.recover import recover
from flows.recovery import rebuilding
from flows.rollback import rollback
from tests.delightful.samples import START, commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import broken, request_for
from tests.flows.test_deploy import deployed

pytestmark = pytest.mark.usefixtures("told_plainly")


@pytest.fixture
def graveyard(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Return a cloud in which every owner is proven dead."""
    monkeypatch.setattr(type(cloud.ledger("api")), "is_dead", lambda self, owner: True)
    return cloud


def die() -> None:
    """End a run as a signal does."""
    raise KeyboardInterrupt


def killed(cloud: FakeCloud, source: str, number: int, effect: str) -> None:
    """Deploy, and have the run die just before an outside effect."""
    cloud.between[effect] = die
    with pytest.raises(KeyboardInterrupt):
        deployed(source, number)
    cloud.effects.clear()


def recovered(*, dry_run: bool = False) -> Recovery:
    """Recover the service."""
    return recover(service="api", environment="sandbox", dry_run=dry_run)


def remedies(recovery: Recovery) -> list[Remedy]:
    """Return what was done, in order."""
    return [one.remedy for one in recovery.steps]


def attempt(cloud: FakeCloud, number: int) -> Release:
    """Return the attempt of a number, as the ledger has it."""
    return cloud.ledger("api").get(f"api-sandbox-{number:06d}")


def test_nothing_is_done_where_nothing_was_left(cloud: FakeCloud) -> None:
    """A recovery of what is in order changes nothing."""
    good = cloud.serve(1)
    assert remedies(recovered()) == []
    assert cloud.effects == []
    assert cloud.ledger("api").head("api", "sandbox").good == good.release_id


def test_attempt_that_had_not_begun_is_closed(graveyard: FakeCloud, source: str) -> None:
    """What never reached an apply leaves nothing to take back."""
    graveyard.serve(1)
    killed(graveyard, source, 2, "build")
    assert remedies(recovered()) == [Remedy.END_ATTEMPT]
    assert graveyard.effects == []
    ended = attempt(graveyard, 2)
    assert ended.state is ReleaseState.ABORTED
    assert ended.failure is not None
    assert "is gone; ended at PENDING by a recovery" in ended.failure.reason
    assert graveyard.ledger("api").head("api", "sandbox").in_progress is None


def test_inputs_of_a_cut_apply_are_taken_back(graveyard: FakeCloud, source: str) -> None:
    """The state ends with the good release's inputs, whatever the killed apply had done."""
    good = graveyard.serve(1)
    killed(graveyard, source, 2, "apply")
    graveyard.applied = {"half": "applied"}
    assert remedies(recovered()) == [Remedy.END_ATTEMPT]
    assert good.stack is not None
    assert graveyard.applied == good.stack.variables
    assert graveyard.serving_commit() == commit(1)
    assert attempt(graveyard, 2).state is ReleaseState.ABORTED
    assert remedies(recovered()) == []


def test_rollout_that_was_never_recorded_is_stopped(graveyard: FakeCloud, source: str) -> None:
    """A run may die between the creation of a rollout and the note of its id."""
    good = graveyard.serve(1)
    killed(graveyard, source, 2, "proceed past ready")
    unnoted = attempt(graveyard, 2).with_parts(rollout=None)
    graveyard.ledger("api").record(unnoted)
    assert remedies(recovered()) == [Remedy.END_ATTEMPT]
    assert "stop rollout" in graveyard.effects
    ended = attempt(graveyard, 2)
    assert ended.state is ReleaseState.ROLLED_BACK
    assert ended.rollout is not None
    assert (ended.rollout.deployment_id, ended.rollout.rollback_deployment_id) == ("d-1", "d-back")
    assert good.stack is not None
    assert graveyard.applied == good.stack.variables


def test_rollout_before_its_shift_is_stopped(graveyard: FakeCloud, source: str) -> None:
    """A deploy that has no traffic yet is taken back, and no other rollout is begun."""
    graveyard.serve(1)
    killed(graveyard, source, 2, "proceed past ready")
    assert remedies(recovered()) == [Remedy.END_ATTEMPT]
    assert attempt(graveyard, 2).state is ReleaseState.ROLLED_BACK
    assert graveyard.serving_commit() == commit(1)
    assert len(graveyard.rollouts) == 1


def test_release_with_all_the_traffic_is_proven(graveyard: FakeCloud, source: str) -> None:
    """A deploy that serves already is judged as its own run would have judged it."""
    graveyard.serve(1)
    killed(graveyard, source, 2, "proceed past termination")
    assert attempt(graveyard, 2).state is ReleaseState.LIVE
    assert remedies(recovered()) == [Remedy.FINISH_ATTEMPT]
    assert attempt(graveyard, 2).state is ReleaseState.GOOD
    assert graveyard.effects == ["proceed past termination"]


def test_shift_that_went_on_by_itself_is_proven(graveyard: FakeCloud, source: str) -> None:
    """The engine may have moved all the traffic after the run that told it to was gone."""
    graveyard.serve(1)
    killed(graveyard, source, 2, "proceed past ready")
    rollout = graveyard.rollouts["d-1"]
    rollout.phase, graveyard.primary = "live", rollout.arn
    assert remedies(recovered()) == [Remedy.FINISH_ATTEMPT]
    assert attempt(graveyard, 2).state is ReleaseState.GOOD


def test_live_release_that_proves_bad_is_taken_back(graveyard: FakeCloud, source: str) -> None:
    """To serve is not to be good."""
    graveyard.serve(1)
    killed(graveyard, source, 2, "proceed past termination")
    graveyard.wrong.add(commit(2))
    assert remedies(recovered()) == [Remedy.FINISH_ATTEMPT]
    assert attempt(graveyard, 2).state is ReleaseState.ROLLED_BACK
    assert graveyard.serving_commit() == commit(1)


@pytest.mark.parametrize("effect", ["apply", "create rollout", "proceed past ready"])
def test_way_back_is_gone_on_with(graveyard: FakeCloud, effect: str) -> None:
    """Somebody wanted the earlier release: a dead rollback still arrives."""
    graveyard.serve(1)
    graveyard.serve(2)
    graveyard.between[effect] = die
    with pytest.raises(KeyboardInterrupt):
        rollback(service="api", environment="sandbox", reason="too slow")
    assert remedies(recovered()) == [Remedy.FINISH_ATTEMPT]
    assert attempt(graveyard, 3).state is ReleaseState.GOOD
    assert graveyard.serving_commit() == commit(1)
    assert graveyard.effects.count("create rollout") == 1


def test_first_release_of_a_service_is_completed(graveyard: FakeCloud, source: str) -> None:
    """Where there is nothing to go back to, the state at least knows all that is there."""
    killed(graveyard, source, 1, "apply")
    assert remedies(recovered()) == [Remedy.COMPLETE_APPLY]
    ended = attempt(graveyard, 1)
    assert ended.state is ReleaseState.ABORTED
    assert ended.stack is not None
    assert graveyard.applied == ended.stack.variables
    assert graveyard.ledger("api").head("api", "sandbox").good is None
    assert deployed(source, 1).state is ReleaseState.GOOD


def test_attempt_of_somebody_who_may_live_is_left_alone(cloud: FakeCloud) -> None:
    """What cannot be proven dead is nobody's to take over."""
    cloud.serve(1)
    other = Owner(host="elsewhere", boot_id="b", pid=7, process_started_ticks=1)
    opened = cloud.ledger("api").open_attempt(request_for(2), other, START)
    assert remedies(recovered()) == []
    assert attempt(cloud, 2) == opened


def test_dry_run_says_and_changes_nothing(graveyard: FakeCloud, source: str) -> None:
    """What would be done is said, and nothing is done."""
    graveyard.serve(1)
    killed(graveyard, source, 2, "apply")
    graveyard.state_lock = lock_of(attempt(graveyard, 2))
    before = dict(graveyard.ledger("api")._memory.items)
    assert remedies(recovered(dry_run=True)) == [Remedy.BREAK_LOCK, Remedy.END_ATTEMPT]
    assert graveyard.effects == []
    assert graveyard.ledger("api")._memory.items == before


def test_lock_of_a_dead_run_is_broken_first(graveyard: FakeCloud, source: str) -> None:
    """The way back can plan only once the dead run's lock is gone."""
    graveyard.serve(1)
    killed(graveyard, source, 2, "apply")
    graveyard.state_lock = lock_of(attempt(graveyard, 2))
    assert remedies(recovered()) == [Remedy.BREAK_LOCK, Remedy.END_ATTEMPT]
    assert graveyard.effects[0] == "break lock 1234"


def test_good_release_is_brought_back_once(graveyard: FakeCloud, source: str) -> None:
    """After a way back that failed, one attempt of a recovery's own restores what was good."""
    good = graveyard.serve(1)
    graveyard.wrong.add(commit(2))
    graveyard.between["create rollout"] = lambda: graveyard.failures.update(
        apply=[broken("no way back")]
    )
    with pytest.raises(RollbackFailed):
        deployed(source, 2)
    assert attempt(graveyard, 2).state is ReleaseState.ROLLBACK_FAILED
    assert remedies(recovered()) == [Remedy.RESTORE_GOOD]
    adopted = attempt(graveyard, 3)
    assert (adopted.kind, adopted.state) == (AttemptKind.ADOPTION, ReleaseState.GOOD)
    assert adopted.restores == good.release_id
    assert good.stack is not None
    assert graveyard.applied == good.stack.variables
    assert graveyard.ledger("api").head("api", "sandbox").frozen_reason is None
    assert remedies(recovered()) == []


def test_lost_head_is_rebuilt_from_its_attempts(cloud: FakeCloud, source: str) -> None:
    """The next attempt goes on with the next number, from the release that is good."""
    cloud.serve(1)
    good = cloud.serve(2)
    ledger = cloud.ledger("api")
    before = ledger.head("api", "sandbox")
    del ledger._memory.items["api/sandbox", "head"]
    assert remedies(recovered(dry_run=True)) == [Remedy.REBUILD_HEAD]
    assert ledger.head("api", "sandbox").sequence == 0
    assert remedies(recovered()) == [Remedy.REBUILD_HEAD]
    assert ledger.head("api", "sandbox") == before
    assert before.good == good.release_id
    assert deployed(source, 3).sequence == 3


def test_lost_attempt_is_rebuilt_from_its_artifact(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Prefect shows of it comes back, marked as adopted, while the registry has its image."""
    lost, good = cloud.serve(1), cloud.serve(2)
    monkeypatch.setattr(rebuilding, "_shown", lambda service, environment: [good, lost])
    ledger = cloud.ledger("api")
    del ledger._memory.items["api/sandbox", "release#000000000001"]
    assert remedies(recovered()) == [Remedy.REBUILD_RELEASE]
    assert attempt(cloud, 1).kind is AttemptKind.ADOPTION
    assert attempt(cloud, 1).stack == lost.stack
    ledger._memory.items.clear()
    del cloud.images[commit(1)]
    assert remedies(recovered()) == [Remedy.REBUILD_RELEASE, Remedy.REBUILD_HEAD]
    assert [one.sequence for one in ledger.history("api", "sandbox")] == [2]
    assert ledger.head("api", "sandbox").good == good.release_id


def test_only_what_follows_a_cut_apply_looks_for_orphans(graveyard: FakeCloud, source: str) -> None:
    """An ordinary deploy plans once; the one after a killed apply takes up what is there."""
    graveyard.serve(1)
    assert deployed(source, 2).state is ReleaseState.GOOD
    assert graveyard.adoptions == 0
    killed(graveyard, source, 3, "apply")
    assert deployed(source, 4).state is ReleaseState.GOOD
    assert graveyard.adoptions == 1
    graveyard.failures["apply"] = [broken("Terraform was killed")]
    with pytest.raises(DeployFailed):
        deployed(source, 5)
    assert graveyard.adoptions == 2


def test_what_a_recovery_cannot_mend_is_named(cloud: FakeCloud) -> None:
    """It ends with another code than 0, and names what a person has to look at."""
    cloud.serve(1)
    cloud.weights = dict.fromkeys(cloud.weights, 50)
    with pytest.raises(NotRecovered, match=r"E_NOT_RECOVERED api in sandbox: traffic is drifted"):
        recovered()
    found = recovered(dry_run=True)
    assert [one.subject for one in found.left] == ["traffic"]
    assert "traffic DRIFTED: " in recovery_text(found)
    assert recovery_text(found).endswith("not everything agrees")


def test_freeze_does_not_hinder_a_recovery(graveyard: FakeCloud, source: str) -> None:
    """A freeze keeps new commits out; what a dead run left is taken back all the same."""
    graveyard.serve(1)
    killed(graveyard, source, 2, "apply")
    graveyard.ledger("api").freeze("api", "sandbox", "holidays", "ann")
    assert remedies(recovered()) == [Remedy.END_ATTEMPT]


def test_next_deploy_and_rollback_break_the_lock_themselves(
    graveyard: FakeCloud, source: str
) -> None:
    """Nobody has to call a recovery before the next change."""
    graveyard.serve(1)
    killed(graveyard, source, 2, "apply")
    graveyard.state_lock = lock_of(attempt(graveyard, 2))
    assert deployed(source, 3).state is ReleaseState.GOOD
    assert graveyard.effects[0] == "break lock 1234"
    killed(graveyard, source, 4, "apply")
    graveyard.state_lock = lock_of(attempt(graveyard, 4))
    assert rollback(service="api", environment="sandbox", reason="r").state is ReleaseState.GOOD
    assert graveyard.effects[0] == "break lock 1234"


def lock_of(release: Release) -> StateLock:
    """Return the Terraform lock that a run left."""
    assert release.owner is not None
    return StateLock(
        lock_id="1234",
        state="s3://states/services/sandbox/api/terraform.tfstate",
        operation="OperationTypeApply",
        who=f"root@{release.owner.host.partition(' ')[0]}",
        created=release.transitions[-1].at + timedelta(seconds=1),
    )
