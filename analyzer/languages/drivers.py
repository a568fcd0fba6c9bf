"""What several database drivers among the dependencies say together."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue

from delightful.recommendation import Confidence, Evidence

Drivers = Mapping[str, Evidence]


def driven(
    databases: Drivers, *, are_used: bool = True, opened: Iterable[JsonValue] = ()
) -> Iterator[tuple[str, Confidence]]:
    """Yield the likely database of the drivers that are there, and how likely it is.

    The only one is likely where it is known to be used. A server's beside SQLite is a hint: one
    of the two is there for development, but where the source is seen to open either. Of several
    servers' nothing is sure; a service that speaks to all of them and to SQLite starts with SQLite.
    """
    servers = [flavour for flavour in databases if flavour != "sqlite"]
    if len(servers) > 1 or (len(databases) > 1 and databases.keys() <= set(opened)):
        likely = "sqlite" if "sqlite" in databases else "postgres"
        if likely in databases:
            yield likely, "low"
        return
    for flavour in servers or databases:
        yield flavour, "medium" if len(databases) == 1 and are_used else "low"
