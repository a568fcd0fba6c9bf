"""The command answers fast, in one line where it fails, with the exit code the design names."""

import errno
import resource
import subprocess
import sys

import pytest

from cli import main
from cli.main import VERBS
from delightful.errors import ExitCode


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command as a shell would."""
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments], capture_output=True, text=True, check=False
    )


def test_help_is_there_before_anybody_waits() -> None:
    """`--help` takes less than 0.3 s of a core, however many verbs there are and others wait."""
    durations = []
    for _ in range(3):
        before = children_seconds()
        assert run("--help").returncode == 0
        durations.append(children_seconds() - before)
    assert min(durations) < 0.3


def children_seconds() -> float:
    """Return the CPU time of the processes that were waited for so far."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


@pytest.mark.slow
def test_every_verb_explains_itself_without_prefect() -> None:
    """Each verb of the table exists, and its help imports neither Prefect nor boto3."""
    code = (
        "import sys; from cli.main import VERBS, delightful\n"
        "for verb in VERBS:\n"
        "    delightful.main([verb, '--help'], standalone_mode=False)\n"
        "    slow = {'prefect', 'boto3', 'moto'} & set(sys.modules)\n"
        "    assert not slow, f'{verb} imports {slow}'\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("Usage:") == len(VERBS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [["deplyo"], ["rollback"], ["rehearse", "--tasks", "vm"], ["releases", "--limit", "0"]],
)
def test_a_mistyped_command_is_bad_input(arguments: list[str]) -> None:
    """What a person mistypes ends with exit code 2 and says how to go on, without a traceback."""
    answer = run(*arguments)
    assert answer.returncode == ExitCode.BAD_INPUT
    assert "Traceback" not in answer.stderr
    assert answer.stderr.strip()


@pytest.mark.slow
def test_a_folder_that_is_not_there_is_bad_input() -> None:
    """Rehearsing nothing says so before anything is started."""
    answer = run("rehearse", "no-such-folder")
    assert answer.returncode == ExitCode.BAD_INPUT
    assert "no-such-folder" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_sigterm_ends_in_one_line_as_ctrl_c_does() -> None:
    """Who is told to stop says so, and how to go on, instead of dying without a word."""
    code = (
        "import os, signal; from cli import main\n"
        "main.delightful.main = lambda **_: os.kill(os.getpid(), signal.SIGTERM)\n"
        "main.main()\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.returncode == 130
    assert answer.stderr.startswith("E_INTERRUPTED stopped on request → ")
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("error", "line", "code"),
    [
        (
            OSError(errno.ENOSPC, "No space left", "/data/x"),
            "E_DISK_FULL No space left: /data/x",
            6,
        ),
        (RuntimeError("Failed to reach API at http://x/api/"), "E_PREFECT_UNREACHABLE Failed", 6),
        (RuntimeError("of ours"), "E_UNEXPECTED RuntimeError: of ours", 1),
    ],
)
def test_what_the_machine_lacks_is_no_mistake_of_ours(
    error: Exception,
    line: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A full disk and a server that is away are named, with what to do; only the rest is ours."""

    def fail(**options: bool) -> None:
        raise error

    monkeypatch.setattr(main.delightful, "main", fail)
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == code
    told = capsys.readouterr().err
    assert told.startswith(line)
    assert "→" in told
