"""Layers are unpacked below the directory or not at all."""

import io
import tarfile
from pathlib import Path

import pytest

from sandbox.ecs.layers import UnsafeLayer, unpack


def layer(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    """Write a gzip layer of members."""
    with tarfile.open(path, "w:gz") as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644
) -> tarfile.TarInfo:
    """Return a member of a kind."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    return info


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return an empty root."""
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def test_unpacks_files_links_and_modes(tmp_path: Path, root: Path) -> None:
    """Files, programs, folders and links arrive as they were."""
    unpack(
        layer(
            tmp_path / "layer",
            (member("app", tarfile.DIRTYPE), b""),
            (member("app/run", mode=0o755), b"#!"),
            (member("app/alias", tarfile.SYMTYPE, "run"), b""),
            (member("app/same", tarfile.LNKTYPE, "app/run"), b""),
        ),
        root,
    )
    assert (root / "app/run").read_bytes() == b"#!"
    assert (root / "app/run").stat().st_mode & 0o111
    assert (root / "app/alias").readlink() == Path("run")
    assert (root / "app/same").read_bytes() == b"#!"


@pytest.mark.parametrize(
    "members",
    [
        [(member("../outside"), b"x")],
        [(member("a/../../outside"), b"x")],
        [(member("link", tarfile.SYMTYPE, "/tmp"), b""), (member("link/outside"), b"x")],
        [(member("link", tarfile.SYMTYPE, ".."), b""), (member("link/outside"), b"x")],
        [(member("hard", tarfile.LNKTYPE, "../../etc/passwd"), b"")],
    ],
)
def test_refuses_to_leave_the_root(
    tmp_path: Path, root: Path, members: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    """A member that leads outside, directly or through a link, is refused."""
    with pytest.raises(UnsafeLayer):
        unpack(layer(tmp_path / "layer", *members), root)
    assert not (tmp_path / "outside").exists()


def test_absolute_names_stay_below_the_root(tmp_path: Path, root: Path) -> None:
    """`/etc/x` in a layer is the image's, not the machine's."""
    unpack(layer(tmp_path / "layer", (member("/etc/own"), b"x")), root)
    assert (root / "etc/own").read_bytes() == b"x"


def test_later_layers_take_away(tmp_path: Path, root: Path) -> None:
    """Whiteouts remove a file, opaque whiteouts what a folder held."""
    unpack(
        layer(
            tmp_path / "one", (member("a/x"), b"1"), (member("a/y"), b"1"), (member("b/z"), b"1")
        ),
        root,
    )
    unpack(layer(tmp_path / "two", (member("a/.wh.x"), b""), (member("b/.wh..wh..opq"), b"")), root)
    assert [path.name for path in (root / "a").iterdir()] == ["y"]
    assert list((root / "b").iterdir()) == []


def test_refuses_what_is_no_archive(tmp_path: Path, root: Path) -> None:
    """Anything but a tar archive is refused with a reason."""
    (tmp_path / "layer").write_bytes(b"no archive")
    with pytest.raises(UnsafeLayer):
        unpack(tmp_path / "layer", root)
