"""The files of commits in S3, each written once."""

import hashlib
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from botocore.exceptions import ClientError
from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl

from blocks.aws import aws_client, error_code, translated
from delightful.errors import ConfigError, Refused, TransientError
from delightful.reading.bounded import ArchiveLimits
from delightful.source_place import SourcePlace

_MAX_BYTES = ArchiveLimits().packed_bytes
_THERE_ALREADY = frozenset({"PreconditionFailed", "412"})
# Who may not list a bucket is not told whether an object is there.
_NOT_THERE = frozenset({"NoSuchKey", "AccessDenied", "404", "403"})


class SourceArchives(Block):
    """
    Keeps the archive of a commit's files, and gives it back whole.

    Example:
        Fetch the files of a commit:
        ```python
        from blocks.source_archives import SourceArchives

        archives = SourceArchives.load("BLOCK_NAME")
        folder = archives.fetch(place, file)
        ```
    """

    _block_type_name = "Source Archives"
    _block_type_slug = "source-archives"
    _documentation_url = HttpUrl(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html"
    )

    credentials: AwsCredentials = Field(description="Credentials for the account.")
    bucket: str = Field(min_length=3, max_length=63, description="Bucket of the archives.")

    def place(self, service: str, commit: str) -> SourcePlace:
        """Return where the build of a commit leaves its files."""
        return SourcePlace(bucket=self.bucket, kind="sources", service=service, commit=commit)

    def keep(self, place: SourcePlace, archive: Path, folder: str) -> bool:
        """Write an archive where none is, the service's folder beside it; False: it was there.

        Raises:
            ConfigError: E_ARCH_LIMIT, it is larger than anybody would read.
            Refused: E_SOURCE_TAKEN, what is there is of another folder.
            ExternalError: AWS refused.
        """
        if archive.stat().st_size > _MAX_BYTES:
            raise _too_large(place)
        try:
            with translated("S3", "PutObject"), archive.open("rb") as body:
                self._put(place, body, folder, _sha256_of(archive))
        except _ThereAlready:
            self._refuse_other_folder(place, folder)
            return False
        return True

    def fetch(self, place: SourcePlace, file: Path) -> str:
        """Write an archive into a file, and return the service's folder, "" for the root.

        Raises:
            ConfigError: E_SOURCE, it is not there; E_ARCH_LIMIT, it is too large.
            Refused: E_CHANGED, it is not what was left there.
            ExternalError: AWS refused.
        """
        with translated("S3", "GetObject"):
            found = self._found("get_object", place)
            if found["ContentLength"] > _MAX_BYTES:
                raise _too_large(place)
            with found["Body"] as body, file.open("wb") as stream:
                shutil.copyfileobj(body, stream)
        said = found["Metadata"]
        if _sha256_of(file) != said.get("sha256"):
            raise Refused(
                "E_CHANGED",
                f"{place.url} is not what was left there: its sha256 differs",
                hint="find out who writes there; build the commit's next one",
            )
        return unquote(str(said.get("folder", "")))

    def folder(self, place: SourcePlace) -> str:
        """Return the service's folder in an archive that is there, "" for the root.

        Raises:
            ConfigError: E_SOURCE, it is not there.
            ExternalError: AWS refused.
        """
        with translated("S3", "HeadObject"):
            said = self._found("head_object", place)["Metadata"]
        return unquote(str(said.get("folder", "")))

    def _put(self, place: SourcePlace, body: Any, folder: str, sha256: str) -> None:
        try:
            self._s3().put_object(
                Bucket=place.bucket,
                Key=place.key,
                Body=body,
                IfNoneMatch="*",
                Metadata={"folder": quote(folder), "sha256": sha256},
            )
        except ClientError as error:
            if error_code(error) in _THERE_ALREADY:
                raise _ThereAlready from error
            if error_code(error) == "ConditionalRequestConflict":
                raise TransientError(
                    "E_AWS_BUSY",
                    f"S3 PutObject: {place.url} is being written by somebody else",
                    hint="wait a little, then run the same again",
                ) from error
            raise

    def _refuse_other_folder(self, place: SourcePlace, folder: str) -> None:
        kept = self.folder(place)
        if kept != folder:
            raise Refused(
                "E_SOURCE_TAKEN",
                f"{place.url} has the service in {kept or 'the root'}, not {folder or 'the root'}",
                hint="commit again: the files of a commit are left once",
            )

    def _found(self, verb: str, place: SourcePlace) -> dict[str, Any]:
        try:
            found: dict[str, Any] = getattr(self._s3(), verb)(Bucket=place.bucket, Key=place.key)
        except ClientError as error:
            if error_code(error) not in _NOT_THERE:
                raise
            raise ConfigError(
                "E_SOURCE",
                f"source: {place.url} is not there, or may not be read",
                hint=f"leave it there: delightful build --commit {place.commit}",
            ) from error
        return found

    def _s3(self) -> Any:
        return aws_client(self.credentials, "s3")


class _ThereAlready(Exception):
    """Somebody wrote the object before."""


def _sha256_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _too_large(place: SourcePlace) -> ConfigError:
    return ConfigError(
        "E_ARCH_LIMIT",
        f"{place.url}: the archive has more than {_MAX_BYTES // 1024**2} MiB",
        hint="leave generated and installed files out of the repository",
    )
