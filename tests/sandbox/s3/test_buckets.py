"""Buckets keep a policy whole, enforce what holds for everyone, and let every version go."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox


@pytest.fixture
def s3(client: Callable[[str], Any]) -> Any:
    """Return a client of S3."""
    return client("s3")


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    """Return a bucket with versions."""
    name = f"bucket-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    yield name
    s3.delete_bucket(Bucket=name)


def denying(bucket: str, **condition: Any) -> str:
    """Return a policy that denies everything, under a condition or to all."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": ["s3:*"]}
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{**statement, "Resource": resources, **condition}]}
    )


def test_denies_to_nobody_what_a_condition_denies_to_some(s3: Any, bucket: str) -> None:
    """A bucket that demands TLS can be used, and its policy is read back as it was put."""
    policy = denying(bucket, Condition={"Bool": {"aws:SecureTransport": ["false"]}})
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    written = s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == json.loads(policy)
    s3.delete_object(Bucket=bucket, Key="a", VersionId=written["VersionId"])


def test_denies_to_all_what_a_policy_denies_to_all(s3: Any, bucket: str) -> None:
    """A statement without a condition is enforced until the policy is gone."""
    written = s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    s3.put_bucket_policy(Bucket=bucket, Policy=denying(bucket))
    with pytest.raises(ClientError, match=r"403|Forbidden|AccessDenied"):
        s3.get_object(Bucket=bucket, Key="a")
    s3.delete_bucket_policy(Bucket=bucket)
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="a", VersionId=written["VersionId"])


def test_lets_versions_and_markers_go_one_by_one_after_versioning_was_suspended(
    s3: Any, bucket: str
) -> None:
    """Terraform suspends versioning before it empties a bucket; no version takes another along."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    s3.put_object(Bucket=bucket, Key="a", Body=b"2")
    s3.delete_object(Bucket=bucket, Key="a")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    listed = s3.list_object_versions(Bucket=bucket)
    found = [version["VersionId"] for version in listed["Versions"] + listed["DeleteMarkers"]]
    assert len(found) == 3
    for number, version in enumerate(found, start=1):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a", "VersionId": version}]})
        left = s3.list_object_versions(Bucket=bucket)
        assert len(left.get("Versions", []) + left.get("DeleteMarkers", [])) == 3 - number
