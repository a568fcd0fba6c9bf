"""The OCI distribution protocol (v2), push and pull, over the repositories of the ECR backend.

As with ECR: nobody is admitted without a token, a push makes no repository, and nothing is
deleted here (BatchDeleteImage does that).
"""

import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ecr.exceptions import ImageAlreadyExistsException
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.aws.extension import SandboxContext
from sandbox.registry import errors, images
from sandbox.registry.blobs import BlobStore
from sandbox.registry.errors import RegistryError
from sandbox.registry.tokens import TOKENS

log = logging.getLogger(__name__)

_BLOB = "/v2/<path:name>/blobs/<digest>"
_UPLOADS = "/v2/<path:name>/blobs/uploads/"
_UPLOAD = "/v2/<path:name>/blobs/uploads/<upload>"
_MANIFEST = "/v2/<path:name>/manifests/<reference>"

_ROUTES = Map(
    [
        Rule("/v2/", endpoint="version", methods=["GET"]),
        Rule(_UPLOADS, endpoint="begin_upload", methods=["POST"]),
        Rule(_UPLOAD, endpoint="upload_status", methods=["GET"]),
        Rule(_UPLOAD, endpoint="append_upload", methods=["PATCH"]),
        Rule(_UPLOAD, endpoint="finish_upload", methods=["PUT"]),
        Rule(_UPLOAD, endpoint="abandon_upload", methods=["DELETE"]),
        Rule(_BLOB, endpoint="blob", methods=["GET"]),
        Rule(_MANIFEST, endpoint="manifest", methods=["GET"]),
        Rule(_MANIFEST, endpoint="put_manifest", methods=["PUT"]),
        Rule("/v2/<path:name>/tags/list", endpoint="tags", methods=["GET"]),
    ],
    strict_slashes=False,
)

_STATUS_OF_CODE = {
    "ImageTagAlreadyExistsException": (400, "TAG_INVALID"),
    "LayersNotFoundException": (404, "MANIFEST_BLOB_UNKNOWN"),
    "ImageDigestDoesNotMatchException": (400, "DIGEST_INVALID"),
}


