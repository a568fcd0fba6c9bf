"""The files of one commit, laid out for the length of a `with` block."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from delightful.errors import ConfigError
from delightful.text import escaped

_GIT_TIMEOUT_SECONDS = 120
_HISTORY_LENGTH = 200


class SourceFiles(NamedTuple):
    """The files of one commit: the repository's root, and the service's folder in it."""

    repository: Path
    folder: Path


@contextmanager
def source_tree(source: str, commit: str) -> Iterator[SourceFiles]:
    """Yield the files of `commit`, as git has them; `source` is the service's folder.

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
        yield SourceFiles(folder.resolve(), folder.resolve())
        return
    with tempfile.TemporaryDirectory(prefix="delightful-source-") as scratch:
        _extract_commit(folder, commit, Path(scratch))
        inside = Path(scratch, _said(folder, "--show-prefix"))
        if not inside.is_dir():
            raise ConfigError(
                "E_SOURCE",
                f"source: {source} is not in commit {commit}",
                hint="name a folder that the commit has",
            )
        yield SourceFiles(Path(scratch), inside)


def changed_paths(source: str, since: str, commit: str | None = None) -> list[str]:
    """Return the paths of the service's folder that differ between two commits.

    Without the second it is what lies in the working tree that is compared.

    Raises:
        ConfigError: git does not know one of them (E_COMMIT).
    """
    folder = Path(source).expanduser()
    commits = [since, commit] if commit else [since]
    # A commit is never taken for an option.
    options = ("--name-only", "-z", "--relative", "--end-of-options")
    answer = _git(folder, "diff", *options, *commits, "--", ".")
    if answer.returncode != 0:
        raise ConfigError(
            "E_COMMIT",
            f"git does not know {' and '.join(commits)} in {folder}",
            hint="fetch them there, or leave out what to compare with",
        )
    return answer.stdout.decode(errors="replace").split("\0")[:-1]


def common_ancestor(source: str, one: str, other: str) -> str | None:
    """Return the last commit that two have in common, or None where git knows of none."""
    answer = _git(Path(source).expanduser(), "merge-base", "--end-of-options", one, other)
    return answer.stdout.decode().strip() if answer.returncode == 0 else None


def archive_of(source: str, commit: str, target: Path) -> None:
    """Write the whole repository at a commit, as git has it, into a tar.gz.

    Raises:
        ConfigError: E_SOURCE, the folder is in no git repository; E_COMMIT.
    """
    folder = Path(source).expanduser()
    if not folder.is_dir() or not _is_in_git(folder):
        raise ConfigError(
            "E_SOURCE",
            f"source: {source} is in no git repository",
            hint="give the service's folder in a checkout that has the commit",
        )
    with target.open("wb") as stream:
        _write_archive(folder, commit, "tar.gz", stream)


def folder_in_repository(source: str) -> str:
    """Return where a folder lies in its git repository, "" for the root."""
    return _said(Path(source).expanduser(), "--show-prefix").rstrip("/")


def first_parents(source: str, commit: str) -> list[str]:
    """Return a commit and its recent first parents, newest first; nothing where git knows none."""
    count = f"--max-count={_HISTORY_LENGTH}"
    answer = _git(Path(source).expanduser(), "rev-list", "--first-parent", count, commit, "--")
    return answer.stdout.decode().split() if answer.returncode == 0 else []


def _is_in_git(folder: Path) -> bool:
    return (
        _git(folder, "rev-parse", "--is-inside-work-tree", "--is-bare-repository").returncode == 0
    )


def _said(folder: Path, question: str) -> str:
    return os.fsdecode(_git(folder, "rev-parse", question).stdout).removesuffix("\n")


def _git(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        ["git", "-C", str(folder), *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=_GIT_TIMEOUT_SECONDS,
        check=False,
    )


def _extract_commit(folder: Path, commit: str, target: Path) -> None:
    with tempfile.TemporaryFile() as archive:
        _write_archive(folder, commit, "tar", archive)
        archive.seek(0)
        _unpack(archive, target)


def _write_archive(folder: Path, commit: str, form: str, target: IO[bytes]) -> None:
    if _git(folder, "cat-file", "-e", f"{commit}^{{commit}}").returncode != 0:
        raise ConfigError(
            "E_COMMIT",
            f"commit: {commit} is not in the repository at {folder}",
            hint="fetch it there, or name a commit that `git log` shows",
        )
    # From the top, for `git archive` takes the folder that it runs in.
    top = folder / _said(folder, "--show-cdup")
    # An argument list of ours; `--` keeps a folder's name from being read as an option.
    done = subprocess.run(
        ["git", "-C", str(top), "archive", f"--format={form}", commit, "--"],
        stdout=target,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        timeout=_GIT_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        # A negative status is the signal that ended it: on a full disk there is nothing to read.
        said = escaped(done.stderr.decode(errors="replace")) or f"status {done.returncode}"
        raise ConfigError(
            "E_GIT",
            f"git archive of {commit} in {escaped(str(top))} failed: {said}",
            hint="do what git says; make room if the disk is full, then run the same again",
        )


def _unpack(archive: IO[bytes], target: Path) -> None:
    """Write regular files, folders and inward symbolic links; everything else stays out.

    The filters of tarfile came with Python 3.11.4, and some systems keep an older one.
    """
    links: list[tarfile.TarInfo] = []
    with tarfile.open(fileobj=archive, mode="r|") as members:
        for member in members:
            name = PurePosixPath(member.name)
            if name.is_absolute() or ".." in name.parts:
                continue
            if member.issym():
                links.append(member)
            else:
                _write_member(members, member, target / name)
    _write_links(links, target)


def _write_member(members: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    content = members.extractfile(member) if member.isreg() else None
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
    elif content is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            shutil.copyfileobj(content, file)
        path.chmod(member.mode & 0o755 | 0o600)
        os.utime(path, (member.mtime, member.mtime))


def _write_links(links: Sequence[tarfile.TarInfo], target: Path) -> None:
    """Write links behind all files, so that nothing is written through one.

    Where each leads is known once all of them are there.
    """
    written = [target / link.name for link in links]
    for link, path in zip(links, written, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(path):
            path.symlink_to(link.linkname)
    root = target.resolve()
    for path in written:
        if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(root):
            path.unlink()
