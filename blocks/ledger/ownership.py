"""Who holds an attempt, and whether that holder is proven dead.

What is seen of an owner and what follows from it are kept apart: `sighting_of` looks,
`is_proven_dead` decides. What cannot be looked at counts as alive.
"""

import functools
import json
import os
import socket
import subprocess
import sys
import urllib.request
import zlib
from pathlib import Path
from typing import Literal

from prefect_aws import AwsCredentials

from blocks.aws import aws_client, translated
from delightful.errors import DelightfulError
from delightful.frozen import Frozen
from delightful.release import Owner

_PROC = Path("/proc")
_METADATA_URI = "ECS_CONTAINER_METADATA_URI_V4"


class Sighting(Frozen):
    """What was seen of an owner.

    `started_ticks` is the start time of the process that has its pid now, None where there is
    none or only a corpse; it means something only where `same_machine`.
    """

    same_machine: bool = False
    started_ticks: int | None = None
    task: Literal["running", "stopped", "unseen"] = "unseen"


def is_proven_dead(owner: Owner, seen: Sighting) -> bool:
    """Say whether what was seen proves that the owner can do nothing more."""
    if owner.ecs_task_arn and seen.task != "unseen":
        return seen.task == "stopped"
    if seen.same_machine:
        return seen.started_ticks != owner.process_started_ticks
    return False


def sighting_of(owner: Owner, credentials: AwsCredentials) -> Sighting:
    """Look at an owner: its ECS task, or its process where this is its machine."""
    if owner.ecs_task_arn:
        return Sighting(task=_task_sighting(owner.ecs_task_arn, credentials))
    here = (owner.host, owner.boot_id) == (host_name(), boot_id())
    return Sighting(same_machine=here, started_ticks=started_ticks(owner.pid) if here else None)


def this_owner(flow_run_id: str | None) -> Owner:
    """Return this process as an owner."""
    pid = os.getpid()
    return Owner(
        flow_run_id=flow_run_id,
        ecs_task_arn=_own_task_arn(),
        host=host_name(),
        boot_id=boot_id(),
        pid=pid,
        process_started_ticks=started_ticks(pid) or 0,
    )


def described(owner: Owner) -> str:
    """Return how people find an owner."""
    where = owner.ecs_task_arn or f"process {owner.pid} on {owner.host}"
    return f"flow run {owner.flow_run_id} ({where})" if owner.flow_run_id else where


def host_name() -> str:
    """Return the host's name with the pid namespace, outside of which a pid means nothing."""
    try:
        return f"{socket.gethostname()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


@functools.cache
def boot_id() -> str:
    """Return what changes with every start of the machine."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return _output_of("sysctl", "-n", "kern.bootsessionuuid")


def started_ticks(pid: int) -> int | None:
    """Return when a live process started (ticks since boot on Linux), or None where none lives."""
    if sys.platform != "linux":
        started = _output_of("ps", "-o", "lstart=", "-p", str(pid))
        return zlib.crc32(started.encode()) if started else None
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The command in brackets may itself hold spaces and brackets: fields count from the last one.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def _output_of(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=5, check=False)
    return done.stdout.strip()


@functools.cache
def _own_task_arn() -> str | None:
    base = os.environ.get(_METADATA_URI)
    if base is None or not base.startswith("http://"):
        return None
    with urllib.request.urlopen(f"{base}/task", timeout=5) as answer:  # noqa: S310 - http only, checked above
        return str(json.load(answer)["TaskARN"])


def _task_sighting(
    task_arn: str, credentials: AwsCredentials
) -> Literal["running", "stopped", "unseen"]:
    cluster = task_arn.rpartition(":task/")[2].partition("/")[0]
    try:
        ecs = aws_client(credentials, "ecs")
        if task_arn.split(":")[3] != ecs.meta.region_name:
            return "unseen"
        with translated("ECS", "DescribeTasks"):
            answer = ecs.describe_tasks(cluster=cluster, tasks=[task_arn])
    except DelightfulError:
        return "unseen"
    if any(failure.get("reason") == "MISSING" for failure in answer.get("failures", [])):
        # ECS forgets a task some time after it stopped, never while it runs.
        return "stopped"
    statuses = [task["lastStatus"] for task in answer.get("tasks", [])]
    return "stopped" if statuses == ["STOPPED"] else "running" if statuses else "unseen"
