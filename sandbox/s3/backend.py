"""The buckets' backend."""

import json
from typing import Any

from moto.s3.models import S3Backend


class SandboxS3Backend(S3Backend):
    """moto's, which keeps a bucket's policy whole and enforces what holds for everyone.

    moto would deny to all what a policy denies to some: it looks at no condition. Here nobody is
    told apart and the endpoint stands for one with TLS, so a statement with a condition is kept
    and not enforced.
    """

    def __init__(self, partition: str, account: str) -> None:
        super().__init__(partition, account)
        self._policies: dict[str, bytes] = {}

    def get_bucket_policy(self, bucket_name: str) -> bytes | None:
        """Return the policy as it was put."""
        enforced: bytes | None = super().get_bucket_policy(bucket_name)
        return enforced and self._policies.get(bucket_name, enforced)

    def put_bucket_policy(self, bucket_name: str, policy: bytes) -> None:
        """Keep the policy, and let moto enforce its statements without a condition."""
        super().put_bucket_policy(bucket_name, unconditional(policy))
        self._policies[bucket_name] = policy

    def delete_object(
        self,
        bucket_name: str,
        key_name: str,
        version_id: str | None = None,
        bypass: bool = False,
    ) -> tuple[bool, dict[str, Any]]:
        """Delete one version where one is named, also after versioning was suspended.

        moto would then take all versions at once, and break on a delete marker among them.
        """
        bucket = self.get_bucket(bucket_name)
        versions = bucket.keys.getlist(key_name, [])
        kept = [version for version in versions if str(version.version_id) != version_id]
        if bucket.versioning_status != "Suspended" or len(kept) == len(versions):
            answer: tuple[bool, dict[str, Any]] = super().delete_object(
                bucket_name, key_name, version_id, bypass
            )
            return answer
        bucket.keys.setlist(key_name, kept)
        if not kept:
            bucket.keys.pop(key_name)
        return True, {"version-id": version_id}


def unconditional(policy: bytes) -> bytes:
    """Return a policy without the statements that have a condition."""
    document = json.loads(policy)
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    kept = [statement for statement in listed if not statement.get("Condition")]
    return json.dumps({**document, "Statement": kept}).encode()
