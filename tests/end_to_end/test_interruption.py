"""Ctrl-C, which a person presses at any moment."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.stage import until

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]


# Meanwhile another deploy's Terraform waits for its load balancer.
@pytest.mark.usefixtures("first_deploy")
def test_ctrl_c_of_a_rehearsal_leaves_nothing(tmp_path: Path) -> None:
    """Neither a process nor a directory of its sandbox outlives the interrupted command."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = Path(sys.executable).with_name("delightful")
    log = tmp_path / "log"
    with log.open("wb") as said:
        rehearsal = subprocess.Popen(
            [str(command), "rehearse", "--tasks", "process"],
            env=environment(tmp_path, scratch),
            stdout=said,
            stderr=said,
            start_new_session=True,
            preexec_fn=listen_to_ctrl_c,
        )
    until(lambda: "Apply" in log.read_text() or "Plan:" in log.read_text(), "Terraform at work")
    assert processes_of(scratch) != []
    os.killpg(rehearsal.pid, signal.SIGINT)
    assert rehearsal.wait(timeout=120) == 130
    assert log.read_text().splitlines()[-1].startswith("E_INTERRUPTED ")
    assert processes_of(scratch) == []
    assert [str(path) for path in scratch.rglob("*")] == []


def listen_to_ctrl_c() -> None:
    """Be as a shell starts a command: one in a script's background is deaf to SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def environment(home: Path, scratch: Path) -> dict[str, str]:
    """Return the variables of a person who has no sandbox and a folder for temporary files."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PREFECT_", "AWS_", "DELIGHTFUL_"))
    }
    return kept | {
        "TMPDIR": str(scratch),
        "XDG_STATE_HOME": str(home / "state"),
        "PREFECT_HOME": str(home / "prefect"),
    }


def processes_of(scratch: Path) -> list[str]:
    """Return the processes that were started with this folder for their temporary files."""
    mine = f"TMPDIR={scratch}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
            if mine in variables and variables != [b""]:
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found
