"""What several database drivers among the dependencies say together."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact
from delightful.recommendation import Confidence, Evidence

Drivers = Mapping[str, Evidence]

# The database inside, where nothing more than its driver speaks for the server's beside it.
SPARE: Final = "spare-database"


def driven(
    databases: Drivers, rule: str, *, are_used: bool = True, opened: Iterable[JsonValue] = ()
) -> Iterator[Fact]:
    """Yield the likely database of the drivers that are there, as sure as they make it.

    The only one is likely where it is known to be used. A server's beside SQLite is a hint, and
    SQLite to spare: one of the two is there for development, but where the source is seen to open
    either. Of several servers' nothing is sure; a service that speaks to all of them and to SQLite
    starts with SQLite.
    """
    servers = [flavour for flavour in databases if flavour != "sqlite"]
    if len(servers) > 1 or (len(databases) > 1 and databases.keys() <= set(opened)):
        likely = "sqlite" if "sqlite" in databases else "postgres"
        if likely in databases:
            yield Fact("database", likely, rule, "low", databases[likely])
        return
    for flavour in servers or databases:
        is_likely = len(databases) == 1 and are_used
        sure: Confidence = "medium" if is_likely else "low"
        yield Fact("database", flavour, rule, sure, databases[flavour])
    if servers and "sqlite" in databases:
        yield Fact(SPARE, "sqlite", rule, "low", databases["sqlite"])
