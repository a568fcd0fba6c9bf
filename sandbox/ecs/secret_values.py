"""Resolve what a container definition's `secrets` name: SSM parameters and Secrets Manager."""

import json
from collections.abc import Callable
from typing import Any

from sandbox.ecs.runtime import StartFailure


def secret_value(backend: Callable[[str], Any], source: str) -> str:
    """Return a secret's value.

    `source` is an SSM parameter's name or ARN, or a Secrets Manager ARN, perhaps with
    `:json-key:version-stage:version-id` behind it.

    Raises:
        StartFailure: it cannot be read.
    """
    try:
        if ":secretsmanager:" in source:
            return _from_secrets_manager(backend("secretsmanager"), source)
        return _from_parameter(backend("ssm"), source)
    except Exception as error:
        message = getattr(error, "message", None) or str(error)
        raise StartFailure(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution "
            f"resource retrieval failed: unable to retrieve secret from {source}: {message}"
        ) from error


def _from_parameter(ssm: Any, source: str) -> str:
    name = source.split(":parameter", 1)[1] if source.startswith("arn:") else source
    found = ssm.get_parameter(name) or ssm.get_parameter(name.removeprefix("/"))
    if found is None:
        raise LookupError(f"invalid ssm parameters: {name}")
    return str(found.response_object(True)["Value"])


def _from_secrets_manager(secrets: Any, source: str) -> str:
    parts = source.split(":")
    arn, rest = ":".join(parts[:7]), [*parts[7:], "", "", ""]
    stage, version = rest[1] or None, rest[2] or None
    value = str(secrets.get_secret_value(arn, version or "", stage or "")["SecretString"])
    return str(json.loads(value)[rest[0]]) if rest[0] else value
