"""Images as files: an OCI layout on disk, its manifest and its blobs."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from delightful.errors import ExternalError
from delightful.frozen import Frozen

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER_MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX_TYPE = "application/vnd.docker.distribution.manifest.list.v2+json"

PACKAGING_LABEL = "delightful.packaging"
COMMIT_LABEL = "org.opencontainers.image.revision"

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_MAX_DOCUMENT_BYTES = 8 * 1024 * 1024

Packaging = Literal["container", "files"]


class Descriptor(Frozen):
    """What a manifest says of one blob."""

    digest: str
    size: int
    media_type: str

    def document(self) -> dict[str, str | int]:
        """Return the descriptor as it stands in a manifest."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}


class BuiltImage(Frozen):
    """An image that was built and not yet pushed: an OCI layout in a directory of its own."""

    layout: Path
    digest: str
    packaging: Packaging

    def discard(self) -> None:
        """Remove the layout from disk; asking twice is fine."""
        shutil.rmtree(self.layout, ignore_errors=True)


class Layout:
    """An OCI layout directory, as engines write it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def blob(self, digest: str) -> Path:
        """Return the path of a blob. Raises ExternalError E_IMAGE_FORMAT for no sha256 digest."""
        matched = _DIGEST.fullmatch(digest)
        if matched is None:
            raise image_format_error(f"{digest[:100]!r} is not a digest")
        return self.directory / "blobs" / "sha256" / matched[1]

    def add(self, content: bytes, media_type: str) -> Descriptor:
        """Store a blob."""
        digest = digest_of(content)
        path = self.blob(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return Descriptor(digest=digest, size=len(content), media_type=media_type)

    def finish(self, manifest: Descriptor) -> None:
        """Name the layout's one image."""
        index = {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": [manifest.document()]}
        (self.directory / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        (self.directory / "index.json").write_bytes(canonical(index))

    def image(self) -> Descriptor:
        """Return the layout's one image manifest."""
        named = _document((self.directory / "index.json").read_bytes()).get("manifests", [])
        if len(named) != 1:
            raise image_format_error(f"the layout holds {len(named)} images, not one")
        return descriptor_of(named[0])

    def contents(self, manifest: Descriptor) -> Iterator[Descriptor]:
        """Return what an image consists of beside its manifest: layers first, then the config."""
        document = _document(self.blob(manifest.digest).read_bytes())
        yield from (descriptor_of(layer) for layer in document["layers"])
        yield descriptor_of(document["config"])


def digest_of(content: bytes) -> str:
    """Return the digest of exactly these bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def canonical(document: Any) -> bytes:
    """Return JSON whose bytes depend on nothing but the content."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def descriptor_of(document: Any) -> Descriptor:
    """Return a descriptor as a manifest has it. Raises ExternalError E_IMAGE_FORMAT."""
    try:
        return Descriptor(
            digest=document["digest"], size=document["size"], media_type=document["mediaType"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise image_format_error("a manifest names a blob without digest and size") from error


def config_of(manifest: bytes) -> Descriptor | None:
    """Return where a manifest's config lies, or None where it is an index of several images."""
    document = _document(manifest)
    return descriptor_of(document["config"]) if "config" in document else None


def packaging_of(config: bytes) -> Packaging:
    """Return how an image was made, by the label in its config."""
    labels = (_document(config).get("config") or {}).get("Labels") or {}
    return "files" if labels.get(PACKAGING_LABEL) == "files" else "container"


def image_format_error(cause: str) -> ExternalError:
    """Return the error for an image that is not as the OCI formats say."""
    return ExternalError(
        "E_IMAGE_FORMAT",
        "the image cannot be read",
        hint="build it again",
        service="image",
        operation="read",
        cause=cause,
    )


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content) if len(content) <= _MAX_DOCUMENT_BYTES else None
    except ValueError as error:
        raise image_format_error("a manifest or config is not JSON") from error
    if not isinstance(document, dict):
        raise image_format_error("a manifest or config is not an object of a sane size")
    return document
