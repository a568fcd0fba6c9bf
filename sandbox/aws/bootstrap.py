"""What an account holds before the first deploy, made through the AWS API as anyone would.

On a real account `infrastructure/bootstrap` makes the same.
"""

from typing import Any

from sandbox.settings import (
    ACCESS_KEY_ID,
    ARTIFACT_BUCKET,
    LEDGER_TABLE,
    LOCK_TABLE,
    REGION,
    SECRET_ACCESS_KEY,
    STATE_BUCKET,
)


def make_account_resources(endpoint_url: str) -> None:
    """Make the state bucket, the lock and ledger tables and the artifact bucket."""
    s3, dynamodb = _client("s3", endpoint_url), _client("dynamodb", endpoint_url)
    for bucket in (STATE_BUCKET, ARTIFACT_BUCKET):
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    _make_table(dynamodb, LOCK_TABLE, hash_key="LockID")
    _make_table(dynamodb, LEDGER_TABLE, hash_key="stream", range_key="item")


def _make_table(dynamodb: Any, name: str, *, hash_key: str, range_key: str | None = None) -> None:
    keys = {hash_key: "HASH"} | ({range_key: "RANGE"} if range_key else {})
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
    )


def _client(service: str, endpoint_url: str) -> Any:
    from botocore.session import Session

    return Session().create_client(
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
    )
