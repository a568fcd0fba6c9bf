"""The repository of a service on GitHub, as far as a runner fetches from it."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ServiceRepository:
    """A git repository; its working tree is where commits are made."""

    folder: Path

    def git(self, *arguments: str) -> str:
        """Run git in it and return what it says."""
        command = ["git", "-C", str(self.folder), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        """Commit all that lies in the working tree; return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def propose(self, number: int, files: Mapping[str, str]) -> str:
        """Put a commit with these files under a pull request's ref, beside the main branch."""
        self.git("checkout", "--quiet", "--detach")
        for path, text in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        commit = self.commit("Propose")
        self.git("update-ref", f"refs/pull/{number}/head", commit)
        self.git("checkout", "--quiet", "main")
        return commit

    def caller(self, verb: str) -> Path:
        """Return the workflow of the service's own that calls one of Delightful's."""
        (found,) = (self.folder / ".github" / "workflows").glob(f"*-{verb}.yml")
        return found
