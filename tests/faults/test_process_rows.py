"""Rows about processes that die, stop or are left over, each a real signal to a real process."""

import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blocks.ledger.ownership import started_ticks
from delightful.release import Release, ReleaseState
from tests.end_to_end.faulty_endpoint import held
from tests.end_to_end.stage import SERVICE, until
from tests.faults.bench import Bench, Ended, Running, ended_as
from tests.faults.outside import kill_process, locks, pid_of_terraform
from tests.faults.rows import Happened, Record, Row, Rows, run_row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
rows = Rows()

HELD_SECONDS = 12.0


@rows.row("F01", "SIGKILL of the flow in analyze")
def killed_in_analyze(bench: Bench) -> Happened:
    """Nothing was applied, and what was written lies under the commit."""
    commit = bench.stage.commit("next")
    ended = bench.killed_at("analyze source#1:after", *bench.deploy_argv())
    release = bench.attempt_of(commit)
    assert release.state is ReleaseState.PENDING
    s3, bucket = bench.stage.aws("s3"), bench.stage.sandbox.artifact_bucket
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert any(f"{SERVICE}/{commit}/" in key for key in keys)
    return Happened("left at PENDING", ended, release, bench.deploy_argv())


@rows.row("F02", "SIGKILL of the flow between push and the record of the digest")
def killed_after_push(bench: Bench) -> Happened:
    """The image is found by its tag, and not built again."""
    commit = bench.stage.commit("next")
    ended = bench.killed_at("push image#1:after", *bench.deploy_argv())
    release = bench.attempt_of(commit)
    assert release.image is None
    assert bench.environment.registry(SERVICE).find(commit) is not None
    return Happened("pushed and not recorded", ended, release, bench.deploy_argv())


def applying(bench: Bench, **variables: str) -> tuple[str, Running, int]:
    """Start a deploy whose Terraform has just created something and does not know it yet."""
    commit = bench.stage.commit("next")
    bench.proxy.forget()
    bench.proxy.switch_on(held(HELD_SECONDS), operation="RegisterTaskDefinition")
    running = bench.start(*bench.deploy_argv(), **variables)
    until(lambda: bench.proxy.calls("RegisterTaskDefinition"), "the creation of a task definition")
    pid = until(lambda: pid_of_terraform(bench, "apply"), "Terraform")
    return commit, running, pid


def _killed_in_apply(bench: Bench, **variables: str) -> Happened:
    commit, running, pid = applying(bench, **variables)
    # The run dies with its Terraform, as when the machine goes: nobody is left to tidy up.
    running.send(signal.SIGSTOP)
    kill_process(pid)
    running.send(signal.SIGKILL)
    ended = bench.heard(running)
    release = bench.attempt_of(commit)
    assert locks(bench) != []
    assert release.state is ReleaseState.BUILT
    return Happened(f"left BUILT, locks {locks(bench)}", ended, release, bench.deploy_argv())


@rows.row(
    "F03",
    "SIGKILL of Terraform and its run in the middle of the apply",
    ci=True,
    I2="nobody is left to give the lock back",
)
def killed_in_apply(bench: Bench) -> Happened:
    """The lock is broken once its owner is proven dead; what is live and unknown is adopted."""
    return _killed_in_apply(bench)


@rows.row(
    "F04", "the same with TF_STATE_PERSIST_INTERVAL=1", I2="nobody is left to give the lock back"
)
def killed_with_an_interval(bench: Bench) -> Happened:
    """No interval is relied on: it ends as without."""
    return _killed_in_apply(bench, TF_STATE_PERSIST_INTERVAL="1")


@rows.row("F05", "SIGTERM to the run in the middle of the apply")
def told_to_stop(bench: Bench) -> Happened:
    """Terraform is told once and waited for: its state is saved and its lock released."""
    commit, running, _ = applying(bench)
    running.send(signal.SIGTERM)
    ended = bench.heard(running)
    release = bench.attempt_of(commit)
    assert ended.code != 0
    assert locks(bench) == []
    return Happened(
        f"exit {ended.code} {ended.error}, {release.state}", ended, release, bench.deploy_argv()
    )


@rows.row("F06", "SIGKILL of the run alone, Terraform left applying")
def parent_killed(bench: Bench) -> Happened:
    """Terraform dies with its parent, in order, before anybody else applies."""
    commit, running, pid = applying(bench)
    running.send(signal.SIGKILL)
    ended = bench.heard(running)
    until(lambda: started_ticks(pid) is None, "the end of Terraform", seconds=60)
    release = bench.attempt_of(commit)
    return Happened(
        f"Terraform ended by itself, {release.state}", ended, release, bench.deploy_argv()
    )


def submitted(bench: Bench) -> tuple[str, str]:
    """Have the worker deploy a new commit; return the commit and the flow run."""
    commit = bench.stage.commit("next")
    named = bench.stage.ask_prefect("/deployments/name/deploy/deploy")
    body = {"parameters": bench.stage.parameters(commit), "state": {"type": "SCHEDULED"}}
    run = bench.stage.ask_prefect(f"/deployments/{named['id']}/create_flow_run", body)
    return commit, str(run["id"])


def flow_pid(run: str) -> int | None:
    """Return the process of a worker's flow run: the one whose variables name it."""
    wanted = f"PREFECT__FLOW_RUN_ID={run}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                return int(entry.name)
        except OSError:
            continue
    return None


