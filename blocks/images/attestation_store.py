"""Where what is known of an image is written down: by version and hash, per service and digest."""

import hashlib
import re
from typing import Any, Literal, get_args

from botocore.exceptions import ClientError
from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl

from blocks.aws import aws_client, error_code, translated
from delightful.composition.model import Attestations, StoredDocument
from delightful.composition.provenance import BuilderRule
from delightful.errors import Refused

DocumentName = Literal["sbom.cdx.json", "provenance.intoto.json", "scan.json"]

_MAX_BYTES = 32 * 1024 * 1024
_ARN = re.compile(r"arn:aws[a-z-]*:(iam|sts)::(?P<account>[0-9]{12}):.+")


class AttestationStore(Block):
    """
    Keeps bill of materials, provenance and scan of a service's images in the artifact bucket.

    Example:
        Read what is known of an image:
        ```python
        from blocks.images.attestation_store import AttestationStore

        store = AttestationStore.load("BLOCK_NAME")
        print(store.read(release.image.attestations.sbom))
        ```
    """

    _block_type_name = "Attestation Store"
    _block_type_slug = "attestation-store"
    _documentation_url = HttpUrl("https://slsa.dev/spec/v1.0/provenance")

    credentials: AwsCredentials = Field(description="Credentials for the account.")
    bucket: str = Field(min_length=3, max_length=63, description="Versioned bucket of artifacts.")
    service: str = Field(
        pattern=r"^[a-z][a-z0-9-]{1,30}$", description="Name of the service of the images."
    )

    def caller(self) -> str:
        """Return the ARN that STS knows these credentials by."""
        with translated("STS", "GetCallerIdentity"):
            return str(aws_client(self.credentials, "sts").get_caller_identity()["Arn"])

    def builder_rule(self, role: str | None) -> BuilderRule:
        """Return who may build: a role of the account of these credentials, or anybody in it."""
        matched = _ARN.fullmatch(self.caller())
        return BuilderRule(account=matched["account"] if matched else "0" * 12, role=role)

    def write(self, digest: str, name: DocumentName, content: bytes) -> StoredDocument:
        """Write one document of an image as a new version.

        Raises:
            Refused: E_ATTESTATION, the bucket keeps no versions.
        """
        key = self._key(digest, name)
        with translated("S3", "PutObject"):
            done = self._s3().put_object(
                Bucket=self.bucket,
                Key=key,
                Body=content,
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",
            )
        return self._stored(key, done.get("VersionId"), content)

    def read(self, document: StoredDocument) -> bytes:
        """Return a document by its version.

        Raises:
            Refused: E_ATTESTATION, it is gone, or is not what was written.
        """
        found = self._found(document.bucket, document.key, document.version_id)
        if found is None:
            raise _unfit(f"{document.key} version {document.version_id} is gone")
        if hashlib.sha256(found[0]).hexdigest() != document.sha256:
            raise _unfit(f"{document.key} is not what was written: its sha256 differs")
        return found[0]

    def latest(self, digest: str) -> Attestations | None:
        """Return the newest documents of an image, or None where one of them is not there."""
        stored: dict[str, StoredDocument] = {}
        for name in get_args(DocumentName):
            key = self._key(digest, name)
            found = self._found(self.bucket, key, None)
            if found is None:
                return None
            stored[name] = self._stored(key, found[1], found[0])
        return Attestations(
            sbom=stored["sbom.cdx.json"],
            provenance=stored["provenance.intoto.json"],
            scan=stored["scan.json"],
        )

    def _found(self, bucket: str, key: str, version: str | None) -> tuple[bytes, str | None] | None:
        wanted = {"VersionId": version} if version else {}
        with translated("S3", "GetObject"):
            try:
                answer = self._s3().get_object(Bucket=bucket, Key=key, **wanted)
            except ClientError as error:
                # Who may not list a bucket is not told whether a key is there.
                if error_code(error) not in ("NoSuchKey", "NoSuchVersion", "AccessDenied"):
                    raise
                return None
            content = answer["Body"].read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise _unfit(f"{key} is larger than {_MAX_BYTES} bytes")
        return content, answer.get("VersionId")

    def _stored(self, key: str, version: str | None, content: bytes) -> StoredDocument:
        if not version or version == "null":
            raise _unfit(f"the bucket {self.bucket} keeps no versions")
        return StoredDocument(
            bucket=self.bucket,
            key=key,
            version_id=version,
            sha256=hashlib.sha256(content).hexdigest(),
        )

    def _key(self, digest: str, name: DocumentName) -> str:
        return f"attestations/{self.service}/{digest}/{name}"

    def _s3(self) -> Any:
        return aws_client(self.credentials, "s3")


def _unfit(what: str) -> Refused:
    return Refused(
        "E_ATTESTATION",
        what,
        hint="find out who writes there, then build the commit's image in CI again",
    )
