"""The versions that a rehearsal ships: a repository of its own, made from a folder.

The folder itself is only read. Its files are committed as they stand, then once more with a marker
file (the second version), then with what breaks it.
"""

import shutil
import subprocess
from pathlib import Path

import yaml

from delightful.errors import ConfigError

MARKER = "delightful-rehearsal.txt"
BROKEN_PATCH = Path("rehearsal", "broken.patch")
CRASH = ["sh", "-c", "echo 'rehearsal: this version cannot start'; exit 1"]

_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", ".delightful")


class Versions:
    """A git repository below the sandbox's folder, one commit for each version shipped."""

    def __init__(self, source: Path, repository: Path, manifest: Path | None = None) -> None:
        self.source = source
        self.repository = repository
        self._manifest = manifest

    def commit_as_it_is(self) -> str:
        """Commit the folder's files as they stand; return the commit."""
        self._copy()
        return self._commit("rehearsal: the service as it is")

    def commit_next(self) -> str:
        """Commit the same service with a new marker file; return the commit."""
        self._copy()
        earlier = len(self.history())
        (self.repository / MARKER).write_text(f"version {earlier + 1}\n")
        return self._commit("rehearsal: the next version")

    def commit_broken(self) -> str:
        """Commit a version that must not get traffic; return the commit.

        The service's own `rehearsal/broken.patch` says how it breaks; without one, its manifest
        gets a start command that exits at once.
        """
        if (self.source / BROKEN_PATCH).is_file():
            self._git("apply", str((self.source / BROKEN_PATCH).resolve()))
        else:
            self._break_start_command()
        return self._commit("rehearsal: a version that is broken")

    def history(self) -> list[str]:
        """Return the first-parent history, newest first; empty before the first commit."""
        if not (self.repository / ".git" / "refs" / "heads" / "main").exists():
            return []
        return self._git("rev-list", "--first-parent", "--max-count=50", "main").split()

    def _copy(self) -> None:
        if not (self.repository / ".git").exists():
            self.repository.mkdir(parents=True, exist_ok=True)
            self._git("init", "--quiet", "--initial-branch=main")
        for entry in self.repository.iterdir():
            if entry.name != ".git":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        shutil.copytree(
            self.source, self.repository, dirs_exist_ok=True, symlinks=True, ignore=_LEFT_OUT
        )
        if self._manifest is not None:
            shutil.copyfile(self._manifest, self.repository / ".delightful.yaml")

    def _break_start_command(self) -> None:
        manifest = self.repository / ".delightful.yaml"
        content = yaml.safe_load(manifest.read_text())
        broken = {**content, "start_command": CRASH}
        manifest.write_text(yaml.safe_dump(broken, sort_keys=False))

    def _commit(self, message: str) -> str:
        self._git("add", "--all")
        self._git("commit", "--quiet", "--allow-empty", "--message", message)
        return self._git("rev-parse", "HEAD").strip()

    def _git(self, *arguments: str) -> str:
        command = [
            *("git", "-C", str(self.repository)),
            *("-c", "user.name=Delightful rehearsal", "-c", "user.email=rehearsal@localhost"),
            *("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgsign=false"),
            *arguments,
        ]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise ConfigError(
                "E_GIT",
                f"git {arguments[0]} failed in {self.repository}: {answer.stderr.strip()}",
                hint="mend what git says, then rehearse again",
            )
        return answer.stdout
