"""Names that become resource names, keys and arguments: whole, short, ASCII."""

import hashlib
import re
from collections.abc import Collection
from typing import Final

from delightful.errors import ConfigError
from delightful.text import escaped

SERVICE_PATTERN: Final = r"[a-z](?:-?[a-z0-9]){1,30}"
ENVIRONMENT_PATTERN: Final = r"[a-z][a-z0-9]{1,15}"
ARTIFACT_KEY_PATTERN: Final = r"[a-z0-9](?:-?[a-z0-9]){0,99}"

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SERVICE = re.compile(rf"(?=.{{2,31}}\Z){SERVICE_PATTERN}")
_ENVIRONMENT = re.compile(ENVIRONMENT_PATTERN)
_ARTIFACT_KEY = re.compile(ARTIFACT_KEY_PATTERN)


def commit_sha(text: str) -> str:
    """Return a full commit id as it is.

    Raises:
        ConfigError: E_SHA, anything but 40 lowercase hexadecimal digits.
    """
    if _COMMIT.fullmatch(text):
        return text
    raise ConfigError(
        "E_SHA",
        f"commit: not a full commit id (got {escaped(text)!r}, allowed 40 of 0-9a-f)",
        hint="give the output of `git rev-parse HEAD`",
    )


def service_name_fault(text: str) -> str | None:
    """Return why a text cannot name a service, or None where it can."""
    if text.startswith("internal-"):
        return "any name that does not begin with internal-: load balancers may not be called so"
    if _SERVICE.fullmatch(text):
        return None
    return "2 to 31 of a-z, 0-9 and single dashes inside, beginning with a letter"


def service_name(text: str) -> str:
    """Return a service name as it is.

    Raises:
        ConfigError: E_NAME, the name would not fit every resource that carries it.
    """
    fault = service_name_fault(text)
    if fault is None:
        return text
    raise ConfigError(
        "E_NAME",
        f"service: not a service name (got {escaped(text)!r}, allowed {fault})",
        hint="give the `service` of .delightful.yaml",
    )


def environment_name(text: str, known: Collection[str] = ()) -> str:
    """Return an environment name as it is; where `known` ones are given, it is one of them.

    A dash is not allowed: `<service>-<environment>` must have one reading only.

    Raises:
        ConfigError: E_ENV_NAME.
    """
    if _ENVIRONMENT.fullmatch(text) and (not known or text in known):
        return text
    allowed = ", ".join(sorted(known)) or "2 to 16 of a-z and 0-9, beginning with a letter"
    raise ConfigError(
        "E_ENV_NAME",
        f"environment: no such environment (got {escaped(text)!r}, allowed {allowed})",
        hint="name a configured environment with --environment",
    )


def release_id(service: str, environment: str, sequence: int) -> str:
    """Return the id of one attempt: `<service>-<environment>-<sequence>`, six digits at least."""
    return f"{service_name(service)}-{environment_name(environment)}-{sequence:06d}"


def service_of(release: str) -> str:
    """Return what stands for the service in a release's id; no environment has a hyphen."""
    return release.rsplit("-", 2)[0]


def environment_of(release: str) -> str:
    """Return what stands for the environment in a release's id.

    Raises:
        ConfigError: E_RELEASE, it is no release id.
    """
    parts = release.rsplit("-", 2)
    if len(parts) == 3 and _ENVIRONMENT.fullmatch(parts[1]):
        return parts[1]
    raise ConfigError(
        "E_RELEASE",
        f"release: no release id (got {escaped(release)!r})",
        hint="list the releases with `delightful releases`",
    )


def artifact_key(service: str, environment: str) -> str:
    """Return the key under which every release of a service and environment is published.

    Raises:
        ConfigError: E_NAME, E_ENV_NAME.
    """
    return f"release-{service_name(service)}-{environment_name(environment)}"


def checked_artifact_key(text: str) -> str:
    """Return an artifact key that somebody typed as it is.

    Raises:
        ConfigError: E_KEY, Prefect would refuse it, or take it and never show it.
    """
    if _ARTIFACT_KEY.fullmatch(text):
        return text
    raise ConfigError(
        "E_KEY",
        f"artifact: not an artifact key (got {escaped(text)!r}, "
        "allowed 1 to 100 of a-z, 0-9 and single dashes)",
        hint="list the releases with `delightful releases`",
    )


def slug_of(text: str) -> str:
    """Return a branch or other free text as a name: readable part, then eight hex of its hash.

    Two texts never share a slug in practice, and no slug holds a separator or a dot.
    """
    readable = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:30].strip("-")
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{readable}-{digest}" if readable else f"x-{digest}"
