"""Environment variables of a container: which names are taken, which values are no literals."""

import math
import re
from collections import Counter
from typing import Final

VARIABLE_PATTERN: Final = r"[A-Za-z_][A-Za-z0-9_]{0,254}"
REFERENCE_ARN_PATTERN: Final = (
    r"arn:aws(?:-[a-z]+)*:(?:secretsmanager|ssm):[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9/_+=.@:-]{1,512}"
)

_VARIABLE = re.compile(VARIABLE_PATTERN)
_REFERENCE = re.compile(REFERENCE_ARN_PATTERN)

# Set by the task definition, by ECS, or read by the loader before the service's own code runs.
_RESERVED = re.compile(
    r"PORT|DELIGHTFUL_.*|TF_.*|LD_.*|DYLD_.*|ECS_.*|BASH_ENV|GLIBC_TUNABLES"
    r"|AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|PROFILE"
    r"|DEFAULT_PROFILE|CONFIG_FILE|SHARED_CREDENTIALS_FILE|CA_BUNDLE|EXECUTION_ENV"
    r"|ROLE_.*|WEB_IDENTITY_.*|CONTAINER_.*|ENDPOINT_URL.*|EC2_METADATA_.*)"
)

_SECRET_NAME = re.compile(
    r"(?:.*_)?(?:PASSWORD|PASSWD|PWD|PASSPHRASE|SECRET|SECRET_KEY|SECRET_KEY_BASE|TOKEN|API_?KEY"
    r"|ACCESS_KEY|PRIVATE_KEY|ENCRYPTION_KEY|SIGNING_KEY|CREDENTIALS?)",
    re.IGNORECASE,
)
_HARMLESS = frozenset({"", "0", "1", "true", "false", "yes", "no", "on", "off", "none"})
_SECRET_VALUE = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|sk-ant-|sk_live_|rk_live_|npm_|AIza)"
    r"[A-Za-z0-9_-]{10,}"
    r"|\bhooks\.slack\.com/services/"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}"
    r"|://[^/\s:@]*:[^/\s@]+@"
)
_DENSE = re.compile(r"[A-Za-z0-9+/_=-]{40,}")
_DENSE_BITS_PER_CHARACTER = 4.3


# What a service's own database and cache are told by.
DATABASE_VARIABLES: Final = frozenset(
    f"DATABASE_{part}" for part in ("ENGINE", "HOST", "PORT", "NAME", "USERNAME", "PASSWORD")
)
CACHE_VARIABLES: Final = frozenset({"REDIS_URL"})


def variable_fault(name: str) -> str | None:
    """Return why a name cannot be set by a service, or None where it can."""
    if not _VARIABLE.fullmatch(name):
        return "a name is A-Z a-z 0-9 _ and does not begin with a digit"
    if name == "PORT":
        return "PORT is reserved: set `port`"
    if _RESERVED.fullmatch(name):
        return "this name is reserved"
    return None


def is_secret_looking(name: str, value: str) -> bool:
    """Say whether a literal looks as if it should be a reference to a secret.

    By its name (`DB_PASSWORD`), by a known form (an access key, a private key, a URL with a
    password), or by being forty and more mixed characters that no word or path looks like.
    """
    if _SECRET_NAME.fullmatch(name) and value.lower() not in _HARMLESS:
        return True
    return _SECRET_VALUE.search(value) is not None or _is_dense(value)


def is_secret_reference(text: str) -> bool:
    """Say whether a text is the ARN of a Secrets Manager secret or an SSM parameter."""
    return _REFERENCE.fullmatch(text) is not None


def _is_dense(value: str) -> bool:
    if not _DENSE.fullmatch(value) or value.startswith("/"):
        return False
    kinds = (str.islower, str.isupper, str.isdigit)
    if not all(any(kind(character) for character in value) for kind in kinds):
        return False
    counts = Counter(value).values()
    bits = -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
    return bits >= _DENSE_BITS_PER_CHARACTER
