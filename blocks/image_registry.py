"""A service's image repository: find by tag, push once."""

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field

from blocks.oci import BuiltImage
from delightful.release import Image


class ImageRegistry(Block):
    """Pushes to and finds in one ECR repository over the OCI distribution API."""

    _block_type_name = "Image Registry"
    _block_type_slug = "image-registry"

    credentials: AwsCredentials = Field(description="Credentials for the account.")
    repository_name: str = Field(description="Name of the repository.")

    def find(self, tag: str) -> Image | None:
        """Return the image under a tag (`adopted` is true), or None."""
        ...

    def push(self, built: BuiltImage, tag: str) -> Image:
        """Push under a tag that was never used, and read the digest back.

        The same image under the tag is adopted. Raises Refused E_TAG_TAKEN for another one.
        """
        ...
