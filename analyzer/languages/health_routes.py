"""Routes that answer whether a service is well: which path means that, and under what prefix."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from analyzer.facts import Fact
from analyzer.patterns import Pattern

# The readiness path is what a load balancer should ask, a bare sign of life comes last.
_NAMES: Final[tuple[tuple[str, Pattern[str]], ...]] = (
    ("readiness", Pattern(r"(?:is)?[_-]*(?:ready|readyz|readiness)(?:[_-]?(?:check|probe))?")),
    ("health", Pattern(r"health(?:z|y)?(?:[_-]?(?:checks?|probe))?|heartbeat|hc")),
    ("liveness", Pattern(r"(?:is)?[_-]*(?:live|livez|liveness|alive|lbheartbeat)")),
    ("ping", Pattern(r"ping|status|up")),
)
_RANKS: Final = tuple(name for name, _ in _NAMES)
_MOST_SEGMENTS: Final = 5
# A name that means other things too counts only right below what holds such checks.
_ABOVE: Final = Pattern(
    r"_?health\w*|api|v\d+|apis|rest|internal|system|monitoring|probes?|status|k8s|kube\w*|-|_\w*|app|site"
)
# How far before a route the blocks around it may have been opened.
_NEAR: Final = 20_000
_LITERAL: Final = Pattern(r"[\w./~-]*")

# What a pattern looks for in a path before the path is judged.


def meaning_of(path: str) -> str | None:
    """Return what a route asks: readiness, health, liveness, ping; None for anything else."""
    segments = [segment for segment in path.split("/") if segment]
    if not segments or len(segments) > _MOST_SEGMENTS or not _LITERAL.fullmatch(path):
        return None
    name = segments[-1].lower().removesuffix(".json").strip("_.-")
    meaning = next((meaning for meaning, names in _NAMES if names.fullmatch(name)), None)
    return meaning if meaning == "health" or _is_plain(path) else None


def joined(*parts: str) -> str:
    """Return the path that prefixes and a route make together."""
    segments = [segment for part in parts for segment in part.split("/") if segment]
    return "/" + "/".join(segments)


def ranked(routes: Iterable[Fact]) -> Iterator[Fact]:
    """Yield health routes: the best with the confidence it has, the others as hints.

    Readiness comes before health and that before liveness; a short path before a long one, and
    one of the whole service before one of a part.
    """
    found: dict[str, Fact] = {}
    for route in routes:
        found.setdefault(str(route.value), route)
    by_rank = sorted(found.values(), key=lambda route: rank_of(str(route.value)))
    if by_rank and meaning_of(str(by_rank[0].value)) == "ping":
        # Beside a hint others would leave it undecided.
        yield replace(by_rank[0], confidence="low")
        return
    for place, route in enumerate(by_rank):
        yield replace(route, confidence="low") if place else route


def rank_of(path: str) -> tuple[bool, int, int]:
    """Return what orders health paths, the best first: see `ranked`."""
    meaning = meaning_of(path)
    place = _RANKS.index(meaning) if meaning else len(_RANKS)
    return not _is_plain(path), place, path.count("/")


def _is_plain(path: str) -> bool:
    """Say whether what stands before the last part holds such checks for the whole service."""
    above = [segment for segment in path.split("/") if segment][:-1]
    return all(_ABOVE.fullmatch(segment.lower()) for segment in above)


def enclosing_prefix(text: str, start: int, opener: Pattern[str]) -> str:
    """Return the prefix of the blocks around a position, by indentation.

    A line encloses what follows it and is indented deeper; `opener` finds a prefix in such a
    line, as its first group that matched.
    """
    line_start = text.rfind("\n", 0, start) + 1
    line = text[line_start:start]
    depth = _indentation(line)
    prefixes = [_opened(line, opener)]
    furthest = max(start - _NEAR, 0)
    while depth > 0 and line_start > furthest:
        line_end = line_start - 1
        line_start = text.rfind("\n", 0, line_end) + 1
        line = text[line_start:line_end]
        if line.strip() and _indentation(line) < depth:
            depth = _indentation(line)
            prefixes.append(_opened(line, opener))
    return joined(*reversed(prefixes))


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _opened(line: str, opener: Pattern[str]) -> str:
    matches = opener.finditer(line)
    return joined(*(next((group for group in match.groups() if group), "") for match in matches))
