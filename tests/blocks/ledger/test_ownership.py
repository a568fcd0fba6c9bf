"""An owner is dead only where that is proven."""

import os
import subprocess
import sys

import pytest
from prefect_aws import AwsCredentials

from blocks.ledger.ownership import (
    Sighting,
    boot_id,
    described,
    host_name,
    is_proven_dead,
    sighting_of,
    started_ticks,
    this_owner,
)
from delightful.release import Owner

HERE = Owner(host="host", boot_id="boot", pid=7, process_started_ticks=100)
TASK = HERE.model_copy(update={"ecs_task_arn": "arn:aws:ecs:us-east-1:1:task/cluster/abc"})


@pytest.mark.parametrize(
    ("owner", "seen", "dead"),
    [
        (HERE, Sighting(same_machine=True, started_ticks=100), False),
        (HERE, Sighting(same_machine=True, started_ticks=101), True),
        (HERE, Sighting(same_machine=True, started_ticks=None), True),
        (HERE, Sighting(same_machine=False), False),
        (TASK, Sighting(task="stopped"), True),
        (TASK, Sighting(task="running"), False),
        (TASK, Sighting(task="unseen"), False),
    ],
)
def test_death_needs_a_proof(owner: Owner, seen: Sighting, dead: bool) -> None:
    """Another process under the same pid, no process, a stopped task: nothing else proves it."""
    assert is_proven_dead(owner, seen) is dead


def test_this_process_is_seen_alive() -> None:
    """A process that looks at itself finds itself alive."""
    owner = this_owner("run")
    assert owner.pid == os.getpid()
    assert not is_proven_dead(owner, sighting_of(owner, AwsCredentials()))


def test_process_that_ended_is_seen_dead_before_anybody_buries_it() -> None:
    """A killed process counts as dead while its parent has not waited for it yet."""
    child = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)
    owner = Owner(
        host=host_name(),
        boot_id=boot_id(),
        pid=child.pid,
        process_started_ticks=started_ticks(child.pid) or 0,
    )
    assert not is_proven_dead(owner, sighting_of(owner, AwsCredentials()))
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_proven_dead(owner, sighting_of(owner, AwsCredentials()))
    child.communicate()


def test_other_machine_is_not_looked_at() -> None:
    """A pid of another machine says nothing here."""
    owner = this_owner(None).model_copy(update={"boot_id": "other", "pid": 1})
    assert sighting_of(owner, AwsCredentials()) == Sighting()


def test_description_leads_to_the_process() -> None:
    """A refusal names flow run, process and host, or the task."""
    assert described(HERE) == "process 7 on host"
    assert described(TASK.model_copy(update={"flow_run_id": "run"})).startswith(
        "flow run run (arn:"
    )
