"""A function's zip is unpacked with its modes and never outside its folder."""

import io
import zipfile
from pathlib import Path

import pytest

from sandbox.functions.invocation import extract


def zipped(name: str, mode: int) -> bytes:
    """Return a zip with one small member."""
    buffer = io.BytesIO()
    member = zipfile.ZipInfo(name)
    member.external_attr = mode << 16
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, "content")
    return buffer.getvalue()


def test_members_keep_the_modes_that_the_zip_gives_them(tmp_path: Path) -> None:
    """A file without read permission for others arrives so, as it does in Lambda."""
    extract(zipped("folder/tool", 0o750), tmp_path / "code")
    assert (tmp_path / "code" / "folder" / "tool").stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("name", ["../outside", "folder/../../outside", "/outside"])
def test_a_member_that_would_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    """No file is written outside the function's own folder."""
    with pytest.raises(ValueError, match="leaves the folder"):
        extract(zipped(name, 0o644), tmp_path / "code")
    assert not (tmp_path / "outside").exists()
