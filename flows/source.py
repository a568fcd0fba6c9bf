"""The files of one commit, laid out for the length of a `with` block."""

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from delightful.errors import ConfigError

_GIT_TIMEOUT_SECONDS = 120
_HISTORY_LENGTH = 200


@contextmanager
def source_tree(source: str, commit: str) -> Iterator[Path]:
    """Yield a directory with the files of `commit` below `source`, as git has them.

    A folder that is in no git repository is yielded as it is: its files are all there is to read.

    Raises:
        ConfigError: `source` is no folder (E_SOURCE), or git does not know the commit (E_COMMIT).
    """
    folder = Path(source).expanduser()
    if not folder.is_dir():
        raise ConfigError(
            "E_SOURCE",
            f"source: {source} is not a folder",
            hint="give the path of the service's git repository or folder",
        )
    if not _is_in_git(folder):
        yield folder.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="delightful-source-") as scratch:
        _extract_commit(folder, commit, Path(scratch))
        yield Path(scratch)


def first_parents(source: str, commit: str) -> list[str]:
    """Return a commit and its recent first parents, newest first; nothing where git knows none."""
    count = f"--max-count={_HISTORY_LENGTH}"
    answer = _git(Path(source).expanduser(), "rev-list", "--first-parent", count, commit, "--")
    return answer.stdout.decode().split() if answer.returncode == 0 else []


def _is_in_git(folder: Path) -> bool:
    return (
        _git(folder, "rev-parse", "--is-inside-work-tree", "--is-bare-repository").returncode == 0
    )


def _git(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        ["git", "-C", str(folder), *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=_GIT_TIMEOUT_SECONDS,
        check=False,
    )


def _extract_commit(folder: Path, commit: str, target: Path) -> None:
    if _git(folder, "cat-file", "-e", f"{commit}^{{commit}}").returncode != 0:
        raise ConfigError(
            "E_COMMIT",
            f"commit: {commit} is not in the repository at {folder}",
            hint="fetch it there, or name a commit that `git log` shows",
        )
    with tempfile.TemporaryFile() as archive:
        # An argument list of ours; `--` keeps a folder's name from being read as an option.
        subprocess.run(
            ["git", "-C", str(folder), "archive", "--format=tar", commit, "--"],
            stdout=archive,
            stdin=subprocess.DEVNULL,
            timeout=_GIT_TIMEOUT_SECONDS,
            check=True,
        )
        archive.seek(0)
        _unpack(archive, target)


def _unpack(archive: IO[bytes], target: Path) -> None:
    """Write regular files, folders and inward symbolic links; everything else stays out.

    tarfile before 3.12 trusts what it reads unless told: members are streamed and filtered here.
    """
    with tarfile.open(fileobj=archive, mode="r|") as members:
        for member in members:
            if ".." in PurePosixPath(member.name).parts:
                continue
            try:
                members.extract(member, target, set_attrs=True, filter="data")
            except tarfile.FilterError:
                continue
