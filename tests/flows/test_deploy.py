"""The story of a deploy, its good half and its failing half."""

import pytest

from delightful.errors import ConfigError, DeployFailed, Refused, RollbackFailed, Superseded
from delightful.release import Release, ReleaseState
from flows.deploy import deploy
from flows.failing import StepFailed
from flows.observe import observe
from tests.delightful.samples import commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import broken, unbuildable

pytestmark = pytest.mark.usefixtures("told_plainly")


def deployed(source: str, number: int, *, dry_run: bool = False) -> Release:
    """Deploy the commit of a number, with its whole history."""
    return deploy(
        service="api",
        environment="sandbox",
        commit=commit(number),
        source=source,
        history=[commit(earlier) for earlier in range(number, 0, -1)],
        dry_run=dry_run,
    )


def test_first_release_has_nothing_to_move(cloud: FakeCloud, source: str) -> None:
    """The first release is GOOD once its tasks serve, without any rollout."""
    release = deployed(source, 1)
    assert release.state is ReleaseState.GOOD
    assert cloud.effects == ["build", "push", "apply"]
    assert release.rollout is not None
    assert release.rollout.deployment_id is None


def test_second_release_is_shifted_and_recorded_step_by_step(cloud: FakeCloud, source: str) -> None:
    """The next release gets its traffic by one rollout, and the ledger has every step."""
    cloud.serve(1)
    release = deployed(source, 2)
    assert cloud.effects == [
        "build",
        "push",
        "apply",
        "create rollout",
        "proceed past ready",
        "proceed past termination",
    ]
    states = [step.state for step in release.transitions]
    assert states == ["PENDING", "BUILT", "APPLIED", "LIVE", "GOOD"]
    head = cloud.ledger("api").head("api", "sandbox")
    assert (head.good, head.in_progress) == (release.release_id, None)
    assert cloud.serving_commit() == commit(2)


def test_keeps_old_version_when_new_one_answers_wrongly(cloud: FakeCloud, source: str) -> None:
    """A release that fails its smoke test is stopped before traffic, and inputs go back."""
    cloud.serve(1)
    cloud.wrong.add(commit(2))
    with pytest.raises(DeployFailed, match="status 500") as failed:
        deployed(source, 2)
    assert failed.value.rolled_back
    record = cloud.ledger("api").get(failed.value.release_id)
    assert record.state is ReleaseState.ROLLED_BACK
    assert record.failure is not None
    assert record.failure.response == "it broke"
    assert record.failure.log_tail == ("it broke",)
    assert record.rollout is not None
    assert record.rollout.rollback_deployment_id == "d-back"
    assert cloud.effects[-2:] == ["stop rollout", "apply"]
    assert cloud.applied["image_tag"] == commit(1)
    assert cloud.serving_commit() == commit(1)


def test_keeps_old_version_when_new_one_never_becomes_healthy(
    cloud: FakeCloud, source: str
) -> None:
    """Where the engine itself gives up, there is nothing to stop, and the record says why."""
    cloud.serve(1)
    cloud.unhealthy.add(commit(2))
    with pytest.raises(DeployFailed, match="never became healthy"):
        deployed(source, 2)
    assert "stop rollout" not in cloud.effects
    assert cloud.serving_commit() == commit(1)


def test_crash_loop_ends_the_wait(cloud: FakeCloud, source: str) -> None:
    """Tasks that only start to end again are not waited for as if they might become healthy."""
    cloud.serve(1)
    cloud.crashing.add(commit(2))
    with pytest.raises(DeployFailed, match="3 tasks ended by themselves"):
        deployed(source, 2)
    assert cloud.effects[-2:] == ["stop rollout", "apply"]
    assert cloud.serving_commit() == commit(1)


def test_alarm_while_baking_takes_traffic_back(cloud: FakeCloud, source: str) -> None:
    """A release that had all the traffic loses it when an alarm fires before it is good."""
    cloud.serve(1)
    cloud.alarms = ("api-errors",)
    with pytest.raises(DeployFailed) as failed:
        deployed(source, 2)
    assert cloud.ledger("api").get(failed.value.release_id).state is ReleaseState.ROLLED_BACK
    assert cloud.serving_commit() == commit(1)


def test_rollout_that_was_taken_back_is_the_reason(cloud: FakeCloud, source: str) -> None:
    """By an alarm just after it was live: that the release before serves only follows from it."""
    before = cloud.serve(1)
    release = deployed(source, 2)
    assert before.stack is not None
    cloud.primary = before.stack.outputs.task_definition_arn
    cloud.rollouts["d-1"].phase = "rolled_back"
    with pytest.raises(StepFailed, match="rollout d-1 is rolled_back") as failed:
        observe("api", "sandbox", release.release_id, 0)
    image = failed.value.parts["verdict"].checks[0]
    assert (image.name, image.ok) == ("image", False)


