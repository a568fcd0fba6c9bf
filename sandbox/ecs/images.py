"""Pull images from the sandbox's registry and unpack them, each digest once."""

import contextlib
import hashlib
import json
import platform
import shutil
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sandbox.ecs.layers import UnsafeLayer, unpack
from sandbox.ecs.references import ImageReference
from sandbox.ecs.runtime import StartFailure

_MANIFEST_TYPES = ", ".join(
    (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    )
)
_ARCHITECTURES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
PACKAGING_LABEL = "delightful.packaging"


@dataclass(frozen=True)
class UnpackedImage:
    """An image on disk: its files, and what its config says."""

    digest: str
    root: Path
    entry_point: tuple[str, ...]
    command: tuple[str, ...]
    environment: dict[str, str]
    working_directory: str
    labels: dict[str, str]


class ImageStore:
    """Images by digest below a directory."""

    def __init__(self, directory: Path, registry: str, password: Callable[[], str]) -> None:
        self._directory = directory
        self._registry = registry
        self._password = password
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        directory.mkdir(parents=True, exist_ok=True)

    def pull(self, reference: ImageReference) -> UnpackedImage:
        """Return the image, fetched and unpacked where it was not yet.

        Raises:
            StartFailure: it is not there, not whole, or not safe to unpack.
        """
        if reference.registry != self._registry:
            raise StartFailure(
                "CannotPullContainerError: tasks that run as processes pull from the sandbox's "
                f"registry {self._registry} only, not {reference.registry or 'docker.io'}"
            )
        try:
            return self._pull(reference)
        except httpx.HTTPError as error:
            raise StartFailure(f"CannotPullContainerError: {error}") from error

    def digest_of(self, reference: ImageReference) -> str:
        """Return the digest of the manifest that a reference names."""
        with self._client() as client:
            return _digest(_manifest(client, reference, reference.version))

    def _pull(self, reference: ImageReference) -> UnpackedImage:
        with self._client() as client:
            content = _manifest(client, reference, reference.version)
            digest = _digest(content)
            with self._locks[digest]:
                if not (self._directory / _folder(digest)).exists():
                    self._fetch(client, reference, content, self._directory / _folder(digest))
        return _load(self._directory / _folder(digest), digest)

    def _fetch(
        self, client: httpx.Client, reference: ImageReference, content: bytes, folder: Path
    ) -> None:
        manifest = _for_this_machine(client, reference, json.loads(content))
        config = _blob(client, reference, manifest["config"]["digest"])
        with tempfile.TemporaryDirectory(dir=self._directory) as temporary:
            image = Path(temporary) / "image"
            (image / "root").mkdir(parents=True)
            (image / "config.json").write_bytes(config)
            for layer in manifest["layers"]:
                _unpack_layer(client, reference, layer, image, Path(temporary) / "layer")
            image.rename(folder)

    def _client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://{self._registry}",
            auth=("AWS", self._password()),
            timeout=30.0,
            trust_env=False,
        )


def _folder(digest: str) -> str:
    return digest.replace(":", "-")


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _manifest(client: httpx.Client, reference: ImageReference, version: str) -> bytes:
    answer = client.get(
        f"/v2/{reference.repository}/manifests/{version}", headers={"Accept": _MANIFEST_TYPES}
    )
    if answer.status_code == 404:
        named = f"{reference.registry}/{reference.repository}"
        joint = "@" if version.startswith("sha256:") else ":"
        raise StartFailure(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
            f"failed to resolve ref {named}{joint}{version}: {named}{joint}{version}: not found"
        )
    answer.raise_for_status()
    _check(answer.content, version)
    return answer.content


def _check(content: bytes, digest: str) -> None:
    if digest.startswith("sha256:") and _digest(content) != digest:
        raise StartFailure(f"CannotPullContainerError: content does not match {digest}")


def _for_this_machine(
    client: httpx.Client, reference: ImageReference, manifest: dict[str, Any]
) -> dict[str, Any]:
    if "manifests" not in manifest:
        return manifest
    wanted = _ARCHITECTURES.get(platform.machine(), platform.machine())
    for entry in manifest["manifests"]:
        if (entry.get("platform") or {}).get("architecture") == wanted:
            found: dict[str, Any] = json.loads(_manifest(client, reference, entry["digest"]))
            return found
    raise StartFailure(
        "CannotPullContainerError: image Manifest does not contain descriptor matching "
        f"platform 'linux/{wanted}'"
    )


def _blob(client: httpx.Client, reference: ImageReference, digest: str) -> bytes:
    answer = client.get(f"/v2/{reference.repository}/blobs/{digest}")
    answer.raise_for_status()
    _check(answer.content, digest)
    return answer.content


def _unpack_layer(
    client: httpx.Client,
    reference: ImageReference,
    layer: dict[str, Any],
    image: Path,
    temporary: Path,
) -> None:
    digest, seen = layer["digest"], hashlib.sha256()
    with (
        client.stream("GET", f"/v2/{reference.repository}/blobs/{digest}") as answer,
        temporary.open("wb") as file,
    ):
        answer.raise_for_status()
        for chunk in answer.iter_bytes():
            seen.update(chunk)
            file.write(chunk)
    if f"sha256:{seen.hexdigest()}" != digest:
        raise StartFailure(f"CannotPullContainerError: layer does not match {digest}")
    try:
        unpack(temporary, image / "root")
    except UnsafeLayer as error:
        raise StartFailure(f"CannotPullContainerError: layer {digest}: {error}") from error


def _load(folder: Path, digest: str) -> UnpackedImage:
    config = json.loads((folder / "config.json").read_text()).get("config") or {}
    pairs = (entry.partition("=") for entry in config.get("Env") or ())
    return UnpackedImage(
        digest=digest,
        root=folder / "root",
        entry_point=tuple(config.get("Entrypoint") or ()),
        command=tuple(config.get("Cmd") or ()),
        environment={name: value for name, _, value in pairs},
        working_directory=config.get("WorkingDir") or "/",
        labels=config.get("Labels") or {},
    )


def copied(image: UnpackedImage, to: Path) -> Path:
    """Copy the image's files: a task may write to its own and to nobody else's."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(to)
    shutil.copytree(image.root, to, symlinks=True)
    return to
