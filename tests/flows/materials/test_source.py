"""A commit's history, as the repository itself knows it."""

import subprocess
from pathlib import Path

from flows.materials.source import first_parents


def git(folder: Path, *arguments: str) -> str:
    """Run git with a name of its own."""
    who = ("-c", "user.name=test", "-c", "user.email=test@localhost")
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_reads_first_parents_newest_first(tmp_path: Path) -> None:
    """What a merge brought in is left out: it was never the tip of the branch."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "one")
    git(tmp_path, "checkout", "--quiet", "-b", "side")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "beside")
    git(tmp_path, "checkout", "--quiet", "main")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "two")
    git(tmp_path, "merge", "--quiet", "--no-ff", "side", "--message", "three")
    merge, second = (git(tmp_path, "rev-parse", name) for name in ("HEAD", "HEAD^1"))
    found = first_parents(str(tmp_path), merge)
    assert (found[:2], len(found)) == ([merge, second], 3)


def test_knows_no_history_outside_a_repository(tmp_path: Path) -> None:
    """A plain folder, or a commit that is not there, has no history; nothing is made up."""
    assert first_parents(str(tmp_path), "a" * 40) == []
