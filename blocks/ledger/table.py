"""The release ledger's table: items read consistently, written only where nothing changed."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from botocore.exceptions import ClientError
from pydantic import Field

from blocks.aws import error_code, translated
from delightful.errors import ConfigError
from delightful.frozen import Frozen

Attributes = Mapping[str, str | int | None]

_CONFLICTS = frozenset({"None", "ConditionalCheckFailed", "TransactionConflict"})


class Write(Frozen):
    """One item to put whole, where the stored one still has the expected attributes.

    An attribute of None is one that the item does not have.
    """

    stream: str
    item: str
    attributes: dict[str, str | int | None] = Field(default_factory=dict)
    expected: dict[str, str | int | None] = Field(default_factory=dict)


class LedgerTable(Protocol):
    """What the ledger needs of a store."""

    def read(self, stream: str, item: str) -> Attributes | None:
        """Return an item as it is now, or None."""
        ...

    def newest(self, stream: str, prefix: str, limit: int) -> Sequence[Attributes]:
        """Return the last items whose name begins with the prefix, last first."""
        ...

    def streams(self, prefix: str) -> Sequence[str]:
        """Return the streams of which there is any item and whose name begins with the prefix."""
        ...

    def write(self, writes: Sequence[Write]) -> bool:
        """Do all writes or none; False where an expectation did not hold."""
        ...


class DynamoLedgerTable:
    """A LedgerTable in DynamoDB: hash key `stream`, range key `item`, both strings."""

    def __init__(self, client: Any, table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def read(self, stream: str, item: str) -> Attributes | None:
        """Return an item by a consistent read, or None."""
        key = {"stream": {"S": stream}, "item": {"S": item}}
        found = self._call("GetItem", Key=key, ConsistentRead=True).get("Item")
        return None if found is None else _attributes(found)

    def newest(self, stream: str, prefix: str, limit: int) -> Sequence[Attributes]:
        """Return the last items with the prefix, last first, reading as many pages as it takes."""
        request: dict[str, Any] = {
            # Both names are words of DynamoDB's own.
            "KeyConditionExpression": "#stream = :stream AND begins_with(#item, :prefix)",
            "ExpressionAttributeNames": {"#stream": "stream", "#item": "item"},
            "ExpressionAttributeValues": {":stream": {"S": stream}, ":prefix": {"S": prefix}},
            "ScanIndexForward": False,
            "ConsistentRead": True,
        }
        found: list[Attributes] = []
        while len(found) < limit:
            page = self._call("Query", Limit=limit - len(found), **request)
            found += [_attributes(item) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return found

    def streams(self, prefix: str) -> Sequence[str]:
        """Look through the whole table: for what is done seldom, by who may."""
        request: dict[str, Any] = {
            "FilterExpression": "begins_with(#stream, :prefix)",
            "ExpressionAttributeNames": {"#stream": "stream"},
            "ExpressionAttributeValues": {":prefix": {"S": prefix}},
            "ProjectionExpression": "#stream",
            "ConsistentRead": True,
        }
        found: set[str] = set()
        while True:
            page = self._call("Scan", **request)
            found |= {str(_attributes(item)["stream"]) for item in page["Items"]}
            if "LastEvaluatedKey" not in page:
                return sorted(found)
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def write(self, writes: Sequence[Write]) -> bool:
        """Put all items in one transaction; False where an expectation did not hold."""
        items = [{"Put": {"TableName": self._table_name, **_put(write)}} for write in writes]
        with translated("DynamoDB", "TransactWriteItems"):
            try:
                self._client.transact_write_items(TransactItems=items)
            except ClientError as error:
                if _is_conflict(error):
                    return False
                raise
        return True

    def _call(self, operation: str, **request: Any) -> Any:
        method = {
            "GetItem": self._client.get_item,
            "Query": self._client.query,
            "Scan": self._client.scan,
        }[operation]
        with translated("DynamoDB", operation):
            try:
                return method(TableName=self._table_name, **request)
            except ClientError as error:
                if error_code(error) == "ResourceNotFoundException":
                    raise self._missing() from error
                raise

    def _missing(self) -> ConfigError:
        return ConfigError(
            "E_LEDGER_TABLE",
            f"there is no release ledger: table {self._table_name} does not exist",
            hint="apply infrastructure/bootstrap, or set the environment's ledger_table",
        )


def _is_conflict(error: ClientError) -> bool:
    if error_code(error) != "TransactionCanceledException":
        return False
    reasons = error.response.get("CancellationReasons", [])
    return bool(reasons) and all(reason.get("Code", "None") in _CONFLICTS for reason in reasons)


def _put(write: Write) -> dict[str, Any]:
    attributes = {"stream": write.stream, "item": write.item, **write.attributes}
    put: dict[str, Any] = {
        "Item": {name: _typed(value) for name, value in attributes.items() if value is not None}
    }
    if write.expected:
        put |= _condition(write.expected)
    return put


def _condition(expected: Mapping[str, str | int | None]) -> dict[str, Any]:
    terms = [
        f"attribute_not_exists(#{name})" if value is None else f"#{name} = :{name}"
        for name, value in expected.items()
    ]
    condition: dict[str, Any] = {
        "ConditionExpression": " AND ".join(terms),
        "ExpressionAttributeNames": {f"#{name}": name for name in expected},
    }
    values = {f":{name}": _typed(value) for name, value in expected.items() if value is not None}
    return condition | ({"ExpressionAttributeValues": values} if values else {})


def _typed(value: str | int) -> dict[str, str]:
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def _attributes(item: Mapping[str, Mapping[str, str]]) -> Attributes:
    return {
        name: int(typed["N"]) if "N" in typed else typed["S"]
        for name, typed in item.items()
        if "N" in typed or "S" in typed
    }
