"""What is installed in an image, read from its layers."""

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from blocks.images.contents import base_of, installed_in
from blocks.images.dockerfile import base_images
from blocks.images.files_image import FilesImage, write_files_image
from blocks.images.oci import CONFIG_TYPE, LAYER_TYPE, MANIFEST_TYPE, BuiltImage, Layout, canonical
from delightful.errors import ExternalError

METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n\nName: not this one\n"
SITE = "usr/local/lib/python3.12/site-packages"


def packed(files: dict[str, str]) -> bytes:
    """Return a layer of files."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(written.getvalue())


def image(folder: Path, *layers: bytes, **annotations: str) -> BuiltImage:
    """Return an image of these layers."""
    layout = Layout(folder)
    document = {
        "schemaVersion": 2,
        "config": layout.add(b"{}", CONFIG_TYPE).document(),
        "layers": [layout.add(layer, LAYER_TYPE).document() for layer in layers],
        "annotations": annotations,
    }
    manifest = layout.add(canonical(document), MANIFEST_TYPE)
    layout.finish(manifest)
    return BuiltImage(layout=folder, digest=manifest.digest, packaging="container")


def purls(built: BuiltImage) -> list[str]:
    """Return the package URLs of what is installed."""
    return [one.purl for one in installed_in(built)]


def test_finds_the_packages_of_each_kind(tmp_path: Path) -> None:
    """Debian's, Alpine's, Python's and npm's, each by its own records."""
    dpkg = (
        "Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n"
    )
    files = {
        "etc/os-release": 'NAME="Debian"\nID=debian\n',
        "var/lib/dpkg/status": dpkg,
        "./lib/apk/db/installed": "P:musl\nV:1.2.5-r0\n\nP:busybox\nV:1.36\n",
        f"{SITE}/jinja2-3.1.6.dist-info/METADATA": METADATA.format("Jinja2", "3.1.6"),
        "app/node_modules/@x/y/package.json": json.dumps({"name": "@x/y", "version": "1.0.0"}),
        "app/node_modules/@x/y/lib/package.json": json.dumps({"type": "module"}),
    }
    assert purls(image(tmp_path, packed(files))) == [
        "pkg:apk/debian/busybox@1.36",
        "pkg:apk/debian/musl@1.2.5-r0",
        "pkg:deb/debian/libc6@2.36-9",
        "pkg:npm/%40x/y@1.0.0",
        "pkg:pypi/jinja2@3.1.6",
    ]


def test_leaves_out_what_the_base_image_brings_for_itself(tmp_path: Path) -> None:
    """npm's own packages, pip's vendored ones and the system's Python are nobody's dependency."""
    package = json.dumps({"name": "semver", "version": "7.0.0"})
    files = {
        "usr/local/lib/node_modules/npm/node_modules/semver/package.json": package,
        "usr/lib/python3/dist-packages/x-1.dist-info/METADATA": METADATA.format("x", "1"),
        f"{SITE}/pip/_vendor/y-1.dist-info/METADATA": METADATA.format("y", "1"),
    }
    assert purls(image(tmp_path, packed(files))) == []


@pytest.mark.parametrize(
    "whiteout", [f"{SITE}/.wh.x-1.dist-info", f"{SITE}/x-1.dist-info/.wh..wh..opq"]
)
def test_a_later_layer_takes_away_and_adds(tmp_path: Path, whiteout: str) -> None:
    """What a layer whites out is gone; what it brings itself stays."""
    first = {f"{SITE}/x-1.dist-info/METADATA": METADATA.format("x", "1")}
    second = {whiteout: "", f"{SITE}/z-2.dist-info/METADATA": METADATA.format("z", "2")}
    built = image(tmp_path, packed(first), packed(second))
    assert purls(built) == ["pkg:pypi/z@2"]


@pytest.mark.parametrize(
    "layer",
    [b"", b"not gzip", gzip.compress(b"x" * 600, mtime=0)[:-9]],
    ids=["empty", "not gzip", "cut off"],
)
def test_a_layer_that_cannot_be_read_is_told(tmp_path: Path, layer: bytes) -> None:
    """A broken layer is no empty one."""
    with pytest.raises(ExternalError, match="E_IMAGE_FORMAT"):
        installed_in(image(tmp_path, layer))


def test_reads_an_image_of_files_alone(tmp_path: Path) -> None:
    """In process mode too, what lies beside the service is part of its image."""
    package = tmp_path / "context" / "node_modules" / "a"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "a", "version": "1.0.0"}')
    what = FilesImage(command=("node", "x"), environment={}, commit="c" * 40)
    built = write_files_image(tmp_path / "context", what, tmp_path / "layout", 10**6)
    assert purls(built) == ["pkg:npm/a@1.0.0"]


def test_reads_the_base_image_that_the_builder_noted(tmp_path: Path) -> None:
    """Name and digest are in the manifest's annotations, or nowhere."""
    noted = {
        "org.opencontainers.image.base.name": "docker.io/library/python:3.12-slim",
        "org.opencontainers.image.base.digest": f"sha256:{'0' * 64}",
    }
    base = base_of(image(tmp_path / "one", **noted))
    assert base is not None
    assert base.uri == "docker://docker.io/library/python:3.12-slim"
    assert base.digest == {"sha256": "0" * 64}
    assert base_of(image(tmp_path / "two")) is None


def test_names_the_images_that_a_dockerfile_builds_on() -> None:
    """Each once, without the stages that it makes itself."""
    text = (
        "FROM --platform=linux/amd64 node:20 AS Web\nFROM python:3.12\nFROM web\nFROM python:3.12\n"
    )
    assert base_images(text) == ("node:20", "python:3.12")
