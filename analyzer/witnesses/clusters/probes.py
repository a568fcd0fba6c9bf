"""The path that a probe's command asks of the container it runs in."""

from typing import Final

from analyzer.patterns import Pattern
from delightful.reading.path import url_path_fault

_URL: Final = Pattern(
    r"(?:https?://)?(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]|\$HOSTNAME|[\w.-]+)"
    r"(:\d{1,5}|:)?(/[\w.~/-]*)?(?=$|[\s\"'`|;&)\]?,}])"
)
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "[::1]", "[::]"})  # noqa: S104
# In a program of its own a URL may be put together: what stands in the port's place is any word.
SCRIPT_URL: Final = Pattern(
    r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):?[^/\s\"'`]{0,40}(/[\w.~/-]*)"
)
_ASKS: Final = Pattern(r"curl|wget|http|fetch|request")


def asks(command: str) -> bool:
    """Say whether a command asks over HTTP."""
    return bool(_ASKS.search(command))


def path_asked(command: str, *names: str) -> str | None:
    """Return the path of the first URL on the container itself, "/" where it has none, or None.

    `names` are other names that the container has.
    """
    for match in _URL.finditer(command):
        is_url = match[0].startswith("http") or match[2] or match[3]
        path = match[3] or "/"
        if is_url and match[1] in (_LOCAL | set(names)) and url_path_fault(path) is None:
            return path
    return None


def port_asked(command: str) -> str | None:
    """Return the port of the first URL on the container itself, or None."""
    for match in _URL.finditer(command):
        if match[1] in _LOCAL and match[2] and match[2] != ":":
            return match[2][1:]
    return None
