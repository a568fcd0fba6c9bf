"""Makes an image of a service's files."""

from pathlib import Path

from prefect.blocks.core import Block

from blocks.oci import BuiltImage
from delightful.manifest import Manifest


class ImageBuilder(Block):
    """Builds with a container engine, or packs the files alone."""

    _block_type_name = "Image Builder"
    _block_type_slug = "image-builder"

    def build(self, context: Path, manifest: Manifest, commit: str) -> BuiltImage:
        """Build; `context` is the folder that `manifest.build.context` is relative to.

        The caller pushes it and then calls `.discard()`.
        Raises Refused E_IMAGE_MISSING where packaging is `adopt` (it never builds), DeployFailed
        never: ConfigError E_BUILD says that the service's own Dockerfile failed, with its last lines.
        """
        ...
