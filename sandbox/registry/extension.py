"""ECR's API, where moto's differs from the real one: digests, tags, token, address, scans."""

from collections.abc import Sequence
from typing import Any

from moto.core.responses import ActionResult
from moto.ecr.exceptions import RepositoryNotFoundException
from moto.ecr.responses import ECRResponse

from sandbox.aws.extension import Override, SandboxContext
from sandbox.registry import images
from sandbox.registry.blobs import BlobStore
from sandbox.registry.tokens import TOKENS

_NOT_SCANNED = {"status": "FAILED", "description": "The sandbox has no image scanner."}


class EcrResponse(ECRResponse):
    """Answers ECR's calls."""

    def create_repository(self) -> ActionResult:
        """Create a repository whose address is the sandbox's registry."""
        created: ActionResult = super().create_repository()
        repository: Any = created.result
        repository[
            "repository"
        ].uri = f"{extension.context.registry}/{repository['repository'].name}"
        return created

    def get_authorization_token(self) -> ActionResult:
        """Hand out a token that the registry accepts."""
        token = TOKENS.issue()
        data = {
            "authorizationToken": token.authorization,
            "expiresAt": token.expires_at,
            "proxyEndpoint": f"http://{extension.context.registry}",
        }
        return ActionResult({"authorizationData": [data]})

    def put_image(self) -> ActionResult:
        """Store a manifest as the registry does."""
        manifest = self._get_param("imageManifest")
        image = images.put_image(
            self._repository(),
            manifest,
            self._get_param("imageManifestMediaType") or images.media_type_of(manifest),
            self._get_param("imageTag"),
            self._get_param("imageDigest"),
        )
        return ActionResult({"image": image})

    def complete_layer_upload(self) -> ActionResult:
        """Keep the layer where the registry finds it."""
        upload = self._repository().uploads.get(self._get_param("uploadId"))
        completed: ActionResult = super().complete_layer_upload()
        extension.blobs.add(bytes(upload.layer_parts))
        return completed

    def start_image_scan(self) -> ActionResult:
        """Start a scan, which fails: nothing here can look into an image."""
        return self._scan()

    def describe_image_scan_findings(self) -> ActionResult:
        """Say that the scan failed; "not scanned" is never "nothing found"."""
        return self._scan()

    def _scan(self) -> ActionResult:
        repository, image_id = self._repository(), self._get_param("imageId")
        image = repository._get_image(image_id.get("imageTag"), image_id.get("imageDigest"))
        return ActionResult(
            {
                "registryId": repository.registry_id,
                "repositoryName": repository.name,
                "imageId": {
                    "imageDigest": image.image_digest,
                    "imageTag": image_id.get("imageTag"),
                },
                "imageScanStatus": _NOT_SCANNED,
            }
        )

    def _repository(self) -> Any:
        name = self._get_param("repositoryName")
        repository = self.ecr_backend.repositories.get(name)
        if repository is None:
            raise RepositoryNotFoundException(name, self.current_account)
        return repository


class EcrExtension:
    """ECR in the sandbox."""

    name = "registry"
    overrides: Sequence[Override] = (Override("ecr", ECRResponse, EcrResponse),)
    context: SandboxContext
    blobs: BlobStore

    def start(self, context: SandboxContext) -> None:
        """Keep the context; the registry's port is served by the server itself."""
        self.context = context
        self.blobs = BlobStore(context.directory / self.name)

    def stop(self) -> None:
        """Nothing runs here."""


extension = EcrExtension()
