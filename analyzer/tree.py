"""The source tree: the one object through which everything else reads a repository.

A folder is read where it stands, an archive is streamed into memory; neither follows a link and
both give the same tree for the same commit.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Self

from delightful.errors import ConfigError
from delightful.reading.archive import ArchiveLimits, read_archive
from delightful.text import escaped

MAX_FILES = 20_000
LIMITS = ArchiveLimits()

# Installed, generated or foreign: not what the authors wrote.
IGNORED_FOLDERS = frozenset(
    {
        ".bundle",
        ".git",
        ".gradle",
        ".hg",
        ".mypy_cache",
        ".next",
        ".nox",
        ".nuxt",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".terraform",
        ".tox",
        ".venv",
        "__pycache__",
        "bower_components",
        "node_modules",
        "site-packages",
        "venv",
        "vendor",
    }
)

# Folders and name parts that hold tests, documents and samples: true of them, not of the service.
_ASIDE_FOLDERS = frozenset(
    {
        "__tests__",
        "benchmarks",
        "cypress",
        "doc",
        "docs",
        "e2e",
        "example",
        "examples",
        "fixtures",
        "spec",
        "test",
        "testing",
        "tests",
    }
)
_ASIDE_MARKS = (".spec.", ".test.", "_test.", "conftest.py")


class SourceTree:
    """The files of one service at one commit, in a fixed order."""

    def __init__(
        self,
        sizes: Mapping[str, int],
        read: Callable[[str], bytes | None],
        irregular: Mapping[str, int] | None = None,
    ) -> None:
        self._sizes = sizes
        self._read = read
        self._irregular = irregular or {}
        self.paths = tuple(sorted(sizes))

    @classmethod
    def of_folder(cls, folder: Path) -> Self:
        """Look at a folder; contents are read when they are asked for.

        Raises:
            ConfigError: E_FILE, E_DEPTH or E_ARCH_LIMIT.
        """
        if not folder.is_dir():
            raise ConfigError(
                "E_FILE", f"{escaped(str(folder))} is not a folder", hint="give a service's folder"
            )
        sizes: dict[str, int] = {}
        irregular: dict[str, int] = {}
        for path, status in _walk(folder):
            if not stat.S_ISREG(status.st_mode):
                irregular[path] = status.st_mode
                continue
            sizes[path] = status.st_size
            _check_count(len(sizes))
        return cls(sizes, lambda path: _read_plain_file(folder, path), irregular)

    @classmethod
    def of_archive(cls, stream: BinaryIO) -> Self:
        """Read a tar, tar.gz or zip archive to its end; nothing is written anywhere.

        Raises:
            ConfigError: E_ARCH and its kin, E_DEPTH.
        """
        sizes: dict[str, int] = {}
        contents: dict[str, bytes] = {}
        irregular: dict[str, int] = {}
        for member in read_archive(stream, LIMITS):
            if _is_ignored(member.path):
                continue
            if member.is_link:
                irregular[member.path] = stat.S_IFLNK
                continue
            sizes[member.path] = member.size
            _check_count(len(sizes))
            if member.data is not None and b"\0" not in member.data[:8192]:
                contents[member.path] = member.data
        return cls(sizes, contents.get, irregular)

    @classmethod
    def of_files(cls, files: Mapping[str, str]) -> Self:
        """Return the tree of texts that are at hand, by path."""
        contents = {path: text.encode() for path, text in files.items()}
        return cls({path: len(data) for path, data in contents.items()}, contents.get)

    def __contains__(self, path: str) -> bool:
        return path in self._sizes

    def data(self, path: str) -> bytes | None:
        """Return a file's bytes, or None where it is missing or above the size that is read."""
        if self._sizes.get(path, LIMITS.file_bytes + 1) > LIMITS.file_bytes:
            return None
        return self._read(path)

    def mode(self, path: str) -> int | None:
        """Return what kind of thing lies at a path, as `lstat` has it, or None for nothing."""
        if path in self._sizes:
            return stat.S_IFREG
        is_folder = any(other.startswith(f"{path}/") for other in self.paths)
        return self._irregular.get(path, stat.S_IFDIR if is_folder else None)

    def text(self, path: str) -> str | None:
        """Return a file's text, or None where it is missing, too large or not UTF-8."""
        data = self.data(path)
        if data is None or b"\0" in data[:8192]:
            return None
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return None

    @cached_property
    def top_level(self) -> tuple[str, ...]:
        """Return the files that lie in the tree's root."""
        return tuple(path for path in self.paths if "/" not in path)

    @cached_property
    def _by_suffix(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for path in self.paths:
            found.setdefault(PurePosixPath(path).suffix, []).append(path)
        return {suffix: tuple(paths) for suffix, paths in found.items()}

    def sources(self, *suffixes: str) -> tuple[str, ...]:
        """Return the service's own files with one of the suffixes; tests and docs are left out."""
        found = [path for suffix in suffixes for path in self._by_suffix.get(suffix, ())]
        return tuple(sorted(path for path in found if not is_aside(path)))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Say what was there and not read."""
        large = sum(size > LIMITS.file_bytes for size in self._sizes.values())
        notes = []
        if large:
            notes.append(f"{large} files above 1 MiB were not read")
        if self._irregular:
            notes.append(f"{len(self._irregular)} links and special files were not followed")
        return tuple(notes)


def is_aside(path: str) -> bool:
    """Say whether a file belongs to tests, documents or samples."""
    *folders, name = path.lower().split("/")
    return (
        not _ASIDE_FOLDERS.isdisjoint(folders)
        or name.startswith("test_")
        or any(mark in name for mark in _ASIDE_MARKS)
    )


def _is_ignored(path: str) -> bool:
    return not IGNORED_FOLDERS.isdisjoint(path.split("/")[:-1])


def _walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        if inside.count("/") > LIMITS.depth:
            raise ConfigError(
                "E_DEPTH",
                f"{escaped(inside)}: too many folders deep",
                hint=f"a path may be {LIMITS.depth} folders deep",
            )
        with os.scandir(folder / inside) as entries:
            for entry in entries:
                path = f"{inside}{entry.name}"
                if not entry.is_dir(follow_symlinks=False):
                    yield path, entry.stat(follow_symlinks=False)
                elif entry.name not in IGNORED_FOLDERS:
                    waiting.append(f"{path}/")


def _read_plain_file(folder: Path, path: str) -> bytes | None:
    # Without these flags a file swapped for a link or a pipe since the look would be followed.
    try:
        descriptor = os.open(folder / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return file.read(LIMITS.file_bytes)


def _check_count(count: int) -> None:
    if count > MAX_FILES:
        raise ConfigError(
            "E_ARCH_LIMIT",
            f"more than {MAX_FILES} files",
            hint="point at the service's own folder",
        )
