"""Where a folder lies in its repository, and where Delightful itself was cloned from."""

import re
import subprocess
from pathlib import Path

from delightful.errors import ConfigError

_PROJECT = Path(__file__).resolve().parents[1]
_WORKFLOWS = re.compile(r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}@[0-9a-f]{40}")
_ON_GITHUB = re.compile(
    r"(?:https://|ssh://git@|git@)github\.com[:/](?P<name>[A-Za-z0-9-]+/[A-Za-z0-9._-]+?)(?:\.git)?/?"
)
_OWN_ACTION = Path(".github/actions/delightful/action.yml")


def place_in_repository(folder: Path) -> tuple[Path, str]:
    """Return the top of a folder's git repository, and the folder within it, "." for the top.

    Raises:
        ConfigError: E_GIT, the folder is in no repository.
    """
    top = _said(folder, "--show-toplevel")
    if top is None:
        raise ConfigError(
            "E_GIT",
            f"{folder} is in no git repository",
            hint="run `git init` in it first: workflows lie at the top of a repository",
        )
    return Path(top), (_said(folder, "--show-prefix") or "").rstrip("/") or "."


def delightful_workflows(given: str | None, top: Path) -> str | None:
    """Return where Delightful's workflows lie, as OWNER/NAME@COMMIT; None for this repository.

    Raises:
        ConfigError: E_WORKFLOWS, what was given is none, or this clone does not say.
    """
    if given is not None:
        if not _WORKFLOWS.fullmatch(given):
            raise _unknown(f"--workflows: {given!r} is not OWNER/NAME@ and a full commit id")
        return given
    if (top / _OWN_ACTION).is_file():
        return None
    url = _git(_PROJECT, "remote", "get-url", "origin")
    match = _ON_GITHUB.fullmatch(url or "")
    commit = _said(_PROJECT, "HEAD")
    if match is None or commit is None:
        raise _unknown("this Delightful was not cloned from GitHub")
    return f"{match['name']}@{commit}"


def _unknown(reason: str) -> ConfigError:
    return ConfigError(
        "E_WORKFLOWS",
        reason,
        hint="name Delightful's repository and the commit to use: --workflows OWNER/NAME@COMMIT",
    )


def _said(folder: Path, question: str) -> str | None:
    return _git(folder, "rev-parse", question)


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise ConfigError("E_GIT", "git is not installed", hint="install git") from error
    return answer.stdout.removesuffix("\n") if answer.returncode == 0 else None
