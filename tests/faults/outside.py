"""What can be asked from outside of a sandbox: its AWS, and the machine's processes."""

import os
import signal
import time
from pathlib import Path

from botocore.exceptions import ClientError

from blocks.delivery_environment import state_key
from blocks.ledger.ownership import is_proven_dead, sighting_of
from delightful.release import Owner, Release
from rehearsal.preparation import sandbox_environment
from tests.end_to_end.stage import ENVIRONMENT, SERVICE
from tests.faults.bench import Bench

STATE_KEY = state_key("service", ENVIRONMENT, SERVICE)
# What a stopped Terraform may take to put its state away and go.
_GONE_SECONDS = 20.0


def primary_digest(bench: Bench, good: Release) -> str:
    """Return the digest that the primary task set's task definition names."""
    assert good.stack is not None
    outputs, ecs = good.stack.outputs, bench.stage.aws("ecs")
    service = ecs.describe_services(cluster=outputs.cluster_name, services=[outputs.service_name])
    found = service["services"][0]
    sets = found.get("taskSets") or found.get("deployments") or []
    arn = next(one["taskDefinition"] for one in sets if one["status"] == "PRIMARY")
    containers = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"][
        "containerDefinitions"
    ]
    image = next(one["image"] for one in containers if one["name"] == outputs.container_name)
    return str(image).rpartition("@")[2]


def locks(bench: Bench) -> list[str]:
    """Return the locks on the service's state: the row of the table, and the lock file."""
    sandbox, found = bench.stage.sandbox, []
    row = bench.stage.aws("dynamodb").get_item(
        TableName=sandbox.lock_table, Key={"LockID": {"S": f"{sandbox.state_bucket}/{STATE_KEY}"}}
    )
    if "Item" in row:
        found.append("row")
    if state_object(bench, f"{STATE_KEY}.tflock") is not None:
        found.append("file")
    return found


def orphans_after_a_while(bench: Bench) -> list[str]:
    """Return the Terraforms of this sandbox whose starter is gone, once they had time to end."""
    deadline = time.monotonic() + _GONE_SECONDS
    while (left := orphans(bench)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return left


def orphans(bench: Bench) -> list[str]:
    """Return the Terraforms of this sandbox that no living command of ours started."""
    home = str(bench.stage.folder)
    return [line for pid, line in processes_in(home) if "terraform" in line and _is_orphan(pid)]


def processes_in(folder: str) -> list[tuple[int, str]]:
    """Return pid and command line of the processes that work below a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str((entry / "cwd").readlink()).startswith(folder):
                line = (entry / "cmdline").read_text().replace("\0", " ")
                found.append((int(entry.name), line))
        except OSError:
            continue
    return found


def _is_orphan(pid: int) -> bool:
    """Say whether nothing above a process, up to the machine's own, is a Python of ours."""
    while pid > 1:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            line = Path(f"/proc/{pid}/cmdline").read_text()
        except OSError:
            return True
        if any(ours in line for ours in ("cli.main", "tests.faults", "prefect")):
            return False
        pid = int(fields[1])
    return True


def is_dead(bench: Bench, owner: Owner) -> bool:
    """Say whether an owner of an attempt is proven dead."""
    credentials = sandbox_environment(bench.stage.sandbox).credentials
    return is_proven_dead(owner, sighting_of(owner, credentials))


def state_object(bench: Bench, key: str) -> bytes | None:
    """Return an object of the state bucket, or None."""
    try:
        found = bench.stage.aws("s3").get_object(Bucket=bench.stage.sandbox.state_bucket, Key=key)
        return bytes(found["Body"].read())
    except ClientError:
        return None


def digest_row(bench: Bench) -> str | None:
    """Return the md5 that the lock table has of the state."""
    sandbox = bench.stage.sandbox
    key = {"LockID": {"S": f"{sandbox.state_bucket}/{STATE_KEY}-md5"}}
    row = bench.stage.aws("dynamodb").get_item(TableName=sandbox.lock_table, Key=key)
    digest: str | None = row.get("Item", {}).get("Digest", {}).get("S")
    return digest


def pid_of_terraform(bench: Bench, *words: str) -> int | None:
    """Return the pid of this sandbox's Terraform that runs a command, or None."""
    for pid, line in processes_in(str(bench.stage.folder)):
        argv = line.split()
        if argv and Path(argv[0]).name == "terraform" and all(word in argv for word in words):
            return pid
    return None


def kill_process(pid: int) -> None:
    """End a process as the kernel does when memory is short."""
    os.kill(pid, signal.SIGKILL)