def test_failed_first_release_has_nothing_to_go_back_to(cloud: FakeCloud, source: str) -> None:
    """Without a good release before it, the attempt is FAILED and says so."""
    cloud.wrong.add(commit(1))
    with pytest.raises(DeployFailed, match="FAILED") as failed:
        deployed(source, 1)
    assert not failed.value.rolled_back
    assert "nothing good served before" in failed.value.hint


def test_bad_build_moves_nothing(cloud: FakeCloud, source: str) -> None:
    """A service that does not build ends FAILED, its last lines in the record, and no more."""
    cloud.serve(1)
    cloud.failures["build"] = [unbuildable()]
    with pytest.raises(ConfigError, match="Dockerfile:3"):
        deployed(source, 2)
    assert cloud.effects == []
    ended = cloud.ledger("api").history("api", "sandbox")[0]
    assert ended.state is ReleaseState.FAILED
    assert ended.failure is not None
    assert ended.failure.phase == "build"
    assert ended.failure.log_tail == unbuildable().log_tail


def test_failed_apply_puts_good_inputs_back(cloud: FakeCloud, source: str) -> None:
    """An apply that broke in the middle is followed by one with the good release's inputs."""
    cloud.serve(1)
    cloud.failures["apply"] = [broken("out of quota")]
    with pytest.raises(DeployFailed, match="out of quota"):
        deployed(source, 2)
    assert cloud.effects == ["build", "push", "apply"]
    assert cloud.applied["image_tag"] == commit(1)


def test_failure_of_the_way_back_is_louder(cloud: FakeCloud, source: str) -> None:
    """Where the way back fails too, the attempt is ROLLBACK_FAILED and names both causes."""
    cloud.serve(1)
    cloud.wrong.add(commit(2))
    cloud.failures["stop rollout"] = [broken("no more capacity")]
    with pytest.raises(RollbackFailed, match=r"status 500.*no more capacity"):
        deployed(source, 2)
    assert cloud.ledger("api").history("api", "sandbox")[0].state is ReleaseState.ROLLBACK_FAILED


def test_older_commit_is_superseded(cloud: FakeCloud, source: str) -> None:
    """A commit that the good release contains already is kept as superseded, once."""
    good = cloud.serve(2)
    for _ in range(2):
        with pytest.raises(Superseded):
            deployed(source, 1)
    states = [one.state for one in cloud.ledger("api").history("api", "sandbox")]
    assert states == [ReleaseState.SUPERSEDED, ReleaseState.GOOD]
    assert cloud.effects == []
    assert cloud.ledger("api").head("api", "sandbox").good == good.release_id


def test_unknown_ancestry_is_refused(cloud: FakeCloud, source: str) -> None:
    """A commit of another line of history is refused."""
    cloud.serve(1)
    with pytest.raises(Refused, match="does not descend"):
        deploy(
            service="api",
            environment="sandbox",
            commit=commit(99),
            source=source,
            history=[commit(99)],
        )


def test_same_commit_again_changes_nothing(cloud: FakeCloud, source: str) -> None:
    """Asking twice is the same as asking once, and the answer is the same release."""
    first = deployed(source, 1)
    effects = list(cloud.effects)
    assert deployed(source, 1).release_id == first.release_id
    assert cloud.effects == effects


def test_dry_run_changes_nothing(cloud: FakeCloud, source: str) -> None:
    """A dry run builds and plans, and leaves registry, state and ledger as they were."""
    release = deployed(source, 1, dry_run=True)
    assert release.state is ReleaseState.PENDING
    assert cloud.effects == ["build"]
    assert cloud.ledger("api").history("api", "sandbox") == ()


def test_unexpected_error_leaves_the_attempt_to_be_resumed(cloud: FakeCloud, source: str) -> None:
    """After an error that nobody foresaw, the same deploy goes on with the same attempt."""
    cloud.serve(1)
    cloud.failures["proceed past ready"] = [RuntimeError("a mistake of ours")]
    with pytest.raises(RuntimeError):
        deployed(source, 2)
    open_attempt = cloud.ledger("api").head("api", "sandbox").in_progress
    release = deployed(source, 2)
    assert release.release_id == open_attempt
    assert release.state is ReleaseState.GOOD
    assert cloud.effects.count("create rollout") == 1
    assert cloud.effects.count("apply") == 1
