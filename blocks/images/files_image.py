"""An image of a service's files alone: one layer, the same bytes for the same files."""

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from blocks.images.dockerignore import IgnoreRule, is_ignored, read_ignore_rules
from blocks.images.oci import (
    COMMIT_LABEL,
    CONFIG_TYPE,
    LAYER_TYPE,
    MANIFEST_TYPE,
    PACKAGING_LABEL,
    BuiltImage,
    Layout,
    canonical,
)
from delightful.errors import ConfigError
from delightful.frozen import Frozen

FOLDER = "app"
_NEVER_PACKED = frozenset({".git"})


class FilesImage(Frozen):
    """What goes into the image's config."""

    command: tuple[str, ...]
    environment: dict[str, str]
    commit: str


def write_files_image(context: Path, image: FilesImage, layout: Path, max_bytes: int) -> BuiltImage:
    """Write the files of a context, .dockerignore honoured, as an OCI layout.

    Raises:
        ConfigError: E_CONTEXT, the files are too large, or a link leads out of the context.
    """
    files = Layout(layout)
    packed = _packed(context, max_bytes)
    layer = files.add(gzip.compress(packed, compresslevel=6, mtime=0), LAYER_TYPE)
    diff_id = f"sha256:{hashlib.sha256(packed).hexdigest()}"
    config = files.add(canonical(image_config(image, diff_id)), CONFIG_TYPE)
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": config.document(),
        "layers": [layer.document()],
    }
    manifest = files.add(canonical(document), MANIFEST_TYPE)
    files.finish(manifest)
    return BuiltImage(layout=layout, digest=manifest.digest, packaging="files")


def image_config(image: FilesImage, diff_id: str) -> dict[str, object]:
    """Return the image's config; the architecture is a formality, files have none."""
    return {
        "architecture": "amd64",
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": {
            "Cmd": list(image.command),
            "Env": [f"{name}={value}" for name, value in sorted(image.environment.items())],
            "WorkingDir": f"/{FOLDER}",
            "Labels": {PACKAGING_LABEL: "files", COMMIT_LABEL: image.commit},
        },
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
        "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "delightful files"}],
    }


def context_files(context: Path) -> Iterator[str]:
    """Return the paths below a context that belong in an image, in order."""
    ignore_file = context / ".dockerignore"
    rules = read_ignore_rules(ignore_file.read_text("utf-8")) if ignore_file.is_file() else ()
    return iter(sorted(_walked(context, rules)))


def _walked(context: Path, rules: Sequence[IgnoreRule]) -> Iterator[str]:
    for folder, folders, names in os.walk(context):
        folders[:] = [name for name in folders if name not in _NEVER_PACKED]
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in (*names, *links):
            path = (Path(folder) / name).relative_to(context).as_posix()
            if name not in _NEVER_PACKED and not is_ignored(path, rules):
                yield path


def _packed(context: Path, max_bytes: int) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in context_files(context):
            _add(archive, context, path)
            if written.tell() > max_bytes:
                raise ConfigError(
                    "E_CONTEXT",
                    f"the service's files are larger than {max_bytes // 1024**2} MiB",
                    hint="leave out what is not needed to run, with a .dockerignore",
                )
    return written.getvalue()


def _add(archive: tarfile.TarFile, context: Path, path: str) -> None:
    source = context / path
    entry = tarfile.TarInfo(f"{FOLDER}/{path}")
    entry.mode = 0o755 if os.access(source, os.X_OK) else 0o644
    if source.is_symlink():
        entry.type, entry.mode = tarfile.SYMTYPE, 0o777
        entry.linkname = _inner_link(context, source)
        archive.addfile(entry)
    elif source.is_file():
        entry.size = source.stat().st_size
        with source.open("rb") as content:
            archive.addfile(entry, content)


def _inner_link(context: Path, link: Path) -> str:
    target = link.readlink()
    inside = (link.parent / target).resolve().is_relative_to(context.resolve())
    if not inside or target.is_absolute():
        raise ConfigError(
            "E_CONTEXT",
            f"{link.relative_to(context)} is a link that leads out of the service's folder",
            hint="make it a file, or leave it out with a .dockerignore",
        )
    return target.as_posix()
