"""What came from elsewhere lies below one folder, or is refused whole."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from delightful.errors import ConfigError
from flows.materials.unpacking import changed_members, content_hashes, stays_inside, unpack


def member(name: str, **fields: object) -> tarfile.TarInfo:
    """Return a member's header."""
    info = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def link(name: str, target: str) -> tarfile.TarInfo:
    """Return a symbolic link."""
    return member(name, type=tarfile.SYMTYPE, linkname=target)


def archive(*members: tarfile.TarInfo | tuple[tarfile.TarInfo, bytes]) -> io.BytesIO:
    """Return a tar.gz of members, some with content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        for one in members:
            info, data = one if isinstance(one, tuple) else (one, b"")
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    buffer.seek(0)
    return buffer


def test_lays_out_files_with_their_mode_and_links_that_stay_inside(tmp_path: Path) -> None:
    """A program stays executable, a link within the repository stays a link."""
    packed = archive(
        (member("service/run.sh", mode=0o755), b"#!/bin/sh\n"),
        (member("shared/notes.txt"), b"notes"),
        link("service/notes", "../shared/notes.txt"),
        link("service/outside", "/etc/hostname"),
        link("service/above", "../../x"),
    )
    unpack(packed, tmp_path)
    assert (tmp_path / "service/run.sh").stat().st_mode & 0o111
    assert not (tmp_path / "shared/notes.txt").stat().st_mode & 0o111
    assert (tmp_path / "service/notes").read_text() == "notes"
    assert sorted(path.name for path in (tmp_path / "service").iterdir()) == ["notes", "run.sh"]


@pytest.mark.parametrize(
    ("path", "target", "expected"),
    [
        ("a", "b", True),
        ("a", "./b/c", True),
        ("x/y/a", "../../b", True),
        ("x/a", "../../b", False),
        ("a", "..", False),
        ("a", "/etc", False),
        ("a", "", False),
        ("x/y/c", "../..", True),
        # c leads to the root: what looks like x/b is really beside it.
        ("d", "x/y/c/../b", False),
        ("d", "c/..", False),
    ],
)
def test_judges_a_link_by_its_text_alone(path: str, target: str, expected: bool) -> None:
    """A step up after a name is refused, for the name may be a link that leads elsewhere."""
    assert stays_inside(path, target) is expected


HOSTILE: dict[str, tuple[str, Callable[[], io.BytesIO]]] = {
    "R01 climbs": ("E_ARCH_PATH", lambda: archive((member("../evil"), b"x"))),
    "R02 absolute": ("E_ARCH_PATH", lambda: archive((member("/evil"), b"x"))),
    "R03 through a link": (
        "E_ARCH",
        lambda: archive(link("a", "b"), (member("b/c"), b"x"), (member("a/evil"), b"x")),
    ),
    "R05 device": ("E_ARCH_TYPE", lambda: archive(member("evil", type=tarfile.FIFOTYPE))),
    "R05 setuid": ("E_ARCH_TYPE", lambda: archive((member("evil", mode=0o4755), b"x"))),
    "R06 bomb": ("E_ARCH_BOMB", lambda: archive((member("evil"), bytes(40 * 1024**2)))),
    "R08 twice": ("E_ARCH", lambda: archive((member("a"), b"x"), (member("A"), b"y"))),
    "R08 file and folder": ("E_ARCH", lambda: archive((member("a"), b"x"), (member("a/b"), b"y"))),
    "R09 device name": ("E_ARCH_PATH", lambda: archive((member("CON"), b"x"))),
    "R10 cut off": ("E_ARCH_FORMAT", lambda: io.BytesIO(archive((member("a"), b"x")).read()[:40])),
    "R10 not an archive": ("E_ARCH_FORMAT", lambda: io.BytesIO(b"hello" * 300)),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_refuses_what_is_hostile(case: str, tmp_path: Path) -> None:
    """Each is refused with its code, and nothing lies outside the folder."""
    code, made = HOSTILE[case]
    target = tmp_path / "inside"
    target.mkdir()
    with pytest.raises(ConfigError) as refused:
        unpack(made(), target)
    assert refused.value.code == code
    assert [path.name for path in tmp_path.iterdir()] == ["inside"]


def test_a_chain_of_links_leads_nowhere(tmp_path: Path) -> None:
    """R04: links that look inward one by one and lead out together are never made."""
    deep = "a" * 200
    packed = archive(
        (member(f"{deep}/{deep}/x"), b"x"),
        link(f"{deep}/{deep}/up", "../.."),
        link("out", f"{deep}/{deep}/up/../../escaped"),
        link("also", "out/../.."),
    )
    unpack(packed, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [deep]
    assert (tmp_path / deep / deep / "up").resolve() == tmp_path


def test_compares_archives_by_what_they_hold(tmp_path: Path) -> None:
    """Changed, added, removed, made executable, led elsewhere; what lies elsewhere is left out."""
    before = archive(
        (member("api/same"), b"1"),
        (member("api/changed"), b"1"),
        (member("api/gone"), b"1"),
        (member("api/mode"), b"1"),
        link("api/link", "same"),
        (member("other/x"), b"1"),
    )
    after = archive(
        (member("api/same", mtime=99), b"1"),
        (member("api/changed"), b"2"),
        (member("api/new"), b"1"),
        (member("api/mode", mode=0o755), b"1"),
        link("api/link", "changed"),
        (member("other/x"), b"2"),
    )
    found = changed_members(content_hashes(before, "api"), content_hashes(after, "api"))
    assert found == ["changed", "gone", "link", "mode", "new"]
