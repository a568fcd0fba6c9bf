"""Images of a repository, by ECR's rules: digests of the exact bytes, tags that may be immutable.

The images live in moto's own repositories, so that every call of its API sees them.
"""

import fnmatch
import hashlib
import json
import threading
from collections.abc import Iterator
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ecr.exceptions import ImageAlreadyExistsException, InvalidParameterException
from moto.ecr.models import Image, Repository

_writing = threading.RLock()


class ImageTagAlreadyExists(ServiceException):
    """An immutable tag is taken by another image."""

    code = "ImageTagAlreadyExistsException"

    def __init__(self, tag: str, repository: str) -> None:
        super().__init__(
            f"The image tag '{tag}' already exists in the '{repository}' repository and cannot be "
            "overwritten because the repository is immutable."
        )


class ImageDigestDoesNotMatch(ServiceException):
    """The caller expected other bytes."""

    code = "ImageDigestDoesNotMatchException"


class LayersNotFound(ServiceException):
    """The manifest names a layer that was never pushed."""

    code = "LayersNotFoundException"


class StoredImage(Image):
    """An image whose size is that of its layers, as ECR tells it."""

    def get_image_size_in_bytes(self) -> int | None:
        """Return the compressed size of config and layers; None for an index."""
        manifest = json.loads(self.image_manifest)
        if "layers" not in manifest:
            return None
        return sum(int(part["size"]) for part in (manifest["config"], *manifest["layers"]))


def digest_of(manifest: str) -> str:
    """Return the digest of a manifest: sha256 over its exact bytes."""
    return f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"


def media_type_of(manifest: str) -> str:
    """Return the media type that a manifest states of itself.

    Raises:
        InvalidParameterException: it states none.
    """
    try:
        return str(json.loads(manifest)["mediaType"])
    except (ValueError, TypeError, KeyError) as error:
        text = "image manifest mediatype not provided in manifest or parameter"
        raise InvalidParameterException(text) from error


def find_image(repository: Repository, reference: str) -> Image | None:
    """Return the image of a tag or a digest, or None."""
    for image in list(repository.images):
        if reference in image.image_tags or reference == image.get_image_digest():
            return image
    return None


def put_image(
    repository: Repository, manifest: str, media_type: str, tag: str | None, digest: str | None
) -> Image:
    """Store a manifest, under a tag if one is given.

    Raises:
        ImageDigestDoesNotMatch: `digest` is not the manifest's.
        LayersNotFound: the repository lacks a part that the manifest names.
        ImageAlreadyExistsException: this very image has this tag (or is there, without a tag).
        ImageTagAlreadyExists: another image has it, and the tag is immutable.
    """
    actual = digest_of(manifest)
    if digest is not None and digest != actual:
        raise ImageDigestDoesNotMatch(f"The manifest's digest is {actual}, not {digest}.")
    with _writing:
        _check_parts(repository, manifest)
        image = find_image(repository, actual)
        if image is not None and (tag is None or tag in image.image_tags):
            raise ImageAlreadyExistsException(repository.name, repository.registry_id, actual, tag)
        if tag is not None:
            _free_tag(repository, tag)
        if image is None:
            image = _add(repository, manifest, media_type, actual)
        if tag is not None:
            image.update_tag(tag)
        return image


def _add(repository: Repository, manifest: str, media_type: str, digest: str) -> Image:
    image = StoredImage(
        repository.account_id,
        None,
        manifest,
        repository.name,
        media_type,
        digest,
        repository.registry_id,
    )
    repository.images.append(image)
    return image


def _free_tag(repository: Repository, tag: str) -> None:
    """Take the tag from the image that has it; that image stays, untagged."""
    holder = find_image(repository, tag)
    if holder is None:
        return
    if is_immutable(repository, tag):
        raise ImageTagAlreadyExists(tag, repository.name)
    holder.remove_tag(tag)


def is_immutable(repository: Repository, tag: str) -> bool:
    """Say whether a tag of the repository, once given, stays with its image."""
    filters = repository.image_tag_mutability_exclusion_filters or []
    excluded = any(fnmatch.fnmatchcase(tag, one["filter"]) for one in filters)
    return bool(repository.is_tag_immutable()) != excluded


def _check_parts(repository: Repository, manifest: str) -> None:
    missing = [digest for digest in _parts(manifest) if not _holds(repository, digest)]
    if missing:
        text = f"Layers with digests '{missing}' required for pushing image do not exist"
        raise LayersNotFound(f"{text} in the repository with name '{repository.name}'")


def _holds(repository: Repository, digest: str) -> bool:
    return digest in repository.layers or find_image(repository, digest) is not None


def _parts(manifest: str) -> Iterator[str]:
    document: dict[str, Any] = json.loads(manifest)
    parts = [document.get("config"), *document.get("layers", []), *document.get("manifests", [])]
    for part in parts:
        # A foreign layer lies elsewhere by definition.
        if part is not None and not part.get("urls"):
            yield part["digest"]
