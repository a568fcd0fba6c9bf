"""Where layers and configs lie: files named by their digest, written once."""

import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sandbox.registry.errors import RegistryError

_CHUNK_BYTES = 1 << 20
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}")


@dataclass(frozen=True)
class BlobStore:
    """Blobs and unfinished uploads below one directory."""

    directory: Path

    def path(self, digest: str) -> Path:
        """Return the file of a blob, whether it is there or not.

        Raises:
            RegistryError: that is no digest.
        """
        if not _DIGEST.fullmatch(digest):
            raise RegistryError(400, "DIGEST_INVALID", f"not a sha256 digest: {digest}")
        return self.directory / "blobs" / digest.removeprefix("sha256:")

    def add(self, content: bytes) -> str:
        """Keep a blob and return its digest."""
        upload = self.begin()
        self._upload(upload).write_bytes(content)
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.finish(upload, digest)
        return digest

    def begin(self) -> str:
        """Open an upload and return its id."""
        upload = secrets.token_hex(16)
        path = self.directory / "uploads" / upload
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return upload

    def received(self, upload: str) -> int:
        """Return how many bytes of an upload are here."""
        return self._upload(upload).stat().st_size

    def append(self, upload: str, stream: IO[bytes]) -> int:
        """Add a part to an upload and return how many bytes it has now."""
        with self._upload(upload).open("ab") as file:
            for chunk in _chunks(stream):
                file.write(chunk)
            return file.tell()

    def abandon(self, upload: str) -> None:
        """Forget an upload."""
        self._upload(upload).unlink()

    def finish(self, upload: str, digest: str) -> int:
        """Make an upload the blob that it claims to be and return its size.

        Raises:
            RegistryError: its bytes have another digest.
        """
        path, target = self._upload(upload), self.path(digest)
        actual = _sha256(path)
        if digest != actual:
            path.unlink()
            text = f"provided digest {digest}, content has {actual}"
            raise RegistryError(400, "DIGEST_INVALID", text)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        return target.stat().st_size

    def _upload(self, upload: str) -> Path:
        path = self.directory / "uploads" / upload
        if not re.fullmatch(r"[a-f0-9]{32}", upload) or not path.exists():
            raise RegistryError(404, "BLOB_UPLOAD_UNKNOWN", f"no such upload: {upload}")
        return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK_BYTES):
        yield chunk
