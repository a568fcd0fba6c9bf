"""A `run:` step: bash with the options that GitHub gives it, one script file, one environment."""

import os
import signal
import subprocess
import time
from collections.abc import Callable

from tests.end_to_end.workflow_runs.job import Job

# After https://docs.github.com/actions/reference/workflows-and-actions/workflow-cancellation
_INTERRUPTED_SECONDS = 7.5
_TERMINATED_SECONDS = 2.5
_LONGEST_SECONDS = 900.0


def ran(job: Job, script: str, variables: dict[str, str], is_cancelled: Callable[[], bool]) -> bool:
    """Run a script to its end, or until the job is cancelled; say whether it went well."""
    file = job.temp / "step.sh"
    file.write_text(script)
    log = job.folder / "step.log"
    environment = {**job.variables(), **variables}
    job.environments.append(environment)
    with log.open("wb") as stream:
        process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(file)],
            cwd=job.workspace,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        code = _waited(process, is_cancelled)
    job.said.append(log.read_text(errors="replace"))
    return code == 0


def _waited(process: "subprocess.Popen[bytes]", is_cancelled: Callable[[], bool]) -> int:
    deadline = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < deadline:
        try:
            return process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            if is_cancelled():
                break
    return _cancelled(process)


def _cancelled(process: "subprocess.Popen[bytes]") -> int:
    """End the step as a runner does: the shell alone is asked, then all of it is killed."""
    for number, seconds in (
        (signal.SIGINT, _INTERRUPTED_SECONDS),
        (signal.SIGTERM, _TERMINATED_SECONDS),
    ):
        process.send_signal(number)
        try:
            return process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            continue
    os.killpg(process.pid, signal.SIGKILL)
    return process.wait(timeout=10)
