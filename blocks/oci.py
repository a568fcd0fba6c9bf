"""Images as files: an OCI layout on disk, its manifest and its blobs."""

import hashlib
import json
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
PACKAGING_LABEL = "delightful.packaging"
COMMIT_LABEL = "org.opencontainers.image.revision"


class BuiltImage(Frozen):
    """An image that was built and not yet pushed: an OCI layout in a directory of its own."""

    layout: Path
    digest: str
    packaging: Literal["container", "files"]

    def discard(self) -> None:
        """Remove the layout from disk; asking twice is fine."""
        shutil.rmtree(self.layout, ignore_errors=True)
