"""A service's image repository: find by tag, push once, remove what nobody can want back."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError
from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl

from blocks.aws import aws_client, error_code, translated
from blocks.images.image_scan import image_scan_report
from blocks.images.oci import BuiltImage, Layout, config_of, digest_of, packaging_of
from blocks.images.oci_client import OciClient
from delightful.composition.model import ScanReport
from delightful.errors import ConfigError, ExternalError, Refused
from delightful.image_retention import StoredImage
from delightful.release import Image

# What BatchDeleteImage takes at once (Amazon ECR API reference).
_AT_ONCE = 100


class ImageRegistry(Block):
    """
    Pushes to and finds in one ECR repository over the OCI distribution API.

    Example:
        Find the image of a commit:
        ```python
        from blocks.images.registry import ImageRegistry

        registry = ImageRegistry.load("BLOCK_NAME")
        print(registry.find("0123456789abcdef0123456789abcdef01234567"))
        ```
    """

    _block_type_name = "Image Registry"
    _block_type_slug = "image-registry"
    _documentation_url = HttpUrl("https://docs.aws.amazon.com/AmazonECR/latest/userguide/")

    credentials: AwsCredentials = Field(description="Credentials for the account.")
    repository_name: str = Field(
        pattern=r"^[a-z0-9]+([._/-][a-z0-9]+)*$",
        max_length=256,
        description="Name of the repository, which is the service's.",
    )

    def find(self, tag: str) -> Image | None:
        """Return the image under a tag (`adopted` is true), or None."""
        repository_url = self._repository_url()
        with self._client() as client:
            manifest = client.manifest(tag)
            if manifest is None:
                return None
            config = config_of(manifest)
            return Image(
                repository_url=repository_url,
                tag=tag,
                digest=digest_of(manifest),
                packaging=packaging_of(client.blob(config.digest)) if config else "container",
                adopted=True,
            )

    def push(self, built: BuiltImage, tag: str) -> Image:
        """Push under a tag that was never used, and read the digest back.

        The same image under the tag is adopted.

        Raises:
            Refused: E_TAG_TAKEN, another image has the tag.
            ExternalError: E_DIGEST, the registry shows another digest than was pushed.
        """
        found = self.find(tag)
        if found is not None:
            return self._adopted(found, built)
        with self._client() as client:
            accepted = _push_layout(client, Layout(built.layout), tag)
        pushed = self.find(tag)
        if pushed is not None and not accepted:
            return self._adopted(pushed, built)
        if pushed is None or pushed.digest != built.digest:
            raise _other_digest(built.digest, pushed)
        return pushed.model_copy(update={"adopted": False})

    def scan_report(self, digest: str) -> tuple[ScanReport, bool]:
        """Return what ECR's scan says of an image, and whether it is still looking."""
        return image_scan_report(self.credentials, self.repository_name, digest)

    def images(self) -> tuple[StoredImage, ...]:
        """Return everything in the repository; nothing where there is none."""
        with translated("ECR", "DescribeImages"):
            pages = self._ecr().get_paginator("describe_images")
            found = [
                image
                for page in pages.paginate(repositoryName=self.repository_name)
                for image in page["imageDetails"]
            ]
        return tuple(_stored(one) for one in found)

    def remove(self, images: Sequence[StoredImage]) -> None:
        """Delete images, under all their tags.

        Raises:
            ExternalError: E_AWS, the registry kept some; all others are deleted.
        """
        digests = [one.digest for one in images]
        kept = [
            f"{failure['imageId']['imageDigest']}: {failure['failureReason']}"
            for start in range(0, len(digests), _AT_ONCE)
            for failure in self._failures(digests[start : start + _AT_ONCE])
            # Somebody else was faster.
            if failure["failureCode"] != "ImageNotFound"
        ]
        if kept:
            raise ExternalError(
                "E_AWS",
                f"{len(kept)} of {len(digests)} images were kept",
                hint="put the cause right, then run the same again",
                service="ECR",
                operation="BatchDeleteImage",
                cause="; ".join(kept[:3]),
            )

    def _failures(self, digests: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        with translated("ECR", "BatchDeleteImage"):
            answer = self._ecr().batch_delete_image(
                repositoryName=self.repository_name,
                imageIds=[{"imageDigest": one} for one in digests],
            )
        failures: Sequence[Mapping[str, Any]] = answer["failures"]
        return failures

    def _ecr(self) -> Any:
        return aws_client(self.credentials, "ecr")

    def _adopted(self, found: Image, built: BuiltImage) -> Image:
        if found.digest == built.digest:
            return found
        raise Refused(
            "E_TAG_TAKEN",
            f"tag {found.tag} of {self.repository_name} is {found.digest}; "
            f"what was built now is {built.digest}",
            hint="deploy the image that is there, or commit again: a tag is never pushed over",
        )

    def _repository_url(self) -> str:
        with translated("ECR", "DescribeRepositories"):
            try:
                found = self._ecr().describe_repositories(repositoryNames=[self.repository_name])
            except ClientError as error:
                if error_code(error) != "RepositoryNotFoundException":
                    raise
                raise self._no_repository() from error
        return str(found["repositories"][0]["repositoryUri"])

    @contextmanager
    def _client(self) -> Iterator[OciClient]:
        with translated("ECR", "GetAuthorizationToken"):
            answer = self._ecr().get_authorization_token()
        granted = answer["authorizationData"][0]
        user, _, password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")
        client = OciClient(granted["proxyEndpoint"], self.repository_name, user, password)
        try:
            yield client
        finally:
            client.close()

    def _no_repository(self) -> ConfigError:
        return ConfigError(
            "E_REPOSITORY",
            f"there is no image repository {self.repository_name}",
            hint="apply infrastructure/registry for the service",
        )


def _stored(described: Mapping[str, Any]) -> StoredImage:
    return StoredImage(
        digest=described["imageDigest"],
        tags=tuple(described.get("imageTags", ())),
        pushed_at=described["imagePushedAt"],
    )


def _push_layout(client: OciClient, layout: Layout, tag: str) -> bool:
    manifest = layout.image()
    for blob in layout.contents(manifest):
        if not client.has_blob(blob.digest):
            client.upload(blob, layout.blob(blob.digest))
    content = layout.blob(manifest.digest).read_bytes()
    return client.put_manifest(tag, content, manifest.media_type)


def _other_digest(expected: str, pushed: Image | None) -> ExternalError:
    return ExternalError(
        "E_DIGEST",
        "the registry does not hold what was pushed",
        hint="push again; if it stays, somebody else writes this repository",
        service="registry",
        operation="push",
        cause=f"expected {expected}, found {pushed.digest if pushed else 'nothing'}",
    )
