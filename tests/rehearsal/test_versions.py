"""A rehearsal ships commits of its own and leaves the service's folder alone."""

import subprocess
from pathlib import Path

import pytest

from rehearsal.versions import MARKER, Versions


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """Return a folder with a small service in it."""
    folder = tmp_path / "service"
    folder.mkdir()
    (folder / ".delightful.yaml").write_text("version: 1\nservice: hello\n")
    (folder / "app.py").write_text("STATUS = 200\n")
    return folder


def shown(versions: Versions, commit: str, file: str) -> str:
    """Return a file as a commit has it."""
    command = ["git", "-C", str(versions.repository), "show", f"{commit}:{file}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_each_version_descends_from_the_one_before(service: Path, tmp_path: Path) -> None:
    """History runs newest first, so that order can be judged from it."""
    versions = Versions(service, tmp_path / "repository")
    assert versions.history() == []
    commits = [versions.commit_as_it_is(), versions.commit_next(), versions.commit_broken()]
    assert versions.history() == commits[::-1]
    assert shown(versions, commits[0], "app.py") == "STATUS = 200\n"
    assert "version 2" in shown(versions, commits[1], MARKER)


def test_breaks_by_the_services_own_patch(service: Path, tmp_path: Path) -> None:
    """A service that says how it breaks is broken that way."""
    patch = service / "rehearsal" / "broken.patch"
    patch.parent.mkdir()
    patch.write_text("--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@\n-STATUS = 200\n+STATUS = 503\n")
    versions = Versions(service, tmp_path / "repository")
    versions.commit_as_it_is()
    assert shown(versions, versions.commit_broken(), "app.py") == "STATUS = 503\n"


def test_breaks_the_start_command_where_a_service_says_nothing(
    service: Path, tmp_path: Path
) -> None:
    """Any service can be broken without knowing anything of it."""
    versions = Versions(service, tmp_path / "repository")
    versions.commit_as_it_is()
    assert "exit 1" in shown(versions, versions.commit_broken(), ".delightful.yaml")


def test_leaves_the_folder_as_it_was(service: Path, tmp_path: Path) -> None:
    """Rehearsing changes nothing in the service's own folder."""
    before = {path: path.read_bytes() for path in service.rglob("*") if path.is_file()}
    versions = Versions(service, tmp_path / "repository")
    versions.commit_as_it_is()
    versions.commit_broken()
    assert {path: path.read_bytes() for path in service.rglob("*") if path.is_file()} == before


def test_takes_a_manifest_from_elsewhere(service: Path, tmp_path: Path) -> None:
    """A service that nobody here wrote is rehearsed with a manifest beside it."""
    manifest = tmp_path / "other.yaml"
    manifest.write_text("version: 1\nservice: other\n")
    versions = Versions(service, tmp_path / "repository", manifest)
    assert "other" in shown(versions, versions.commit_as_it_is(), ".delightful.yaml")
