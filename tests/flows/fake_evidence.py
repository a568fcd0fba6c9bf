"""What is known of images, in memory: their scanners, and what is written down of them."""

import io
import tempfile
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from prefect_aws import AwsCredentials
from pydantic import PrivateAttr

from blocks.images.attestation_store import AttestationStore
from blocks.images.oci import CONFIG_TYPE, MANIFEST_TYPE, Layout, canonical
from delightful.composition.model import ScanReport
from delightful.composition.survey import Survey, coverage_report

BUILDER = "arn:aws:sts::123456789012:assumed-role/api-build/session"


class MemoryBucket:
    """A versioned bucket, as far as one object needs it."""

    def __init__(self) -> None:
        self.versions: dict[str, list[bytes]] = {}

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> dict[str, str]:  # noqa: N803 - boto3's names
        self.versions.setdefault(Key, []).append(Body)
        return {"VersionId": str(len(self.versions[Key]))}

    def get_object(
        self,
        *,
        Key: str,  # noqa: N803 - boto3's name
        VersionId: str | None = None,  # noqa: N803 - boto3's name
        **_: Any,
    ) -> dict[str, Any]:
        versions = self.versions.get(Key, [])
        number = int(VersionId) if VersionId else len(versions)
        if not 0 < number <= len(versions):
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(versions[number - 1]), "VersionId": str(number)}


class MemoryAttestations(AttestationStore):
    """The real store over a bucket in memory."""

    _block_type_name = "Memory Attestation Store"
    _block_type_slug = "memory-attestation-store"
    _bucket: MemoryBucket = PrivateAttr(default_factory=MemoryBucket)
    _builder: str = PrivateAttr(default=BUILDER)

    def caller(self) -> str:
        return self._builder

    def _s3(self) -> Any:
        return self._bucket


def memory_attestations() -> MemoryAttestations:
    """Return a store of nothing yet."""
    return MemoryAttestations(credentials=AwsCredentials(), bucket="artifacts", service="api")


class FakeScanner:
    """Reports what it was told, after what no lock file covers."""

    def __init__(self, reports: list[ScanReport]) -> None:
        self._reports = reports

    def scan(self, context: Path, survey: Survey) -> tuple[ScanReport, ...]:
        return (coverage_report(survey), *self._reports)


def empty_layout() -> Path:
    """Return an image with nothing in it, for the builder to hand over and discard."""
    layout = Layout(Path(tempfile.mkdtemp(prefix="delightful-fake-")))
    config = layout.add(b"{}", CONFIG_TYPE)
    manifest = {"schemaVersion": 2, "config": config.document(), "layers": []}
    layout.finish(layout.add(canonical(manifest), MANIFEST_TYPE))
    return layout.directory
