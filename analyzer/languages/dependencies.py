"""What a dependency says: a table of package names against the packages a service names."""

from collections.abc import Iterator, Mapping, Sequence

from analyzer.facts import Fact
from delightful.recommendation import Evidence

Dependencies = Mapping[str, Evidence]


def framework_facts(
    dependencies: Dependencies, frameworks: Sequence[tuple[str, str]], rule: str
) -> Iterator[Fact]:
    """Yield the framework whose package comes first in the table, which is the one on top."""
    for package, framework in frameworks:
        if package in dependencies:
            yield Fact("framework", framework, rule, "high", dependencies[package])
            return


def store_facts(
    dependencies: Dependencies,
    databases: Mapping[str, str],
    caches: Mapping[str, str],
    rule: str,
) -> Iterator[Fact]:
    """Yield the database and cache whose drivers are named.

    A driver is a hint only; drivers of several databases leave it open.
    """
    for field, flavours in (("database", databases), ("cache", caches)):
        for package in dependencies:
            if package in flavours:
                yield Fact(field, flavours[package], rule, "low", dependencies[package])
