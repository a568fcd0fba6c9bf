"""What is installed in an image that was built here: read from its layers, nothing is run."""

import email.parser
import email.policy
import gzip
import json
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from blocks.images.oci import BuiltImage, Descriptor, Layout, image_format_error
from delightful.composition.model import Component
from delightful.composition.provenance import Material
from delightful.composition.reading import (
    MOST_COMPONENTS,
    LockFault,
    node_component,
    python_component,
)

_MOST_BYTES = 4 * 1024 * 1024
_MOST_MEMBERS = 1_000_000
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_DPKG = re.compile(r"var/lib/dpkg/(status|status\.d/[^/]+)")
_APK = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
_OS_RELEASE = ("etc/os-release", "usr/lib/os-release")
_DISTRIBUTION = re.compile(r"(.*/)?[^/]+\.(dist-info/METADATA|egg-info/PKG-INFO)")
_NODE_PACKAGE = re.compile(r"(.*/)?node_modules/(@[^/]+/)?[^/]+/package\.json")
# What the operating system's packages, or the base image's own npm, bring along.
_SYSTEM = re.compile(
    r"usr/lib/python3/dist-packages/|usr/(share|lib)/(nodejs|node_modules)/"
    r"|usr/local/lib/node_modules/(npm|corepack)/|.*/pip/_vendor/|.*/setuptools/_vendor/"
)


def installed_in(built: BuiltImage) -> tuple[Component, ...]:
    """Return the packages that an image holds: Python's, npm's, Debian's and Alpine's.

    Raises:
        ExternalError: E_IMAGE_FORMAT, a layer cannot be read.
    """
    layout = Layout(built.layout)
    files: dict[str, bytes] = {}
    for layer in list(layout.contents(layout.image()))[:-1]:
        _apply(files, layout, layer)
    distribution = _distribution(files)
    unique = {
        component.key: component
        for path, content in sorted(files.items())
        for component in _components(path, content, distribution)
    }
    if len(unique) > MOST_COMPONENTS:
        raise image_format_error(f"more than {MOST_COMPONENTS} packages are installed")
    return tuple(unique[key] for key in sorted(unique))


def base_of(built: BuiltImage) -> Material | None:
    """Return the base image that the builder noted in the manifest, or None (OCI annotations)."""
    layout = Layout(built.layout)
    manifest = json.loads(layout.blob(layout.image().digest).read_bytes())
    noted = manifest.get("annotations") or {}
    name = noted.get("org.opencontainers.image.base.name")
    digest = str(noted.get("org.opencontainers.image.base.digest", ""))
    if not name:
        return None
    known = {"sha256": digest.removeprefix("sha256:")} if digest.startswith("sha256:") else {}
    return Material(uri=f"docker://{name}", digest=known)


def _apply(files: dict[str, bytes], layout: Layout, layer: Descriptor) -> None:
    """Put a layer over what is there; what it whites out is gone (OCI image-spec, layer.md)."""
    try:
        with _unpacked(layout.blob(layer.digest), layer.media_type) as content:
            removed, added = _changes(content)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise image_format_error(f"layer {layer.digest} cannot be read: {error}") from error
    for path in [path for path in files if _is_below(path, removed)]:
        del files[path]
    files.update(added)


def _changes(content: IO[bytes] | gzip.GzipFile) -> tuple[set[str], dict[str, bytes]]:
    removed: set[str] = set()
    added: dict[str, bytes] = {}
    with tarfile.open(fileobj=content, mode="r|") as archive:
        for number, member in enumerate(archive):
            if number > _MOST_MEMBERS:
                raise image_format_error(f"a layer holds more than {_MOST_MEMBERS} files")
            path = PurePosixPath(member.name.removeprefix("./").lstrip("/"))
            if path.name.startswith(_WHITEOUT):
                removed.add(_removed(path))
            elif _is_wanted(str(path)):
                # A file that a link replaces is gone as well.
                removed.add(str(path))
                if member.isfile():
                    added[str(path)] = _content(archive, member)
    return removed, added


def _removed(path: PurePosixPath) -> str:
    if path.name == _OPAQUE:
        return str(path.parent)
    return str(path.parent / path.name.removeprefix(_WHITEOUT))


def _is_below(path: str, removed: set[str]) -> bool:
    return path in removed or any(str(folder) in removed for folder in PurePosixPath(path).parents)


def _is_wanted(path: str) -> bool:
    if path in _APK or path in _OS_RELEASE or _DPKG.fullmatch(path):
        return True
    is_package = _DISTRIBUTION.fullmatch(path) or _NODE_PACKAGE.fullmatch(path)
    return is_package is not None and _SYSTEM.match(path) is None


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    reader = archive.extractfile(member)
    # The dpkg database of a full distribution has some MiB; a cut one loses its last packages.
    if reader is None or member.size > _MOST_BYTES:
        raise image_format_error(f"{member.name[:200]!r} is larger than {_MOST_BYTES} bytes")
    return reader.read()


def _unpacked(blob: Path, media_type: str) -> IO[bytes] | gzip.GzipFile:
    if media_type.endswith("gzip"):
        return gzip.open(blob)
    if media_type.endswith("tar"):
        return blob.open("rb")
    raise image_format_error(f"no layer of type {media_type[:100]} can be read")


def _components(path: str, content: bytes, distribution: str) -> Iterator[Component]:
    text = content.decode("utf-8", errors="replace")
    if _DPKG.fullmatch(path):
        yield from _debian(text, distribution)
    elif path in _APK:
        yield from _alpine(text, distribution)
    elif _DISTRIBUTION.fullmatch(path):
        said = email.parser.HeaderParser(policy=email.policy.compat32).parsestr(text)
        yield from _named(python_component, said.get("Name"), said.get("Version"))
    elif _NODE_PACKAGE.fullmatch(path):
        package = _object(text)
        yield from _named(node_component, package.get("name"), package.get("version"))


def _named(component: object, name: object, version: object) -> Iterator[Component]:
    # A folder of a package may hold a package.json of its own that names nothing.
    if name is None or version is None:
        return
    try:
        yield component(name, version)  # type: ignore[operator]
    except LockFault:
        return


def _object(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _debian(text: str, distribution: str) -> Iterator[Component]:
    for paragraph in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^(Package|Version|Status): *(\S.*)$", paragraph, re.MULTILINE))
        is_there = fields.get("Status", "install ok installed").endswith(" installed")
        if is_there and fields.keys() >= {"Package", "Version"}:
            yield Component(
                ecosystem="deb",
                name=fields["Package"].strip(),
                version=fields["Version"].strip(),
                distribution=distribution,
            )


def _alpine(text: str, distribution: str) -> Iterator[Component]:
    for paragraph in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^([PV]):(\S+)$", paragraph, re.MULTILINE))
        if fields.keys() >= {"P", "V"}:
            yield Component(
                ecosystem="apk",
                name=fields["P"],
                version=fields["V"],
                distribution=distribution,
            )


def _distribution(files: dict[str, bytes]) -> str:
    for name in _OS_RELEASE:
        said = re.search(rb"^ID=\"?([a-z0-9._-]{1,50})\"?\s*$", files.get(name, b""), re.MULTILINE)
        if said is not None:
            return said[1].decode()
    return "unknown"
