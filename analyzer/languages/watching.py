"""Who works and is only watched: routes and names that tell a worker from a server."""

import re
from collections.abc import Iterable
from typing import Final

from analyzer.facts import Fact
from analyzer.languages.service_ports import words_of
from analyzer.patterns import Pattern

# Asked by monitoring, by profilers and by whoever keeps the process alive.
_WATCHED: Final = Pattern(
    r"/(?:[\w.-]+/)?_*(?:metrics?|prometheus|health\w*|(?:is)?[_-]*(?:live|alive|ready)\w*"
    r"|healthcheck|startup|version|buildinfo|error|log-?level|debug(?:/.*)?|pprof(?:/.*)?)/?",
    re.I,
)
# Whoever asks these asks whether all is well; a small program may have no other route.
_PINGED: Final = Pattern(r"/(?:[\w.-]+/)?(?:ping|self-?test)/?", re.I)
# Shows a link to the others.
FRONT_PAGE: Final = ""
_NAMED: Final = Pattern(r"metric|prom|health|live|ready|readiness|pprof|probe", re.I)
# Modules in which a server is there for those alone.
_FOR_WATCHERS: Final = Pattern(
    r"(?:^|[_.-])(?:health\w*|metrics?|liveness|readiness|probes?)\b", re.I
)
# What programs are called after that wait for work, and what such a name may end with besides.
_WORKING: Final = Pattern(
    r"(?:archiver|batch|bot|cleaner|consumer|crawler|cron|cronjob|daemon|deduplicator|enricher|etl"
    r"|fetcher|forwarder|harvester|importer|indexer|ingest(?:er|or|ion)?|janitor|job|listener"
    r"|mailer|notifier|poller|processing|processor|projection|projector|reaper|reconciler|relayer"
    r"|replicator|scheduler|scraper|subscriber|sync(?:er|hroni[sz]er)?|updater|verifier|watcher"
    r"|worker)s?",
    re.I,
)
_BESIDES: Final = frozenset({"app", "host", "service", "svc"})


def is_called_after_work(name: str) -> bool:
    """Say whether a program's name ends with what waits for work, with or without `service`."""
    words = [word.lower() for word in words_of(name)]
    while len(words) > 1 and words[-1] in _BESIDES:
        words.pop()
    is_handler = words[-2:] in (["message", "handler"], ["message", "handlers"])
    return is_handler or (bool(words) and _WORKING.fullmatch(words[-1]) is not None)


def is_for_watchers(path: str) -> bool:
    """Say whether a source is called after what watches the program."""
    return _FOR_WATCHERS.search(path.rpartition("/")[2]) is not None


def is_watched_only(routes: Iterable[Fact]) -> bool:
    """Say whether there are routes, and all of them are there for who watches the program.

    The value of a route is its path, or the expression that gives it.
    """
    return are_for_watching(str(route.value) for route in routes)


def are_for_watching(paths: Iterable[str]) -> bool:
    """Say whether there are paths, and all of them are there for who watches the program."""
    told = set(paths) - {FRONT_PAGE}
    return bool(told) and all(map(is_for_watching, told))


def is_left_alone(entries: Iterable[Fact]) -> bool:
    """Say whether nothing but a front page is there for others than who watches the program."""
    others = [
        entry
        for entry in entries
        if str(entry.value) not in ("", "/") and not _PINGED.fullmatch(str(entry.value))
    ]
    return not others or is_watched_only(others)


def is_for_watching(route: str) -> bool:
    """Say whether a path, or the expression that gives it, is there for who watches a program."""
    pattern = _WATCHED.fullmatch if route.startswith("/") else _NAMED.search
    return pattern(route) is not None
