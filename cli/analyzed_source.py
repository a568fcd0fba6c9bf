"""What `delightful analyze` can be pointed at: a folder, an archive, a commit on GitHub."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from delightful.errors import ConfigError, TransientError
from delightful.text import escaped

if TYPE_CHECKING:
    from analyzer import SourceTree

_COMMIT_ON_GITHUB = re.compile(
    r"(?:github:|https://github\.com/)(?P<repository>[A-Za-z0-9-]+/[A-Za-z0-9._-]+?)"
    r"(?:@|/commit/|/tree/)(?P<commit>[0-9a-f]{40})"
)
_TIMEOUT_SECONDS = 60
UNCOMMITTED = "0" * 40


def tree_of(source: str, folder: str) -> "SourceTree":
    """Return the tree of a service, wherever its files lie.

    Args:
        source: A folder, an archive's file, or `github:owner/repository@commit`.
        folder: Where the service lies within an archive or a repository on GitHub.

    Raises:
        ConfigError: E_FILE, E_ARCH and its kin; E_SOURCE for what is none of these.
        TransientError: GitHub could not be reached.
    """
    from analyzer import SourceTree
    from analyzer.folder import repository_of

    path = Path(source)
    if path.is_dir():
        return SourceTree.of_folder(path / folder, repository_of(path / folder))
    with _archive(source, path) as stream:
        return SourceTree.of_archive(stream, folder, inside_one_folder=True)


def commit_of(source: str) -> str:
    """Return the commit that a source on GitHub names; zeros where files are read as they lie."""
    match = _COMMIT_ON_GITHUB.fullmatch(source)
    return match["commit"] if match else UNCOMMITTED


@contextmanager
def _archive(source: str, path: Path) -> Iterator[BinaryIO]:
    match = _COMMIT_ON_GITHUB.fullmatch(source)
    if match:
        with _github_archive(match["repository"], match["commit"]) as stream:
            yield stream
    elif path.is_file():
        with path.open("rb") as stream:
            yield stream
    else:
        raise ConfigError(
            "E_SOURCE",
            f"{escaped(source)} is no folder, no archive and no commit on GitHub",
            hint="give a path that exists, or github:OWNER/REPOSITORY@ and the full commit id",
        )


@contextmanager
def _github_archive(repository: str, commit: str) -> Iterator[BinaryIO]:
    """Yield the tarball that GitHub makes of a commit; GITHUB_TOKEN opens private ones."""
    import requests
    from github import Auth, Github, GithubException

    token = os.environ.get("GITHUB_TOKEN")
    client = Github(
        auth=Auth.Token(token) if token else None,
        base_url=os.environ.get("GITHUB_API_URL", "https://api.github.com"),
        timeout=_TIMEOUT_SECONDS,
        retry=None,
        lazy=True,
    )
    try:
        with client:
            link = client.get_repo(repository).get_archive_link("tarball", commit)
        with requests.get(link, stream=True, timeout=_TIMEOUT_SECONDS) as answer:
            answer.raise_for_status()
            yield cast("BinaryIO", answer.raw)
    except (GithubException, requests.RequestException) as error:
        raise TransientError(
            "E_GITHUB_UNREACHABLE",
            f"GitHub archive of {repository}@{commit[:7]}: {_cause(error)}",
            hint="check repository and commit, set GITHUB_TOKEN for a private one, or try again",
        ) from error


def _cause(error: Exception) -> str:
    status = getattr(error, "status", None)
    return f"HTTP {status}" if status else type(error).__name__
