"""Base images are found in a Dockerfile, and a stand-in holds an interpreter that starts."""

import tarfile
from pathlib import Path

import pytest

from sandbox.base_images.root_filesystem import write_root_filesystem
from sandbox.base_images.stand_in import base_images, full_name


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("FROM python:3.12-slim\n", ["python:3.12-slim"]),
        ("from --platform=linux/amd64 node:20 as build\nFROM build\n", ["node:20"]),
        ("ARG VERSION=3.12\nFROM python:${VERSION}-slim\n", ["python:3.12-slim"]),
        ("FROM scratch\nCOPY app /\n", []),
        ("FROM a AS one\nFROM b AS two\nFROM one\nFROM a\n", ["a", "b"]),
    ],
)
def test_finds_the_images_a_dockerfile_starts_from(dockerfile: str, expected: list[str]) -> None:
    """Stages of the file itself are not images to pull."""
    assert base_images(dockerfile) == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("python:3.12", "docker.io/library/python:3.12"),
        ("bitnami/node:20", "docker.io/bitnami/node:20"),
        ("quay.io/a/b:1", "quay.io/a/b:1"),
        ("localhost:5000/a", "localhost:5000/a"),
    ],
)
def test_names_an_image_as_a_short_name_resolves(image: str, expected: str) -> None:
    """A stand-in is imported under the name that a build looks up."""
    assert full_name(image) == expected


@pytest.mark.sandbox
def test_root_filesystem_has_no_file_twice_and_holds_what_starts(tmp_path: Path) -> None:
    """Interpreter, shell, dynamic linker and what wheels count on, each once (tools refuse two)."""
    archive = tmp_path / "root.tar"
    write_root_filesystem("python", archive)
    with tarfile.open(archive) as members:
        names = members.getnames()
    assert len(names) == len(set(names))
    assert {"usr/bin/sh", "usr/local/bin/python3", "usr/local/bin/pip"} <= set(names)
    # gevent's wheel, for one, loads librt and does not bring it.
    assert {"librt.so.1", "libstdc++.so.6"} <= {name.rpartition("/")[2] for name in names}
    assert any(name.endswith("ld-linux-x86-64.so.2") or "ld-linux" in name for name in names)
