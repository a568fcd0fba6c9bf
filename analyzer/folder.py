"""A folder on disk, looked at and read without following a link."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from analyzer.paths import (
    DEEPEST_MODULE,
    DEEPEST_RUN_PLACE,
    IGNORED_FOLDERS,
    SHARING_FOLDERS,
    is_module_beside,
    is_run_place,
    is_shared,
)
from delightful.errors import ConfigError
from delightful.text import escaped

# How far above a service its repository's root is looked for.
_HIGHEST: Final = 4
_ROOT_MARKS: Final = ("README.md", "README.rst", "README", "readme.md", "LICENSE", ".gitignore")
# Without these a file swapped for a link or a pipe since the look would be followed.
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


def walked(folder: Path, deepest: int) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the paths of each folder's plain files, and of what there is neither file nor folder.

    Raises:
        ConfigError: E_DEPTH.
    """
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        plain: list[str] = []
        irregular: list[str] = []
        if inside.count("/") > deepest:
            raise ConfigError(
                "E_DEPTH",
                f"{escaped(inside)}: too many folders deep",
                hint=f"a path may be {deepest} folders deep",
            )
        with os.scandir(f"{folder}/{inside}") as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    plain.append(inside + entry.name)
                elif not entry.is_dir(follow_symlinks=False):
                    irregular.append(inside + entry.name)
                elif entry.name not in IGNORED_FOLDERS:
                    waiting.append(f"{inside}{entry.name}/")
        yield plain, irregular


def read_plain_file(path: str, limit: int) -> bytes | None:
    """Return a file's bytes; None where it is no plain file, or longer than the limit."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError:
        return None
    try:
        # A pipe has no end to go to, and to ask for more of a file than this is dearer.
        size = os.lseek(descriptor, 0, os.SEEK_END)
        return os.pread(descriptor, size, 0) if size <= limit else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def mode_of(path: str) -> int | None:
    """Return what kind of thing lies at a path, as `lstat` has it, or None for nothing."""
    try:
        return os.lstat(path).st_mode
    except OSError:
        return None


def repository_of(folder: Path) -> Path:
    """Return the root of the repository that a folder lies in; the folder itself where none shows.

    The nearest folder with `.git`, else the highest within reach that bears a README, a licence
    or a `.gitignore`. A home folder is nobody's repository, nor one that everybody may write to.
    """
    found = folder = folder.resolve()
    for place in (folder, *folder.parents[:_HIGHEST]):
        is_shared = bool(place.stat().st_mode & stat.S_IWOTH)
        if is_shared or place in (Path.home(), Path(place.anchor)):
            break
        if (place / ".git").exists():
            return place
        if any((place / name).is_file() for name in _ROOT_MARKS):
            found = place
    return found


def files_above(folder: Path, levels: int) -> Iterator[str]:
    """Yield the plain files that lie in so many folders above one, the repository's root the last.

    Of what lies beside the service only the places that tell how services are run are looked into.
    """
    for level in range(1, levels + 1):
        up = "../" * level
        with os.scandir(folder / up) as entries:
            found = list(entries)
        yield from (f"{up}{e.name}" for e in found if e.is_file(follow_symlinks=False))
        for entry in found:
            if is_run_place(f"{entry.name}/") and entry.is_dir(follow_symlinks=False):
                yield from _files_below(folder, f"{up}{entry.name}/", DEEPEST_RUN_PLACE - 1)


def _files_below(folder: Path, place: str, deepest: int) -> Iterator[str]:
    """Yield the plain files in a place, and in so many folders below it."""
    waiting = [place]
    most = place.count("/") + deepest
    while waiting:
        inside = waiting.pop()
        for entry in _entries_of(f"{folder}/{inside}"):
            if entry.is_file(follow_symlinks=False):
                yield f"{inside}{entry.name}"
            elif (
                inside.count("/") < most
                and entry.name not in IGNORED_FOLDERS
                and entry.is_dir(follow_symlinks=False)
            ):
                waiting.append(f"{inside}{entry.name}/")


def _entries_of(folder: str) -> Sequence[os.DirEntry[str]]:
    """Return what a folder holds; nothing where it may not be looked into, or is there no more."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return ()


def shared_beside(folder: Path, levels: int) -> Iterator[str]:
    """Yield the schemas and the catalog that services share, so many folders above one."""
    up = "../" * levels
    for name, deepest in SHARING_FOLDERS.items() if levels else ():
        mode = mode_of(f"{folder}/{up}{name}")
        if mode is not None and stat.S_ISDIR(mode):
            found = _files_below(folder, f"{up}{name}/", deepest)
            yield from (path for path in found if is_shared(path[len(up) :]))


def modules_beside(folder: Path, levels: int, ends: tuple[str, ...]) -> Iterator[str]:
    """Yield the files of a repository's modules that end so, its root so many folders above."""
    up = "../" * levels
    for path in _files_below(folder, up, DEEPEST_MODULE) if levels and ends else ():
        if is_module_beside(path[len(up) :], ends):
            yield path
