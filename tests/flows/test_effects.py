"""Effects end their process where a test of crashes says, and nowhere else."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flows.effects import FAILPOINT, killable

pytestmark = pytest.mark.slow

STORY = """\
from flows.effects import killable

@killable("apply")
def apply():
    print("did", flush=True)

apply()
print("the end", flush=True)
"""


class Killed(BaseException):
    """Nothing of this process runs any more."""


@pytest.mark.parametrize(
    ("point", "done"),
    [
        ("apply#1:before", []),
        ("apply#1:after", [1]),
        ("apply#2:before", [1]),
        ("apply#2:after", [1, 2]),
        *((name, [1, 2, "end"]) for name in ("", "apply", "apply:before", "apply#3:after")),
        ("push#1:before", [1, 2, "end"]),
    ],
)
def test_a_process_ends_at_its_failpoint_alone(
    monkeypatch: pytest.MonkeyPatch, point: str, done: list[object]
) -> None:
    """It ends before or after the n-th time of the effect that is named, and at nothing else."""
    monkeypatch.setenv(FAILPOINT, point)
    monkeypatch.setattr(os, "kill", _killed)
    seen: list[object] = []
    apply = killable("apply")(seen.append)
    try:
        apply(1)
        apply(2)
        seen.append("end")
    except Killed:
        assert point.startswith("apply#")
    assert seen == done


def test_it_ends_as_if_memory_were_short() -> None:
    """SIGKILL: nothing is said, closed or put back."""
    ended = subprocess.run(
        [sys.executable, "-c", STORY],
        cwd=Path(__file__).parents[2],
        env={FAILPOINT: "apply#1:after"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGKILL, "did\n", "")


def _killed(pid: int, how: int) -> None:
    assert (pid, how) == (os.getpid(), signal.SIGKILL)
    raise Killed
