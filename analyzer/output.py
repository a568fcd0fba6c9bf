"""Where a recommendation is written: `generated/<service>/<commit>/terraform.tfvars.json`."""

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

from analyzer.variables import variables_document
from delightful.recommendation import Recommendation, WrittenVariables


class PutsObjects(Protocol):
    """The part of boto3's S3 client that is used here."""

    def put_object(self, **request: Any) -> Mapping[str, Any]:
        """Store one object."""


def variables_key(service: str, commit: str) -> str:
    """Return the key under which a commit's variables lie."""
    return f"generated/{service}/{commit}/terraform.tfvars.json"


def write_variables(
    s3_client: PutsObjects, bucket: str, recommendation: Recommendation
) -> WrittenVariables:
    """Write `terraform.tfvars.json` and say which version of it was written.

    Asking twice writes the same bytes under the same key.
    """
    body = variables_document(recommendation)
    key = variables_key(recommendation.service, recommendation.commit)
    answer = s3_client.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
    return WrittenVariables(
        bucket=bucket,
        key=key,
        version_id=answer.get("VersionId"),
        sha256=hashlib.sha256(body).hexdigest(),
    )
