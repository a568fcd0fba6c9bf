"""The OCI distribution API, as far as one image needs it: manifests and blobs over HTTP."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from blocks.certificates import believed_authorities
from blocks.images.oci import (
    DOCKER_INDEX_TYPE,
    DOCKER_MANIFEST_TYPE,
    INDEX_TYPE,
    MANIFEST_TYPE,
    Descriptor,
    digest_of,
    image_format_error,
)
from delightful.errors import ConfigError, ExternalError, TransientError

_ACCEPTED = ", ".join((MANIFEST_TYPE, INDEX_TYPE, DOCKER_MANIFEST_TYPE, DOCKER_INDEX_TYPE))
_MAX_DOCUMENT_BYTES = 8 * 1024 * 1024
_TIMEOUT = httpx.Timeout(30.0, read=120.0, write=120.0)
_CHUNK_BYTES = 1024 * 1024


class OciClient:
    """One repository of one registry."""

    def __init__(self, url: str, repository: str, user: str, password: str) -> None:
        self._base = f"{_secure(url)}/v2/{repository}"
        # Only the first hop gets the credentials: blobs are served by redirects to a store.
        self._http = httpx.Client(
            auth=(user, password),
            verify=believed_authorities(),
            timeout=_TIMEOUT,
            follow_redirects=True,
            trust_env=not _is_loopback(url),
            transport=None,
        )

    def manifest(self, reference: str) -> bytes | None:
        """Return the bytes of a manifest by tag or digest, or None where there is none."""
        with _translated("read of a manifest"):
            answer = self._http.get(
                f"{self._base}/manifests/{reference}", headers={"Accept": _ACCEPTED}
            )
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            return _document(answer.raise_for_status())

    def blob(self, digest: str) -> bytes:
        """Return a small blob whole; its bytes are what its digest says."""
        with _translated("read of a blob"):
            answer = self._http.get(f"{self._base}/blobs/{digest}").raise_for_status()
            content = _document(answer)
        if digest_of(content) != digest:
            raise image_format_error(f"the registry gave other bytes than {digest}")
        return content

    def has_blob(self, digest: str) -> bool:
        """Say whether the repository holds a blob."""
        with _translated("look at a blob"):
            answer = self._http.head(f"{self._base}/blobs/{digest}")
            if answer.status_code == httpx.codes.NOT_FOUND:
                return False
            return answer.raise_for_status().is_success

    def upload(self, blob: Descriptor, path: Path) -> None:
        """Store a blob in one piece."""
        with _translated("upload of a blob"):
            begun = self._http.post(f"{self._base}/blobs/uploads/").raise_for_status()
            target = httpx.URL(self._base).join(begun.headers["Location"])
            self._http.put(
                target.copy_merge_params({"digest": blob.digest}),
                content=_chunks(path),
                headers={
                    "Content-Length": str(blob.size),
                    "Content-Type": "application/octet-stream",
                },
            ).raise_for_status()

    def put_manifest(self, tag: str, manifest: bytes, media_type: str) -> bool:
        """Store a manifest under a tag; False where the registry keeps the tag for another one."""
        with _translated("upload of a manifest"):
            answer = self._http.put(
                f"{self._base}/manifests/{tag}",
                content=manifest,
                headers={"Content-Type": media_type},
            )
            if answer.is_client_error and _is_tag_taken(answer):
                return False
            return answer.raise_for_status().is_success

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            yield chunk


def _document(answer: httpx.Response) -> bytes:
    if len(answer.content) > _MAX_DOCUMENT_BYTES:
        raise image_format_error("a manifest or config is larger than 8 MiB")
    return answer.content


def _is_tag_taken(answer: httpx.Response) -> bool:
    codes = {str(error.get("code", "")) for error in _errors(answer)}
    return bool(codes & {"TAG_INVALID", "IMAGE_TAG_ALREADY_EXISTS"}) or "immutable" in answer.text


def _errors(answer: httpx.Response) -> list[dict[str, Any]]:
    try:
        found = answer.json().get("errors", [])
    except (ValueError, AttributeError):
        return []
    return [error for error in found if isinstance(error, dict)]


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secure(url: str) -> str:
    if urlsplit(url).scheme == "https" or _is_loopback(url):
        return url.rstrip("/")
    raise ConfigError(
        "E_REGISTRY_INSECURE",
        f"the registry {url} would get the password without encryption",
        hint="use a registry over https; plain http is for this machine alone",
    )


@contextmanager
def _translated(operation: str) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise _status_error(error, operation) from error
    except httpx.TransportError as error:
        raise TransientError(
            "E_REGISTRY_UNREACHABLE",
            f"registry {operation}: {error or type(error).__name__}",
            hint="check the network, then run the same again",
        ) from error


def _status_error(error: httpx.HTTPStatusError, operation: str) -> TransientError | ExternalError:
    answer = error.response
    cause = f"HTTP {answer.status_code} {answer.text[:300]}".strip()
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
        return TransientError(
            "E_REGISTRY_BUSY", f"registry {operation}: {cause}", hint="run the same again"
        )
    return ExternalError(
        "E_REGISTRY",
        "refused",
        hint="check that the role may read and write the repository",
        service="registry",
        operation=operation,
        cause=cause,
    )
