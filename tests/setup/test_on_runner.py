"""The command on a runner imports nothing of the repository that it is called in."""

import subprocess
import sys
from pathlib import Path

import on_runner


def test_modules_of_the_checked_out_repository_are_never_imported(tmp_path: Path) -> None:
    """A pull request that brings modules of our names runs none of them."""
    (tmp_path / "environment/lib/python3.11/site-packages").mkdir(parents=True)
    command = on_runner.write_command(tmp_path / "environment", Path(sys.executable))
    hostile = tmp_path / "repository"
    for module in ("cli/__init__.py", "click.py", "delightful/__init__.py", "sitecustomize.py"):
        (hostile / module).parent.mkdir(parents=True, exist_ok=True)
        (hostile / module).write_text("raise SystemExit('hijacked')\n")
    done = subprocess.run(
        [command, "--help"],
        cwd=hostile,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(hostile)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage: delightful ")
    assert (command.parent / "python").exists() is False