class RegistryApplication:
    """The registry's WSGI application."""

    def __init__(self, context: SandboxContext) -> None:
        self._context = context
        self._blobs = BlobStore(context.directory / "registry")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        # Else a refused upload is cut off while the client still sends, and it reports that.
        response = self._answer(request)
        _drain(request)
        response.headers["Docker-Distribution-Api-Version"] = "registry/2.0"
        body: Iterable[bytes] = response(environ, start_response)
        return body

    def _answer(self, request: Request) -> Response:
        if not TOKENS.admits(request.headers.get("Authorization")):
            return self._unauthorized()
        try:
            endpoint, values = _ROUTES.bind_to_environ(request.environ).match()
            action: Callable[..., Response] = getattr(self, f"_{endpoint}")
            return action(request, **values)
        except RegistryError as error:
            return error.response()
        except HTTPException as error:
            return RegistryError(error.code or 400, "UNSUPPORTED", error.name).response()
        except Exception as error:
            log.exception("registry failed on %s %s", request.method, request.path)
            return RegistryError(500, "UNKNOWN", f"the sandbox failed: {error}").response()

    def _unauthorized(self) -> Response:
        response = RegistryError(401, "DENIED", "Not Authorized").response()
        challenge = f'Basic realm="http://{self._context.registry}/",service="ecr.amazonaws.com"'
        response.headers["WWW-Authenticate"] = challenge
        return response

    def _version(self, request: Request) -> Response:
        return Response("{}", content_type="application/json")

    def _repository(self, name: str) -> Any:
        repository = self._context.backend("ecr").repositories.get(name)
        if repository is None:
            raise errors.unknown_repository(name, self._context.account)
        return repository

    def _begin_upload(self, request: Request, name: str) -> Response:
        repository = self._repository(name)
        mounted = request.args.get("mount")
        if mounted and self._mount(repository, mounted, request.args.get("from", "")):
            return _created(f"/v2/{name}/blobs/{mounted}", mounted)
        upload = self._blobs.begin()
        if digest := request.args.get("digest"):
            self._blobs.append(upload, request.stream)
            repository.layers[digest] = self._blobs.finish(upload, digest)
            return _created(f"/v2/{name}/blobs/{digest}", digest)
        return self._accepted(name, upload)

    def _mount(self, repository: Any, digest: str, source: str) -> bool:
        other = self._context.backend("ecr").repositories.get(source)
        if other is None or digest not in other.layers:
            return False
        repository.layers[digest] = other.layers[digest]
        return True

    def _upload_status(self, request: Request, name: str, upload: str) -> Response:
        response = self._accepted(name, upload)
        response.status_code = 204
        return response

    def _append_upload(self, request: Request, name: str, upload: str) -> Response:
        self._repository(name)
        self._check_range(request, upload)
        self._blobs.append(upload, request.stream)
        return self._accepted(name, upload)

    def _check_range(self, request: Request, upload: str) -> None:
        start = request.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
        if start and start != str(self._blobs.received(upload)):
            raise RegistryError(416, "BLOB_UPLOAD_INVALID", "parts must follow one another")

    def _finish_upload(self, request: Request, name: str, upload: str) -> Response:
        repository, digest = self._repository(name), request.args.get("digest", "")
        self._blobs.append(upload, request.stream)
        repository.layers[digest] = self._blobs.finish(upload, digest)
        return _created(f"/v2/{name}/blobs/{digest}", digest)

    def _abandon_upload(self, request: Request, name: str, upload: str) -> Response:
        self._blobs.abandon(upload)
        return Response(status=204)

    def _accepted(self, name: str, upload: str) -> Response:
        received = self._blobs.received(upload)
        headers = {
            "Location": f"/v2/{name}/blobs/uploads/{upload}",
            "Range": f"0-{max(0, received - 1)}",
            "Docker-Upload-UUID": upload,
        }
        return Response(status=202, headers=headers)

    def _blob(self, request: Request, name: str, digest: str) -> Response:
        if digest not in self._repository(name).layers:
            raise errors.unknown_blob(digest)
        path = self._blobs.path(digest)
        size = path.stat().st_size
        response = Response(
            path.open("rb"), direct_passthrough=True, content_type="application/octet-stream"
        )
        response.content_length = size
        response.headers["Docker-Content-Digest"] = digest
        return response.make_conditional(request, accept_ranges=True, complete_length=size)

    def _manifest(self, request: Request, name: str, reference: str) -> Response:
        image = images.find_image(self._repository(name), reference)
        if image is None:
            raise errors.unknown_manifest(name, reference)
        response = Response(
            image.image_manifest.encode(), content_type=image.image_manifest_media_type
        )
        response.headers["Docker-Content-Digest"] = image.get_image_digest()
        return response

    def _put_manifest(self, request: Request, name: str, reference: str) -> Response:
        repository, manifest = self._repository(name), request.get_data().decode()
        is_digest = reference.startswith("sha256:")
        tag, digest = (None, reference) if is_digest else (reference, None)
        try:
            media_type = request.headers.get("Content-Type") or images.media_type_of(manifest)
            images.put_image(repository, manifest, media_type, tag, digest)
        except ImageAlreadyExistsException:
            # The API refuses what is there already; to the protocol, asking twice is asking once.
            log.info("%s already holds %s", name, reference)
        except ServiceException as error:
            status, code = _STATUS_OF_CODE.get(error.code, (400, "MANIFEST_INVALID"))
            raise RegistryError(status, code, error.message) from error
        digest = images.digest_of(manifest)
        return _created(f"/v2/{name}/manifests/{digest}", digest)

    def _tags(self, request: Request, name: str) -> Response:
        tags = sorted(tag for image in self._repository(name).images for tag in image.image_tags)
        return Response(json.dumps({"name": name, "tags": tags}), content_type="application/json")


def _created(location: str, digest: str) -> Response:
    headers = {"Location": location, "Docker-Content-Digest": digest}
    return Response(status=201, headers=headers)


def _drain(request: Request) -> None:
    while request.stream.read(1 << 20):
        pass