def worker_pid(bench: Bench) -> int | None:
    """Return the worker's process."""
    home = f"PREFECT_HOME={bench.stage.sandbox.directory}/run/prefect-worker".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
            is_worker = b"\0worker\0start\0" in line
            if is_worker and home in (entry / "environ").read_bytes().split(b"\0"):
                return int(entry.name)
        except OSError:
            continue
    return None


def on_the_worker(bench: Bench, strike: Callable[[int, int], None]) -> tuple[str, str, Release]:
    """Have the worker deploy; strike at flow and worker while Terraform holds the child's pipe."""
    bench.proxy.switch_on(held(HELD_SECONDS), operation="RegisterTaskDefinition")
    commit, run = submitted(bench)
    worker = until(lambda: worker_pid(bench), "the worker")
    until(lambda: bench.proxy.calls("RegisterTaskDefinition"), "the creation of a task definition")
    flow = until(lambda: flow_pid(run), "the flow run's process")
    strike(flow, worker)
    return commit, run, bench.attempt_of(commit)


def flow_state(bench: Bench, run: str) -> str:
    """Return the type of a flow run's state."""
    return str(bench.stage.ask_prefect(f"/flow_runs/{run}")["state_type"])


@rows.row("F07", "SIGKILL of a worker's flow run while Terraform holds its pipe")
def flow_killed(bench: Bench) -> Happened:
    """Terraform goes with it; the attempt is taken over, whatever Prefect shows."""
    _, run, release = on_the_worker(bench, lambda flow, _: kill_process(flow))
    time.sleep(2)
    return Happened(f"Prefect shows {flow_state(bench, run)}", None, release, bench.deploy_argv())


@rows.row("F08", "SIGKILL of the worker alone")
def worker_killed(bench: Bench) -> Happened:
    """Whether the run goes on by itself or dies, there is one end and no twin."""
    _, run, release = on_the_worker(bench, lambda _, worker: kill_process(worker))
    until(lambda: flow_pid(run) is None or None, "the end of the flow run", seconds=240)
    return Happened(f"Prefect shows {flow_state(bench, run)}", None, release, bench.deploy_argv())


@rows.row("F09", "SIGKILL of worker and flow run together", ci=True)
def both_killed(bench: Bench) -> Happened:
    """The next run recovers first; the attempt ends once."""

    def strike(flow: int, worker: int) -> None:
        kill_process(worker)
        kill_process(flow)

    _, run, release = on_the_worker(bench, strike)
    time.sleep(2)
    return Happened(f"Prefect shows {flow_state(bench, run)}", None, release, bench.deploy_argv())


@rows.row("F42", "worker and flow run killed between PENDING and RUNNING")
def killed_while_pending(bench: Bench) -> Happened:
    """No slot is held by the run that never ran: the next one is run to its end."""
    commit, run = submitted(bench)
    worker = until(lambda: worker_pid(bench), "the worker")
    flow = until(lambda: flow_pid(run), "the flow run's process")
    kill_process(worker)
    kill_process(flow)
    shown = flow_state(bench, run)
    second = bench.stage.ask_prefect("/deployments/name/deploy/deploy")
    body = {"parameters": bench.stage.parameters(commit), "state": {"type": "SCHEDULED"}}
    next_run = bench.stage.ask_prefect(f"/deployments/{second['id']}/create_flow_run", body)["id"]
    until(lambda: flow_state(bench, next_run) == "COMPLETED" or None, "the next run", seconds=400)
    # Prefect gives a run five minutes to begin.
    until(lambda: held_slots(bench) == 0, "the slots free again", seconds=420)
    release = bench.attempt_of(commit)
    ended_as(release, ReleaseState.GOOD)
    return Happened(
        f"the first shows {shown}, the next is GOOD", None, release, bench.deploy_argv()
    )


def held_slots(bench: Bench) -> int:
    """Return how many of the Prefect deployments' slots are taken."""
    limits = bench.stage.ask_prefect("/v2/concurrency_limits/filter", {})
    return sum(one["active_slots"] for one in limits)


@rows.row("F36", "files may not grow beyond 8 KiB: the disk is full")
def disk_full(bench: Bench) -> Happened:
    """It fails before the apply, in one line, and the state is as it was."""
    commit = bench.stage.commit("next")
    before = bench.stage.good()
    ended = limited(bench, 8192)
    assert ended.code not in (0, -signal.SIGKILL)
    assert ended.error != "E_UNEXPECTED", ended
    release = bench.newest()
    assert release.commit != commit or release.stack is None
    assert bench.stage.good() == before
    return Happened(f"exit {ended.code} {ended.error}", ended, release, bench.deploy_argv())


def limited(bench: Bench, largest_bytes: int) -> Ended:
    """Deploy with a bound on the size of files, which is what a full disk does to each."""
    running = bench.start(*bench.deploy_argv())
    until(lambda: "attempt" in running.said(), "its attempt")
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (largest_bytes, largest_bytes))
    return bench.heard(running)


@pytest.mark.parametrize("row", rows.parameters())
def test_row(bench: Bench, row: Row, record_property: Record) -> None:
    """What the row expects happens, and the invariants hold after it and after one recovery."""
    run_row(bench, row, record_property)
