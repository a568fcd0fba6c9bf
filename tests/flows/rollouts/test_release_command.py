"""The release command: once, before any traffic moves, and never on the way back."""

from pathlib import Path

import pytest

from blocks.ecs.release_command import CommandProgress
from delightful.errors import DeployFailed, Refused
from delightful.release import Release, ReleaseState
from flows.rollback import rollback
from flows.rollouts.release_command import command_fault, followed
from flows.runs.waiting import Pace
from tests.delightful.samples import commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.fakes.samples import broken
from tests.flows.test_deploy import deployed

pytestmark = pytest.mark.usefixtures("told_plainly")

AROUND = ["proceed past ready", "proceed past termination"]
ENDED = CommandProgress(status="STOPPED", exit_code=0)
RUNNING = CommandProgress(status="RUNNING")
LOST = CommandProgress(status="LOST")


@pytest.fixture
def migrating(source: str) -> str:
    """Return a service whose releases migrate its database."""
    manifest = Path(source) / ".delightful.yaml"
    manifest.write_text(manifest.read_text() + "release_command: [migrate, --all]\n")
    return source


def attempt(cloud: FakeCloud) -> Release:
    """Return the newest attempt."""
    return cloud.ledger("api").history("api", "sandbox")[0]


def test_runs_once_before_any_traffic_moves(cloud: FakeCloud, migrating: str) -> None:
    """The command runs between the apply and the rollout, and its end is in the record."""
    cloud.serve(1)
    release = deployed(migrating, 2)
    assert cloud.effects == ["build", "push", "apply", "run command", "create rollout", *AROUND]
    assert [task.command for task in cloud.commands.values()] == [("migrate", "--all")]
    assert release.release_command is not None
    assert release.release_command.exit_code == 0
    assert release.state is ReleaseState.GOOD


def test_service_without_a_command_runs_none(cloud: FakeCloud, source: str) -> None:
    """Nothing is run that no manifest asks for."""
    assert deployed(source, 1).release_command is None
    assert cloud.commands == {}


def test_failed_command_moves_no_traffic(cloud: FakeCloud, migrating: str) -> None:
    """Exit code 3 ends the attempt with its evidence; the good release serves on."""
    cloud.serve(1)
    cloud.command_ends = 3
    with pytest.raises(DeployFailed, match="exit code 3") as failed:
        deployed(migrating, 2)
    assert not failed.value.rolled_back
    assert "serves as before" in failed.value.hint
    record = attempt(cloud)
    assert record.state is ReleaseState.FAILED
    assert record.failure is not None
    assert (record.failure.phase, record.failure.exit_code) == ("release_command", 3)
    assert record.failure.stopped_reason == "Essential container exited"
    assert record.failure.log_tail == ("migrating",)
    assert record.release_command is not None
    assert record.release_command.exit_code == 3
    assert "create rollout" not in cloud.effects
    assert cloud.applied["image_tag"] == commit(1)
    assert cloud.serving_commit() == commit(1)


def test_command_that_never_ran_is_told_from_one_that_failed(
    cloud: FakeCloud, migrating: str
) -> None:
    """Without an exit code it never ran, and the reason says why."""
    cloud.command_ends = None
    with pytest.raises(DeployFailed, match="never ran: CannotPullContainerError"):
        deployed(migrating, 1)


def test_task_that_was_not_placed_fails_the_attempt(cloud: FakeCloud, migrating: str) -> None:
    """What ECS will not even start ends the attempt in the same phase."""
    cloud.serve(1)
    cloud.failures["run command"] = [broken("no capacity")]
    with pytest.raises(DeployFailed, match="no capacity"):
        deployed(migrating, 2)
    failure = attempt(cloud).failure
    assert failure is not None
    assert failure.phase == "release_command"


@pytest.mark.parametrize("place", ["before it is followed", "while it runs"])
def test_next_run_adopts_the_task_of_a_run_that_died(
    cloud: FakeCloud, migrating: str, place: str
) -> None:
    """Whoever resumes the attempt follows the same task, and never starts a second one."""
    cloud.serve(1)
    cloud.failures["look at command"] = [RuntimeError("died")]
    with pytest.raises(RuntimeError):
        deployed(migrating, 2)
    died = attempt(cloud)
    assert died.state is ReleaseState.APPLIED
    if place == "before it is followed":
        # As if it had died between ECS's answer and the record of it.
        cloud.ledger("api").record(died.with_parts(release_command=None, owner=None))
    release = deployed(migrating, 2)
    assert release.release_id == died.release_id
    assert release.state is ReleaseState.GOOD
    assert cloud.effects.count("run command") == 1


