"""Writes that race: on DynamoDB exactly one of them finds what it expected."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.description import SandboxDescription

pytestmark = pytest.mark.sandbox

ROUNDS, WRITERS = 20, 8
TABLE = "races"


@pytest.fixture(scope="module")
def table(sandbox: SandboxDescription) -> Any:
    """Return a client, once there is a table to race for."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=sandbox.aws_endpoint_url,
        region_name=sandbox.region,
        aws_access_key_id=sandbox.access_key_id,
        aws_secret_access_key=sandbox.secret_access_key,
        config=Config(max_pool_connections=WRITERS, retries={"total_max_attempts": 1}),
    )
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    return client


def test_one_of_many_racing_transactions_wins(table: Any) -> None:
    """Each takes the mutex and writes a record of its own; the losers leave nothing behind."""
    for number in range(ROUNDS):
        mutex = f"mutex-{number}"
        wins = at_once(lambda writer, mutex=mutex: taken(table, mutex, writer))  # type: ignore[misc]
        assert len(wins) == 1
        kept = [writer for writer in range(WRITERS) if stored(table, f"{mutex}-{writer}")]
        assert kept == wins
        assert stored(table, mutex)["writer"] == {"N": str(wins[0])}


def at_once(write: Callable[[int], bool]) -> list[int]:
    """Let every writer write at the same time; return those that did."""
    with ThreadPoolExecutor(WRITERS) as pool:
        done = list(pool.map(write, range(WRITERS)))
    return [writer for writer, has_written in enumerate(done) if has_written]


def taken(table: Any, mutex: str, writer: int) -> bool:
    """Write a record and the mutex, if nobody has it; say whether that was so."""
    free = "attribute_not_exists(id)"
    head = {"id": {"S": mutex}, "writer": {"N": str(writer)}}
    record = {"id": {"S": f"{mutex}-{writer}"}}
    try:
        table.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": TABLE, "Item": record, "ConditionExpression": free}},
                {"Put": {"TableName": TABLE, "Item": head, "ConditionExpression": free}},
            ]
        )
    except table.exceptions.TransactionCanceledException:
        return False
    return True


def stored(table: Any, key: str) -> Any:
    """Return an item, or None."""
    return table.get_item(TableName=TABLE, Key={"id": {"S": key}}, ConsistentRead=True).get("Item")
