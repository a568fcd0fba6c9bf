"""The source tree: the one object through which everything else reads a repository.

A folder is read where it stands, an archive is streamed into memory; neither follows a link and
both give the same tree for the same commit.
"""

import posixpath
import stat
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path, PurePath
from typing import BinaryIO, Final, Self

from analyzer.folder import (
    files_above,
    mode_of,
    modules_beside,
    read_plain_file,
    shared_beside,
    walked,
)
from analyzer.paths import (
    ALL_MODULE_ENDS,
    is_aside,
    is_ignored,
    is_module_beside,
    is_run_place,
    is_shared,
    module_ends,
)
from delightful.errors import ConfigError
from delightful.reading.archive import ArchiveLimits, Member, read_archive
from delightful.text import escaped

MAX_FILES = 20_000
LIMITS = ArchiveLimits()

# Texts are kept once read, up to so many characters of all: many are asked for again and again.
_KEPT_CHARACTERS: Final = 32 * 1024 * 1024
_UP: Final = "../"
_AFTER_SLASH: Final = chr(ord("/") + 1)
# What is kept of a file that is no text: enough to tell that.
_BINARY: Final = b"\0"


class SourceTree:
    """The files of one service at one commit, in a fixed order.

    Paths are relative to the service's folder. `outer` has the files that lie in the folders
    above it, up to the repository's root, as `../compose.yml`: a service of a monorepo is often
    described there; so are the schemas that a workspace's packages share, and what the crates of a
    Rust service's workspace, the modules of a JVM service's build, the projects beside a .NET
    service, the packages beside a Node service, the applications of an Elixir umbrella or the
    packages of the module above a Go service are made of. `folder` is where the service lies in
    the repository, "" for the root.
    """

    def __init__(
        self,
        paths: Iterable[str],
        read: Callable[[str], bytes | None],
        *,
        irregular: Mapping[str, int] | None = None,
        outer: Iterable[str] = (),
        folder: str = "",
    ) -> None:
        self.paths = tuple(sorted(paths))
        self.outer = tuple(sorted(outer))
        self.folder = folder
        self._known = frozenset((*self.paths, *self.outer))
        self._read = read
        self._irregular = irregular or {}
        self._unread: set[str] = set()
        self._texts: dict[str, str | None] = {}
        self._room = _KEPT_CHARACTERS
        self._sources: dict[tuple[str, ...], tuple[str, ...]] = {}

    @classmethod
    def of_folder(cls, folder: Path, repository: Path | None = None) -> Self:
        """Look at a folder; contents are read when they are asked for.

        `repository` is the root of the repository that it lies in; left out, nothing above the
        folder is looked at.

        Raises:
            ConfigError: E_FILE, E_DEPTH or E_ARCH_LIMIT.
        """
        if not folder.is_dir():
            raise ConfigError(
                "E_FILE", f"{escaped(str(folder))} is not a folder", hint="give a service's folder"
            )
        paths: list[str] = []
        irregular: dict[str, int] = {}
        for plain, others in walked(folder, LIMITS.depth):
            paths += plain
            _check_count(len(paths))
            irregular |= {path: mode_of(f"{folder}/{path}") or 0 for path in others}
        root = str(folder)
        inside = _place_in(repository, folder)
        levels = len(inside.parts)
        return cls(
            paths,
            lambda path: read_plain_file(f"{root}/{path}", LIMITS.file_bytes),
            irregular=irregular,
            outer=_beside(folder, inside, paths) if levels else (),
            folder=inside.as_posix() if levels else "",
        )

    @classmethod
    def of_archive(
        cls, stream: BinaryIO, folder: str = "", *, inside_one_folder: bool = False
    ) -> Self:
        """Read a tar, tar.gz or zip archive to its end; nothing is written anywhere.

        `folder` is where the service lies in it. With `inside_one_folder` an archive that holds
        everything in one folder, as GitHub's do, is read as if that folder were its root.

        Raises:
            ConfigError: E_ARCH and its kin, E_DEPTH; E_FILE where the archive has no such folder.
        """
        contents: dict[str, bytes | None] = {}
        irregular: dict[str, int] = {}
        own = 0
        members = read_archive(stream, LIMITS)
        for name, member in _unwrapped(members) if inside_one_folder else _named(members):
            path = _seen_from(folder, name)
            if path is None:
                continue
            if member.is_link:
                irregular[path] = stat.S_IFLNK
                continue
            is_binary = member.data is not None and _is_binary(member.data)
            contents[path] = _BINARY if is_binary else member.data
            own += not path.startswith(_UP)
            _check_count(own)
        return cls._of_contents(contents, irregular, folder)

    @classmethod
    def of_files(cls, files: Mapping[str, str], folder: str = "") -> Self:
        """Return the tree of texts that are at hand, by path; the service lies in `folder`."""
        placed = {_seen_from(folder, path): text.encode() for path, text in files.items()}
        contents = {
            path: data if len(data) <= LIMITS.file_bytes else None
            for path, data in placed.items()
            if path is not None
        }
        return cls._of_contents(contents, {}, folder)

    @classmethod
    def _of_contents(
        cls,
        contents: Mapping[str, bytes | None],
        irregular: Mapping[str, int],
        folder: str,
    ) -> Self:
        own = [path for path in contents if not path.startswith(_UP)]
        if folder and not own:
            raise ConfigError(
                "E_FILE",
                f"the archive has no folder {escaped(folder)}",
                hint="name the service's folder within the repository",
            )
        above = {path.replace(_UP, "") for path in contents if path.startswith(_UP)}
        own_ends = module_ends(own, above)
        others = tuple(end for end in ALL_MODULE_ENDS if end not in own_ends)
        outer = [path for path in contents if path.startswith(_UP) and not _is_module(path, others)]
        links = {path: mode for path, mode in irregular.items() if not path.startswith(_UP)}
        kept = {path: contents[path] for path in (*own, *outer)}
        return cls(own, kept.get, irregular=links, outer=outer, folder=folder.strip("/"))

    def __contains__(self, path: str) -> bool:
        return path in self._known

    def data(self, path: str) -> bytes | None:
        """Return a file's bytes, or None where it is missing or above the size that is read."""
        data = self._read(path) if path in self._known else None
        if data is None and path in self._known:
            self._unread.add(path)
        return data

    def mode(self, path: str) -> int | None:
        """Return what kind of thing lies at a path, as `lstat` has it, or None for nothing."""
        if path in self._known:
            return stat.S_IFREG
        return self._irregular.get(path, stat.S_IFDIR if self.below(path) else None)

    def text(self, path: str, data: bytes | None = None) -> str | None:
        """Return a file's text, or None where it is missing, too large or not UTF-8.

        `data` is what the file holds, where it was read already.
        """
        if path in self._texts:
            return self._texts[path]
        text = _decoded(self.data(path) if data is None else data)
        if len(text or "") <= self._room:
            self._texts[path] = text
            self._room -= len(text or "")
        return text

    def nearest(self, *names: str) -> str | None:
        """Return the nearest file with one of the names: the service's own, else one above it."""
        for level in range(self.folder.count("/") + 2 if self.folder else 1):
            for name in names:
                path = f"{_UP * level}{name}"
                if path in self._known:
                    return path
        return None

    def in_repository(self, path: str) -> str:
        """Return a path of this tree as the repository has it."""
        return posixpath.normpath(posixpath.join(self.folder, path))

    @cached_property
    def top_level(self) -> tuple[str, ...]:
        """Return the files that lie in the service's folder itself."""
        return tuple(path for path in self.paths if "/" not in path)

    def below(self, folder: str) -> tuple[str, ...]:
        """Return the service's own files that lie in a folder, however deep."""
        begin = bisect_left(self.paths, f"{folder}/")
        return self.paths[begin : bisect_left(self.paths, f"{folder}{_AFTER_SLASH}", begin)]

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            found[path[path.rfind("/") + 1 :]].append(path)
        return found

    def named(self, *names: str) -> list[str]:
        """Return the service's own files that bear one of the names, in any folder."""
        found = [path for name in names if name in self._by_name for path in self._by_name[name]]
        return sorted(found) if len(names) > 1 else found

    @cached_property
    def _by_suffix(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            found[path[path.rfind(".") :]].append(path)
        return found

    def ending(self, *suffixes: str) -> list[str]:
        """Return the service's own files with one of the suffixes, such as `.toml`."""
        found = [path for suffix in suffixes for path in self._by_suffix.get(suffix, ())]
        return sorted(found) if len(suffixes) > 1 else found

    def sources(self, *suffixes: str) -> tuple[str, ...]:
        """Return the service's own files with one of the suffixes; tests and docs are left out."""
        if suffixes not in self._sources:
            found = self.ending(*suffixes)
            self._sources[suffixes] = tuple(path for path in found if not is_aside(path))
        return self._sources[suffixes]

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what was met and not read."""
        notes = []
        if self._unread:
            notes.append(f"{len(self._unread)} files above 1 MiB were not read")
        if self._irregular:
            notes.append(f"{len(self._irregular)} links and special files were not followed")
        return tuple(notes)


def _place_in(repository: Path | None, folder: Path) -> PurePath:
    if repository in (None, folder):
        return PurePath()
    return folder.resolve().relative_to(repository.resolve())


def _beside(folder: Path, inside: PurePath, own: Iterable[str]) -> Iterator[str]:
    """Yield the files of a repository that count and lie outside the service's folder."""
    levels = len(inside.parts)
    up = _UP * levels
    own_place = f"{up}{inside.as_posix()}/"
    found = list(files_above(folder, levels))
    above = {path.replace(_UP, "") for path in found}
    shared = shared_beside(folder, levels)
    modules = modules_beside(folder, levels, module_ends(own, above))
    known = {f"{up}{posixpath.normpath(f'{inside}/{path}')}" for path in found}
    beside = {path for path in chain(shared, modules) if not path.startswith(own_place)}
    yield from found
    yield from beside - known


def _is_module(path: str, ends: tuple[str, ...]) -> bool:
    below = path.replace(_UP, "")
    return is_module_beside(below, ends) and not is_run_place(below)


def _named(members: Iterable[Member]) -> Iterator[tuple[str, Member]]:
    return ((member.path, member) for member in members)


def _unwrapped(members: Iterable[Member]) -> list[tuple[str, Member]]:
    kept = [member for member in members if not is_ignored(member.path)]
    wrappers = {member.path.partition("/")[0] for member in kept}
    is_wrapped = len(wrappers) == 1 and all("/" in member.path for member in kept)
    length = len(wrappers.pop()) + 1 if is_wrapped else 0
    return [(member.path[length:], member) for member in kept]


def _decoded(data: bytes | None) -> str | None:
    if data is None or _is_binary(data):
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _is_binary(data: bytes) -> bool:
    return data.find(b"\0", 0, 8192) >= 0


def _seen_from(folder: str, path: str) -> str | None:
    """Return a repository's path as seen from the service's folder; None for what is elsewhere."""
    if is_ignored(path):
        return None
    inside = folder.strip("/")
    if not inside or path.startswith(f"{inside}/"):
        return path[len(inside) :].lstrip("/") if inside else path
    shared = posixpath.commonpath([f"/{inside}", posixpath.dirname(f"/{path}")])
    below = posixpath.relpath(f"/{path}", shared)
    if "/" in below and not is_run_place(below):
        is_beside = is_shared(path) or is_module_beside(path, ALL_MODULE_ENDS)
        return f"{_UP * (inside.count('/') + 1)}{path}" if is_beside else None
    levels = f"/{inside}".count("/") - shared.rstrip("/").count("/")
    return f"{_UP * levels}{below}"


def _check_count(count: int) -> None:
    if count > MAX_FILES:
        raise ConfigError(
            "E_ARCH_LIMIT",
            f"more than {MAX_FILES} files",
            hint="point at the service's own folder",
        )
