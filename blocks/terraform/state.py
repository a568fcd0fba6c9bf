"""A stack's state as it lies in its backend, read without starting Terraform."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError
from prefect_aws import AwsCredentials

from blocks.aws import aws_client, error_code
from blocks.terraform.argv import Backend, LocalBackend
from blocks.terraform.saved_plan import AppliedState
from blocks.terraform.state_backend import asking
from blocks.terraform.state_versions import recorded_digest
from delightful.errors import ConfigError, ExternalError

_SUPPORTED_VERSION = 4


def read_state(credentials: AwsCredentials, backend: Backend | LocalBackend) -> AppliedState:
    """Return what the last apply left; outputs marked sensitive are left out.

    Raises:
        ConfigError: E_NO_STATE, nothing was ever applied; E_BACKEND, nothing could ever be.
        ExternalError: E_STATE_DIGEST, the lock table knows another state than the bucket holds.
    """
    if isinstance(backend, LocalBackend):
        return _applied(_state_file(backend), backend)
    content = _state_object(credentials, backend)
    _check_digest(credentials, backend, content)
    return _applied(content, backend)


def _applied(content: bytes, backend: Backend | LocalBackend) -> AppliedState:
    state = _parsed(content, backend)
    outputs = {
        name: output["value"]
        for name, output in state.get("outputs", {}).items()
        if not output.get("sensitive", False)
    }
    return AppliedState(
        outputs=outputs,
        lineage=state["lineage"],
        serial=state["serial"],
        content_sha256=_content_sha256(state),
    )


def _content_sha256(state: Mapping[str, Any]) -> str:
    content = [state.get("outputs"), state.get("resources")]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _state_file(backend: LocalBackend) -> bytes:
    try:
        return backend.path.read_bytes()
    except FileNotFoundError as error:
        raise _no_state(backend) from error


def _state_object(credentials: AwsCredentials, backend: Backend) -> bytes:
    with asking(backend, "S3", "GetObject"):
        try:
            found = aws_client(credentials, "s3").get_object(Bucket=backend.bucket, Key=backend.key)
            return bytes(found["Body"].read())
        except ClientError as error:
            if error_code(error) != "NoSuchKey":
                raise
            raise _no_state(backend) from error


def _check_digest(credentials: AwsCredentials, backend: Backend, content: bytes) -> None:
    recorded = recorded_digest(credentials, backend)
    # Terraform's own digest; it guards against a lost write, not against an attacker.
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if recorded is not None and recorded != found:
        raise _state_error(
            "E_STATE_DIGEST",
            backend,
            f"the lock table has digest {recorded}, the object has {found}",
            "`delightful recover` records the lost digest, or puts back the recorded version",
        )


def _parsed(content: bytes, backend: Backend | LocalBackend) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(content)
        version = state["version"]
    except (ValueError, KeyError, TypeError) as error:
        raise _state_error(
            "E_STATE_FORMAT", backend, "not a state", "put back an earlier version of the object"
        ) from error
    if version != _SUPPORTED_VERSION:
        raise _state_error(
            "E_STATE_FORMAT",
            backend,
            f"state format {version}",
            "use a version of Delightful that knows this format",
        )
    return state


def _no_state(backend: Backend | LocalBackend) -> ConfigError:
    return ConfigError(
        "E_NO_STATE",
        f"nothing was applied yet: there is no {backend.place}",
        hint="deploy first",
    )


def _state_error(
    code: str, backend: Backend | LocalBackend, cause: str, hint: str
) -> ExternalError:
    return ExternalError(
        code,
        f"{backend.place} cannot be trusted",
        hint=hint,
        service="terraform",
        operation="state",
        cause=cause,
    )
