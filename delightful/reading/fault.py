"""One way to say what is wrong in a file: where, which key, what was there, what may be."""

from typing import NamedTuple

from delightful.environment import is_secret_looking
from delightful.errors import ConfigError
from delightful.text import escaped

HIDDEN = "a hidden value"
HINT = "correct this line; docs/errors.md explains the code"


class Mark(NamedTuple):
    """A place in a file, both counted from 1."""

    line: int
    column: int


def mark_at(text: str, index: int) -> Mark:
    """Return the place of a character."""
    return Mark(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


TOP = Mark(1, 1)


class Place(NamedTuple):
    """A file, a place in it and the key that stands there, `rollout.bake_seconds` for a nested."""

    file: str
    mark: Mark = TOP
    key: str = "file"


def fault(
    code: str,
    place: Place,
    reason: str,
    *,
    got: object = None,
    allowed: str = "",
    hint: str = HINT,
) -> ConfigError:
    """Return the error `file:line:col key: reason (got X, allowed Y)`.

    `got` is escaped, cut, and hidden where it looks like a secret.
    """
    details = [f"got {_shown(place.key, str(got))}"] if got is not None else []
    details += [f"allowed {allowed}"] if allowed else []
    suffix = f" ({', '.join(details)})" if details else ""
    where = f"{escaped(place.file, limit=200)}:{place.mark.line}:{place.mark.column}"
    return ConfigError(code, f"{where} {escaped(place.key)}: {reason}{suffix}", hint=hint)


def _shown(key: str, got: str) -> str:
    return HIDDEN if is_secret_looking(key.rpartition(".")[2], got) else escaped(got)
