"""A child is stopped once, waited for, and never outlives its parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from blocks.child_process import ChildCommand, inherited_environment, required_tool, run_child
from blocks.ledger.ownership import started_ticks
from delightful.errors import ConfigError, ExternalError

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[2]
LAUNCHER = PROJECT / "blocks" / "launch_child.py"
PARENT = """
import sys, threading
from pathlib import Path
from blocks.child_process import ChildCommand, run_child

for _ in range(12):
    threading.Thread(target=threading.Event().wait).start()
child = ChildCommand(
    argv=tuple(sys.argv[1:]), directory=Path.cwd(), environment={}, deadline_seconds=60
)
run_child(child, lambda line: print(line, flush=True))
"""
# As Terraform: it says what it does when told to stop, and a broken pipe is its end.
TIDY = """
import os, signal, sys, time
from pathlib import Path

def tidy(*_):
    print("saving", flush=True)
    Path(sys.argv[1]).write_text("saved")
    sys.exit()

signal.signal(signal.SIGPIPE, signal.SIG_DFL)
signal.signal(signal.SIGINT, tidy)
print(os.getpid(), flush=True)
time.sleep(60)
"""
# Terraform takes the first signal for a wish and the second one for an order.
COUNTING = """
import os, signal, sys, time
from pathlib import Path

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
print(os.getpid(), flush=True)
told = 0
while signal.sigtimedwait({signal.SIGINT}, 1.0 if told else 60.0):
    told += 1
Path(sys.argv[1]).write_text(str(told))
"""


def command(*argv: str, deadline: float = 10.0, stop: float = 5.0) -> ChildCommand:
    return ChildCommand(
        argv=argv,
        directory=Path.cwd(),
        environment={"PATH": os.defpath},
        deadline_seconds=deadline,
        stop_seconds=stop,
    )


def test_lines_and_status_come_back() -> None:
    """Every line is told, stderr and an unfinished last one included."""
    lines: list[str] = []
    script = "echo one; echo two >&2; printf three; exit 3"
    assert run_child(command("/bin/sh", "-c", script), lines.append) == 3
    assert lines == ["one", "two", "three"]


def test_late_child_gets_one_signal_and_time_to_end() -> None:
    """At the deadline the child is interrupted once and may still finish its work."""
    lines: list[str] = []
    script = 'trap "echo saving; exit 0" INT; echo ready; while :; do sleep 0.05; done'
    with pytest.raises(ExternalError, match="E_TIMEOUT"):
        run_child(command("/bin/sh", "-c", script, deadline=0.5), lines.append)
    assert lines == ["ready"]


def test_child_that_will_not_stop_is_killed_with_all_it_started() -> None:
    """After the patience has run out nothing of the child's session is left."""
    lines: list[str] = []
    script = 'trap "" INT; sleep 60 & echo $!; wait; while :; do sleep 1; done'
    with pytest.raises(ExternalError):
        run_child(command("/bin/sh", "-c", script, deadline=0.3, stop=0.2), lines.append)
    assert _ends(int(lines[0]))


def test_interrupt_while_waiting_stops_the_child() -> None:
    """An exception out of the wait, here from the listener, leaves no child behind."""
    seen: list[int] = []

    def interrupt(line: str) -> None:
        seen.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_child(command("/bin/sh", "-c", "echo $$; exec sleep 60"), interrupt)
    assert started_ticks(seen[0]) is None


def test_child_dies_with_its_killed_parent() -> None:
    """SIGKILL of the parent, which nothing can catch, still ends the child."""
    assert _ends(_orphan("/bin/sh", "-c", "echo $$; exec sleep 60"))


def test_child_of_a_killed_parent_ends_its_work_in_order(tmp_path: Path) -> None:
    """What it says while it tidies up reaches nobody any more, and does not kill it."""
    assert _ends(_orphan(sys.executable, "-c", TIDY, str(tmp_path / "state")))
    assert (tmp_path / "state").read_text() == "saved"


def test_child_of_a_killed_parent_is_told_once(tmp_path: Path) -> None:
    """The parent's threads go one after the other, and the kernel tells its child of each."""
    assert _ends(_orphan(sys.executable, "-c", COUNTING, str(tmp_path / "told")))
    assert (tmp_path / "told").read_text() == "1"


def test_child_that_a_signal_ended_is_told_by_its_number() -> None:
    """A status below zero, as of a child that was started without anything between."""
    assert run_child(command("/bin/sh", "-c", "kill -9 $$"), print) == -signal.SIGKILL
    assert run_child(command("/bin/sh", "-c", "kill -2 $$"), print) == -signal.SIGINT


def test_the_end_of_a_command_is_seen_where_its_starter_ignores_ends() -> None:
    """What is ignored stays so for all below; the launcher waits for just that signal."""
    launched = [
        sys.executable,
        "-I",
        str(LAUNCHER),
        str(os.getpid()),
        "2",
        "/bin/sh",
        "-c",
        "exit 3",
    ]
    deaf = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
    deaf += "os.execv(sys.argv[1], sys.argv[1:])"
    done = subprocess.run([sys.executable, "-c", deaf, *launched], timeout=10, check=False)
    assert done.returncode == 3


def test_environment_of_a_child_holds_no_secret() -> None:
    """Only what names places and languages is handed on."""
    ours = {"PATH": "/bin", "HOME": "/home/ann", "ANTHROPIC_API_KEY": "x", "PREFECT_API_KEY": "x"}
    assert inherited_environment(ours) == {"PATH": "/bin", "HOME": "/home/ann"}


def test_missing_tool_is_told_with_how_to_get_it() -> None:
    """A tool that is nowhere is an error of the set-up."""
    with pytest.raises(ConfigError, match="E_TOOL no-such-tool is not installed → get it"):
        required_tool("no-such-tool", (), "get it")


def _orphan(*argv: str) -> int:
    """Have a parent run a command, kill the parent, and return the command's pid."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *argv], stdout=subprocess.PIPE, cwd=PROJECT, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    return child


def _ends(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while started_ticks(pid) is not None and time.monotonic() < deadline:
        os.sched_yield()
    return started_ticks(pid) is None
