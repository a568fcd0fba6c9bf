"""The pinned Terraform comes from PATH, from the project's folder, or verified from its release."""

import functools
import hashlib
import http.server
import io
import platform
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import terraform_release

SCRIPT = b'#!/bin/sh\necho \'{"terraform_version": "1.11.4"}\'\n'


def zip_with(name: str, content: bytes) -> bytes:
    """Return a zip archive of one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serve files and keep the test's output clean."""

    def log_message(self, *_: object) -> None:
        """Drop the access log."""


@pytest.fixture
def release_server(tmp_path: Path) -> Iterator[str]:
    """Serve a release of this platform's name; yield the address before the version."""
    name = terraform_release.platform_name(platform.system(), platform.machine())
    folder = tmp_path / "releases" / terraform_release.VERSION
    folder.mkdir(parents=True)
    archive = folder / f"terraform_{terraform_release.VERSION}_{name}.zip"
    archive.write_bytes(zip_with("terraform", SCRIPT))
    handler = functools.partial(QuietHandler, directory=str(tmp_path / "releases"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def _terraform_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave a PATH that holds a shell and nothing else."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


@pytest.fixture
def _release_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pin the served archive's checksum in place of the real release's."""
    name = terraform_release.platform_name(platform.system(), platform.machine())
    sha256 = hashlib.sha256(zip_with("terraform", SCRIPT)).hexdigest()
    monkeypatch.setitem(terraform_release.SHA256, name, sha256)


@pytest.mark.usefixtures("_terraform_is_missing", "_release_is_pinned")
def test_fetches_the_pinned_release_where_terraform_is_missing(
    tmp_path: Path, release_server: str
) -> None:
    """A machine without terraform gets the verified release, in the project's own folder."""
    found = terraform_release.ensure(tmp_path / "tools", releases=release_server)
    assert found == tmp_path / "tools" / "terraform"
    assert found.read_bytes() == SCRIPT
    assert found.stat().st_mode & 0o111


@pytest.mark.usefixtures("_terraform_is_missing")
def test_refuses_a_release_with_another_checksum(tmp_path: Path, release_server: str) -> None:
    """A download that is not the pinned one is refused and leaves nothing behind."""
    with pytest.raises(terraform_release.TerraformMissing, match="expected") as refused:
        terraform_release.ensure(tmp_path / "tools", releases=release_server)
    assert "install Terraform 1.11.4 and put it on PATH" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "tools").exists()


@pytest.mark.usefixtures("_terraform_is_missing", "_release_is_pinned")
def test_says_how_to_get_terraform_where_the_download_fails(tmp_path: Path) -> None:
    """Without an answer from the release server, one line says what to do."""
    with pytest.raises(terraform_release.TerraformMissing, match="install Terraform") as refused:
        terraform_release.ensure(tmp_path / "tools", releases="http://127.0.0.1:9")
    assert "\n" not in str(refused.value)


@pytest.mark.usefixtures("_terraform_is_missing")
def test_takes_the_one_that_was_fetched_before(tmp_path: Path) -> None:
    """A second set-up downloads nothing."""
    binary = tmp_path / "tools" / "terraform"
    binary.parent.mkdir()
    binary.write_bytes(SCRIPT)
    binary.chmod(0o755)
    assert terraform_release.ensure(binary.parent, releases="http://127.0.0.1:9") == binary


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.11.4", True), ("1.13.0", True), ("2.0.1", True), ("1.9.8", False), ("0.15.5", False)],
)
def test_knows_which_terraform_is_too_old(version: str, expected: bool) -> None:
    """Versions compare as numbers: 1.9 is older than 1.11."""
    assert terraform_release.is_new_enough(version) is expected


@pytest.mark.parametrize(
    ("system", "machine", "expected"),
    [("Linux", "x86_64", "linux_amd64"), ("Darwin", "arm64", "darwin_arm64")],
)
def test_names_platforms_as_the_release_does(system: str, machine: str, expected: str) -> None:
    """The platform's name is the one in the release's file names."""
    assert terraform_release.platform_name(system, machine) == expected
    assert expected in terraform_release.SHA256
