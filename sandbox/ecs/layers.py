"""Unpack image layers without leaving the directory: members are streamed and checked one by one.

Python 3.11's tarfile trusts archives by default, so nothing here uses `extract`.
"""

import os
import shutil
import tarfile
from pathlib import Path, PurePosixPath

_MOST_BYTES = 4 << 30
_MOST_MEMBERS = 500_000
_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"


class UnsafeLayer(Exception):
    """A layer that would write where it must not, or too much."""


def unpack(layer: Path, root: Path) -> None:
    """Unpack a layer (plain tar, gzip, bzip2 or xz) onto the files that are there.

    Raises:
        UnsafeLayer: a member leads outside, or there is too much of it.
    """
    members = written = 0
    try:
        with tarfile.open(layer, mode="r|*") as archive:
            for member in archive:
                members, written = members + 1, written + member.size
                if members > _MOST_MEMBERS or written > _MOST_BYTES:
                    raise UnsafeLayer("more than the sandbox unpacks")
                _place(archive, member, root)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise UnsafeLayer(str(error)) from error


def _place(archive: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    target = _inside(root, member.name)
    if target == root:
        return
    if target.name.startswith(_WHITEOUT):
        _white_out(target)
    elif member.isdir():
        _make_directory(target)
    elif member.isfile():
        _write(archive, member, target)
    elif member.issym():
        _link(target, member.linkname)
    elif member.islnk():
        _remove(target)
        target.hardlink_to(_inside(root, member.linkname))
    # Devices and pipes have no use in a task's files.


def _inside(root: Path, name: str) -> Path:
    parts = [part for part in PurePosixPath(name).parts if part not in ("/", ".")]
    if ".." in parts:
        raise UnsafeLayer(f"{name!r} leads outside")
    target = root
    for part in parts[:-1]:
        target = target / part
        # A link as a parent would take what follows wherever it points.
        if target.is_symlink():
            raise UnsafeLayer(f"{name!r} passes through a link")
    target.mkdir(parents=True, exist_ok=True)
    return target / parts[-1] if parts else root


def _white_out(marker: Path) -> None:
    if marker.name == _OPAQUE:
        for child in marker.parent.iterdir():
            _remove(child)
    else:
        _remove(marker.with_name(marker.name.removeprefix(_WHITEOUT)))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _make_directory(target: Path) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        _remove(target)
    target.mkdir(exist_ok=True)


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    _remove(target)
    source = archive.extractfile(member)
    if source is None:
        return
    mode = 0o755 if member.mode & 0o111 else 0o644
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(source, file)


def _link(target: Path, to: str) -> None:
    _remove(target)
    target.symlink_to(to)
