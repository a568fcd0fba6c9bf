"""Where Terraform's states lie, asked so that a place that is missing is named."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError

from blocks.aws import error_code, translated
from blocks.terraform.argv import Backend
from delightful.errors import ConfigError


def bucket_named(name: str) -> str:
    """Return how the bucket of the states is called in a message."""
    return f"bucket {name} for Terraform's states"


def table_named(name: str) -> str:
    """Return how the table of the locks is called in a message."""
    return f"table {name} for Terraform's locks"


@contextmanager
def asking(backend: Backend, service: str, operation: str) -> Iterator[None]:
    """Translate errors as everywhere, and name the bucket or table that does not exist.

    Raises:
        ConfigError: E_BACKEND, there is no such bucket or table: no account was prepared.
    """
    places = {
        "NoSuchBucket": bucket_named(backend.bucket),
        "ResourceNotFoundException": table_named(backend.dynamodb_table),
    }
    with translated(service, operation):
        try:
            yield
        except ClientError as error:
            missing = places.get(error_code(error))
            if missing is None:
                raise
            raise not_there(missing) from error


def not_there(place: str) -> ConfigError:
    """Return the error for a place of the backend that does not exist."""
    return ConfigError(
        "E_BACKEND",
        f"there is no {place}",
        hint="prepare the account with `delightful bootstrap`, or set state_bucket and lock_table "
        "of the environment's block",
    )
