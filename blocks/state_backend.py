"""Where Terraform's states lie, asked so that a place that is missing is named."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError

from blocks.aws import error_code, translated
from blocks.terraform_argv import Backend
from delightful.errors import ConfigError


@contextmanager
def asking(backend: Backend, service: str, operation: str) -> Iterator[None]:
    """Translate errors as everywhere, and name the bucket or table that does not exist.

    Raises:
        ConfigError: E_BACKEND, there is no such bucket or table: no account was prepared.
    """
    places = {
        "NoSuchBucket": f"bucket {backend.bucket} for Terraform's states",
        "ResourceNotFoundException": f"table {backend.dynamodb_table} for Terraform's locks",
    }
    with translated(service, operation):
        try:
            yield
        except ClientError as error:
            missing = places.get(error_code(error))
            if missing is None:
                raise
            raise ConfigError(
                "E_BACKEND",
                f"there is no {missing}",
                hint="prepare the account with `delightful bootstrap`, or set state_bucket and "
                "lock_table of the environment's block",
            ) from error
