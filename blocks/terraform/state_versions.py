"""A Terraform state's versions and its recorded digest: read, and put right one at a time."""

import hashlib
import json
from typing import Any

from botocore.exceptions import ClientError
from prefect_aws import AwsCredentials

from blocks.aws import aws_client, error_code, translated
from blocks.terraform.argv import Backend
from blocks.terraform.state_backend import asking
from delightful.errors import Refused
from delightful.state_health import StateVersion

READ_AT_MOST = 20
_MOVED = frozenset({"ConditionalCheckFailedException", "PreconditionFailed"})


def state_versions(
    credentials: AwsCredentials, backend: Backend, limit: int = READ_AT_MOST
) -> tuple[StateVersion, ...]:
    """Return the last versions of the state object, newest first; a deletion counts as one."""
    with translated("S3", "ListObjectVersions"):
        listed = aws_client(credentials, "s3").list_object_versions(
            Bucket=backend.bucket, Prefix=backend.key
        )
    # S3 lists the versions of one key newest first.
    ours = [one for one in listed.get("Versions", ()) if one["Key"] == backend.key]
    deletions = [one for one in listed.get("DeleteMarkers", ()) if one["Key"] == backend.key]
    gone = tuple(_deletion(one) for one in deletions if one["IsLatest"])
    read = ours[: limit - len(gone)]
    return (*gone, *(_version(credentials, backend, one) for one in read))


def recorded_digest(credentials: AwsCredentials, backend: Backend) -> str | None:
    """Return the md5 that the lock table has of the state."""
    with asking(backend, "DynamoDB", "GetItem"):
        answer = aws_client(credentials, "dynamodb").get_item(
            TableName=backend.dynamodb_table, Key=_key(backend), ConsistentRead=True
        )
    digest = answer.get("Item", {}).get("Digest", {}).get("S")
    return None if digest is None else str(digest)


def record_digest(
    credentials: AwsCredentials, backend: Backend, version: StateVersion, was: str
) -> None:
    """Record the digest of a version in the place of another; refused where that has changed."""
    with translated("DynamoDB", "PutItem"):
        try:
            aws_client(credentials, "dynamodb").put_item(
                TableName=backend.dynamodb_table,
                Item={**_key(backend), "Digest": {"S": version.md5}},
                ConditionExpression="Digest = :was",
                ExpressionAttributeValues={":was": {"S": was}},
            )
        except ClientError as error:
            raise _moved(error, backend) from error


def put_back(credentials: AwsCredentials, backend: Backend, version: StateVersion) -> None:
    """Make an earlier version the newest again; the damaged one stays among the versions."""
    s3, place = aws_client(credentials, "s3"), {"Bucket": backend.bucket, "Key": backend.key}
    with translated("S3", "PutObject"):
        content = _content(credentials, backend, version.version_id)
        try:
            s3.put_object(**place, Body=content, ContentType="application/json")
        except ClientError as error:
            raise _moved(error, backend) from error


def _version(credentials: AwsCredentials, backend: Backend, listed: Any) -> StateVersion:
    content = _content(credentials, backend, listed["VersionId"])
    state = _state(content)
    return StateVersion(
        version_id=listed["VersionId"],
        # Terraform's own digest; it guards against a lost write, not against an attacker.
        md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
        serial=state.get("serial"),
        lineage=state.get("lineage"),
        at=listed["LastModified"],
    )


def _deletion(listed: Any) -> StateVersion:
    return StateVersion(
        version_id=listed["VersionId"], md5="", serial=None, lineage=None, at=listed["LastModified"]
    )


def _content(credentials: AwsCredentials, backend: Backend, version_id: str) -> bytes:
    with translated("S3", "GetObject"):
        found = aws_client(credentials, "s3").get_object(
            Bucket=backend.bucket, Key=backend.key, VersionId=version_id
        )
        return bytes(found["Body"].read())


def _state(content: bytes) -> dict[str, Any]:
    try:
        state = json.loads(content)
    except ValueError:
        return {}
    is_state = isinstance(state, dict) and state.get("version") == 4
    whole = is_state and isinstance(state.get("serial"), int) and "resources" in state
    return state if whole else {}


def _moved(error: ClientError, backend: Backend) -> Exception:
    if error_code(error) not in _MOVED:
        return error
    return Refused(
        "E_STATE_MOVED",
        f"{backend.place} changed while it was put right",
        hint="look again with `delightful recover --dry-run`",
    )


def _key(backend: Backend) -> dict[str, Any]:
    return {"LockID": {"S": f"{backend.bucket}/{backend.key}-md5"}}
