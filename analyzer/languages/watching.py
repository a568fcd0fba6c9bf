"""Routes for those who watch a program: what answers nothing else is no server of its own."""

import re
from collections.abc import Iterable
from typing import Final

from analyzer.facts import Fact

# Asked by monitoring, by profilers and by whoever keeps the process alive.
_WATCHED: Final = re.compile(
    r"/(?:[\w.-]+/)?_*(?:metrics?|prometheus|health\w*|(?:is)?[_-]*(?:live|alive|ready)\w*"
    r"|healthcheck|startup|version|buildinfo|loglevel|debug(?:/.*)?|pprof(?:/.*)?)/?",
    re.I,
)
# Shows a link to the others.
FRONT_PAGE: Final = ""
_NAMED: Final = re.compile(r"metric|prom|health|live|ready|readiness|pprof|probe", re.I)


def is_watched_only(routes: Iterable[Fact]) -> bool:
    """Say whether there are routes, and all of them are there for who watches the program.

    The value of a route is its path, or the expression that gives it.
    """
    told = {str(route.value) for route in routes} - {FRONT_PAGE}
    return bool(told) and all(map(is_for_watching, told))


def is_left_alone(entries: Iterable[Fact]) -> bool:
    """Say whether nothing but a front page is there for others than who watches the program."""
    others = [entry for entry in entries if str(entry.value) not in ("", "/")]
    return not others or is_watched_only(others)


def is_for_watching(route: str) -> bool:
    """Say whether a path, or the expression that gives it, is there for who watches a program."""
    pattern = _WATCHED.fullmatch if route.startswith("/") else _NAMED.search
    return pattern(route) is not None