def test_command_that_ended_well_is_not_followed_again(cloud: FakeCloud, migrating: str) -> None:
    """An attempt that broke later goes on after the command, which ECS may not know any more."""
    cloud.serve(1)
    cloud.failures["create rollout"] = [RuntimeError("died")]
    with pytest.raises(RuntimeError):
        deployed(migrating, 2)
    cloud.commands.clear()
    assert deployed(migrating, 2).state is ReleaseState.GOOD
    assert cloud.effects.count("run command") == 1


def test_tasks_that_failed_for_want_of_the_command_are_no_crash_loop(
    cloud: FakeCloud, migrating: str
) -> None:
    """The tasks of a first release start with the apply; only those after the command count."""
    cloud.crashing.add(commit(1))
    cloud.unhealthy.add(commit(1))
    with pytest.raises(DeployFailed, match="ended by themselves"):
        deployed(migrating, 1)
    run = attempt(cloud).release_command
    assert run is not None
    assert cloud.crashes_counted_since == run.ended_at is not None


def test_another_release_s_command_is_waited_for_by_nobody(
    cloud: FakeCloud, migrating: str
) -> None:
    """Two commands at once could undo each other's work: the later attempt is refused."""
    cloud.serve(1)
    busy = Refused("E_COMMAND_ACTIVE", "still runs", hint="wait")
    cloud.failures["run command"] = [busy]
    with pytest.raises(Refused, match="E_COMMAND_ACTIVE"):
        deployed(migrating, 2)
    assert attempt(cloud).state is ReleaseState.FAILED


def test_rollback_runs_none(cloud: FakeCloud, migrating: str) -> None:
    """Code comes back, data stays: an earlier release's migration is not run again."""
    deployed(migrating, 1)
    deployed(migrating, 2)
    release = rollback(service="api", environment="sandbox", reason="too slow")
    assert release.state is ReleaseState.GOOD
    assert release.release_command is None
    assert len(cloud.commands) == 2


def test_dry_run_says_that_it_would_run(
    cloud: FakeCloud, migrating: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever looks first learns what would be run."""
    cloud.serve(1)
    with caplog.at_level("INFO"):
        deployed(migrating, 2, dry_run=True)
    assert "would run `migrate --all` before traffic" in caplog.text
    assert cloud.commands == {}


def test_late_command_is_given_up_in_time() -> None:
    """The clock decides, and a look that comes late is told from a task that has ended."""
    now = iter(range(0, 1000, 10))
    pace = Pace(1.0, clock=lambda: float(next(now)), sleep=lambda _: None)
    assert followed(lambda: RUNNING, pace, 30.0) == (RUNNING, False)
    assert followed(lambda: ENDED, pace, 30.0) == (ENDED, True)


def test_task_that_ecs_does_not_know_yet_is_waited_for() -> None:
    """ECS may not show a task in the first moments; one that stays away is lost."""
    now = iter(range(0, 1000, 10))
    pace = Pace(1.0, clock=lambda: float(next(now)), sleep=lambda _: None)
    seen = iter([LOST, LOST, RUNNING, ENDED])
    assert followed(lambda: next(seen), pace, 300.0) == (ENDED, True)
    assert followed(lambda: LOST, pace, 300.0) == (LOST, True)


@pytest.mark.parametrize(
    ("seen", "spent", "says"),
    [
        (ENDED, None, None),
        (CommandProgress(status="STOPPED", exit_code=137), 60, "longer than 60 s"),
        (CommandProgress(status="STOPPED", exit_code=1), None, "exit code 1"),
        (CommandProgress(status="STOPPED"), None, "never ran: no reason given"),
        (LOST, None, "nobody can say how it ended"),
    ],
)
def test_only_exit_code_0_is_well(
    seen: CommandProgress, spent: int | None, says: str | None
) -> None:
    """Whatever is not known to have ended with 0 has failed, each in its own words."""
    fault = command_fault(seen, spent)
    assert (fault is None) if says is None else says in str(fault)
