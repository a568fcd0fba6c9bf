"""The service that a command is about: its manifest, its commit and its history."""

import subprocess
from pathlib import Path

from delightful.errors import ConfigError
from delightful.reading.manifest import read_manifest

MANIFEST = ".delightful.yaml"
HISTORY_LENGTH = 200


def service_name(given: str | None, folder: Path) -> str:
    """Return the service that was given, or the one that the folder's manifest names.

    Raises:
        ConfigError: none was given and there is no manifest.
    """
    if given:
        return given
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise ConfigError(
            "E_SERVICE",
            f"no --service was given and {manifest} is not there",
            hint="name the service with --service, or run this in its repository",
        )
    return read_manifest(manifest.read_bytes(), str(manifest)).service


def resolve_commit(folder: Path, revision: str) -> str:
    """Return the full commit that a revision of the folder's repository names."""
    return _git(folder, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")[0]


def first_parent_history(folder: Path, commit: str) -> list[str]:
    """Return the commit and its recent first parents, newest first."""
    return _git(folder, "rev-list", "--first-parent", f"--max-count={HISTORY_LENGTH}", commit)


def _git(folder: Path, *arguments: str) -> list[str]:
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
        )
    except FileNotFoundError as error:
        raise ConfigError("E_GIT", "git is not installed", hint="install git") from error
    except subprocess.CalledProcessError as error:
        raise ConfigError(
            "E_GIT",
            f"git {arguments[0]} failed in {folder}: {error.stderr.strip()}",
            hint="run this in the service's git repository, or name it as SOURCE",
        ) from error
    return answer.stdout.split()
