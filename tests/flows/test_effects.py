"""Effects end their process where a test of crashes says, and nowhere else."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

STORY = """\
from flows.effects import killable

@killable("apply")
def apply(number):
    print("did", number, flush=True)

apply(1)
apply(2)
print("the end", flush=True)
"""


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ("apply#1:before", []),
        ("apply#1:after", ["did 1"]),
        ("apply#2:before", ["did 1"]),
        ("apply#2:after", ["did 1", "did 2"]),
    ],
)
def test_a_process_ends_at_its_failpoint(point: str, said: list[str]) -> None:
    """The process is killed before or after the effect's n-th time, as if memory were short."""
    done = told(point)
    assert (done.returncode, done.stdout.splitlines()) == (-signal.SIGKILL, said)


@pytest.mark.parametrize("point", ["", "apply", "apply:before", "apply#3:after", "push#1:before"])
def test_nothing_ends_elsewhere(point: str) -> None:
    """What names no effect that is reached ends nothing."""
    done = told(point)
    assert (done.returncode, done.stdout.splitlines()) == (0, ["did 1", "did 2", "the end"])


def told(point: str) -> "subprocess.CompletedProcess[str]":
    """Run the story in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", STORY],
        cwd=Path(__file__).parents[2],
        env={"DELIGHTFUL_FAILPOINT": point, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
