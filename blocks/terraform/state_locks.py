"""The locks on a Terraform state: one in the table, one beside the state, both with one id."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from botocore.exceptions import ClientError
from prefect_aws import AwsCredentials

from blocks.aws import aws_client, error_code, translated
from blocks.terraform.argv import Backend, LocalBackend
from blocks.terraform.state_backend import asking
from delightful.errors import ExternalError
from delightful.locks import LockPlace, StateLock

# What S3 and DynamoDB answer where an entry is no longer the one that was read.
_CHANGED_CODES = frozenset({"ConditionalCheckFailedException", "PreconditionFailed", "NoSuchKey"})


class _Entry(NamedTuple):
    """One entry as it lies there; `etag` is S3's."""

    place: LockPlace
    text: str
    etag: str = ""

    def told(self) -> dict[str, Any]:
        """Return what Terraform wrote, or nothing where it is none of Terraform's."""
        try:
            told = json.loads(self.text)
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}


def state_locks(
    credentials: AwsCredentials, backend: Backend | LocalBackend
) -> tuple[StateLock, ...]:
    """Return the locks that are held: none, one, or two that are not of one another.

    Raises:
        ExternalError: E_STATE_LOCK, an entry is none of Terraform's.
    """
    if isinstance(backend, LocalBackend):
        return ()
    found: dict[str, StateLock] = {}
    for entry in _entries(credentials, backend):
        lock = _lock_of(entry, backend)
        earlier = found.get(lock.lock_id)
        places = (*earlier.places, entry.place) if earlier else (entry.place,)
        found[lock.lock_id] = lock.model_copy(update={"places": places})
    return tuple(found.values())


def release_lock(
    credentials: AwsCredentials, backend: Backend | LocalBackend, lock_id: str
) -> tuple[LockPlace, ...]:
    """Delete the entries of exactly this lock, each only as it was read; returns where they lay.

    `terraform force-unlock` does the same, but refuses where one of the two entries is gone.
    """
    if isinstance(backend, LocalBackend):
        return ()
    ours = [entry for entry in _entries(credentials, backend) if entry.told().get("ID") == lock_id]
    return tuple(entry.place for entry in ours if _deleted(credentials, backend, entry))


def _entries(credentials: AwsCredentials, backend: Backend) -> Iterator[_Entry]:
    with asking(backend, "DynamoDB", "GetItem"):
        answer = aws_client(credentials, "dynamodb").get_item(
            TableName=backend.dynamodb_table, Key=_key(backend), ConsistentRead=True
        )
    info = answer.get("Item", {}).get("Info", {}).get("S")
    if info is not None:
        yield _Entry("table", str(info))
    with asking(backend, "S3", "GetObject"):
        try:
            found = aws_client(credentials, "s3").get_object(**_file(backend))
            yield _Entry("file", bytes(found["Body"].read()).decode(), str(found["ETag"]))
        except ClientError as error:
            if error_code(error) != "NoSuchKey":
                raise


def _deleted(credentials: AwsCredentials, backend: Backend, entry: _Entry) -> bool:
    delete = _delete_item if entry.place == "table" else _delete_file
    try:
        delete(credentials, backend, entry)
    except _Changed:
        return False
    return True


class _Changed(Exception):
    """The entry is no longer the one that was read."""


@contextmanager
def _unless_changed() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error_code(error) not in _CHANGED_CODES:
            raise
        raise _Changed from error


def _delete_item(credentials: AwsCredentials, backend: Backend, entry: _Entry) -> None:
    with translated("DynamoDB", "DeleteItem"), _unless_changed():
        aws_client(credentials, "dynamodb").delete_item(
            TableName=backend.dynamodb_table,
            Key=_key(backend),
            ConditionExpression="Info = :read",
            ExpressionAttributeValues={":read": {"S": entry.text}},
        )


def _delete_file(credentials: AwsCredentials, backend: Backend, entry: _Entry) -> None:
    with translated("S3", "DeleteObject"), _unless_changed():
        aws_client(credentials, "s3").delete_object(**_file(backend), IfMatch=entry.etag)


def _lock_of(entry: _Entry, backend: Backend) -> StateLock:
    told = entry.told()
    try:
        return StateLock(
            lock_id=told["ID"],
            state=backend.place,
            operation=told["Operation"],
            who=told["Who"],
            created=told["Created"],
        )
    except (ValueError, KeyError) as error:
        raise ExternalError(
            "E_STATE_LOCK",
            f"{backend.place} cannot be trusted",
            hint="look at the item in the lock table and at the .tflock beside the state, and "
            "delete the one that is named if nobody works on the state",
            service="terraform",
            operation="state",
            cause=f"the entry of its lock ({entry.place}) is none of Terraform's",
        ) from error


def _key(backend: Backend) -> dict[str, Any]:
    return {"LockID": {"S": f"{backend.bucket}/{backend.key}"}}


def _file(backend: Backend) -> dict[str, str]:
    return {"Bucket": backend.bucket, "Key": f"{backend.key}.tflock"}
