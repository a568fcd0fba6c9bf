"""Which of the stores in compose files are the service's own."""

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from analyzer.facts import Fact
from analyzer.patterns import Pattern
from analyzer.witnesses.containers.compose_facts import Finding, Spoken, facts_of
from analyzer.witnesses.containers.compose_file import ComposeFile, Service
from analyzer.witnesses.containers.compose_own import Own
from analyzer.witnesses.stores import store_named
from delightful.recommendation import Confidence

NO_CACHE: Final = "compose/no-cache"
STORELESS: Final = "storeless"
_FIELDS: Final = ("database", "cache")
# Files laid over another for tests, or by those who want more.
_ASIDE: Final = Pattern(r"test|integration|\bci\b|e2e|redis|valkey|memcache|\bha\b|cluster")
_A_CHOICE: Final = 3
_Placed = tuple[ComposeFile, Service]


@dataclass(frozen=True)
class _Said:
    """A finding in the file that it stands in."""

    file: ComposeFile
    found: Finding
    is_lesser: bool


def store_facts(files: Sequence[ComposeFile], spoken: Sequence[Spoken]) -> Iterator[Fact]:
    """Yield the stores that the service needs in the files that run it.

    Where they disagree (one file for each database that may be used) none is sure, and the one
    that most files have comes first.
    """
    said = _of_most([list(_of_file(files, speaker, spoken)) for speaker in spoken])
    databases = {one.found.value for one in said if one.found.field == "database"}
    # With this many databases beside it the file is there to try each of them out.
    is_choice = len(databases - {"none"}) >= _A_CHOICE
    for field in ("database", "database_version", *(() if is_choice else ("cache", STORELESS))):
        of_field = [one for one in said if one.found.field == field]
        flavours = Counter(one.found.value for one in of_field if one.found.value != "none")
        of_field.sort(key=lambda one: -flavours[one.found.value])
        for one in of_field:
            doubtful = len(flavours) > 1 or _is_of_choice(one.file, one.found.value)
            found = replace(one.found, confidence="low") if doubtful else one.found
            yield from facts_of(one.file, [found], is_lesser=one.is_lesser)


def _is_of_choice(file: ComposeFile, flavour: object) -> bool:
    """Say whether a file is called after the database that it runs: there are other ways."""
    return str(flavour) in posixpath.basename(file.path).lower()


def _of_most(ways: Sequence[list[_Said]]) -> list[_Said]:
    """Leave out the caches of the one way to run it where more ways do without any."""
    having = sum(any(_is_cache(one.found) for one in way) for way in ways)
    silent = sum(any(one.found.rule == NO_CACHE for one in way) for way in ways)
    said = [one for way in ways for one in way]
    return [one for one in said if silent <= having or not _is_cache(one.found)]


def _is_cache(found: Finding) -> bool:
    return found.field == "cache" and found.value != "none"


def lone_store_facts(files: Sequence[ComposeFile]) -> Iterator[Fact]:
    """Yield the stores of files that run nothing else: the authors start the rest by hand."""
    for file in files:
        if not any(service.is_of_the_authors for service in file.services):
            stores = [(file, service) for service in file.services if service.store]
            for field in _FIELDS:
                for said in _only(stores, field, is_lesser=file.is_lesser):
                    yield from facts_of(said.file, [said.found], is_lesser=said.is_lesser)


def cacheless_facts(files: Sequence[ComposeFile]) -> Iterator[Fact]:
    """Yield that there is no cache in files that run the authors' services beside a database."""
    for file in files:
        authors = [service for service in file.services if service.is_of_the_authors]
        stores = _in_reach(files, file)
        has_database = any(s.store and s.store.field == "database" for s in file.services)
        if authors and has_database and not file.is_lesser and not _has_cache(file, stores):
            none = Finding("cache", "none", NO_CACHE, "medium", authors[0].line)
            yield from facts_of(file, [none], is_lesser=False)


def _of_file(
    files: Sequence[ComposeFile], speaker: Spoken, spoken: Sequence[Spoken]
) -> Iterator[_Said]:
    stores = _in_reach(files, speaker.file)
    told = [_Said(speaker.file, found, speaker.is_lesser) for found in _named(speaker.own)]
    told += _linked_stores(speaker, stores)
    yield from told
    missing = [field for field in _FIELDS if field not in {one.found.field for one in told}]
    yield from _unlinked(speaker, missing)
    others = {one.file.path for one in spoken if one is not speaker and one.own.main.is_whole}
    laid_over = [(place, service) for place, service in stores if place.path not in others]
    if "cache" in missing and not speaker.is_lesser and not _has_cache(speaker.file, laid_over):
        # With no store at all it may be that others have them, if it is not how users run it.
        none = Finding("cache", "none", NO_CACHE, "medium", speaker.own.main.line)
        if told:
            yield _Said(speaker.file, none, speaker.is_lesser)
        elif speaker.own.main.image:
            storeless = replace(none, field=STORELESS, value=True)
            yield _Said(speaker.file, storeless, speaker.is_lesser)


def _has_cache(file: ComposeFile, stores: Sequence[_Placed]) -> bool:
    """Say whether a cache is run, other than on request or in a file to try things out."""
    return any(
        service.store
        and service.store.field == "cache"
        and _is_run(service)
        and (place is file or not _ASIDE.search(place.path))
        for place, service in stores
    )


def _is_extra(main: Service, store: Service) -> bool:
    """Say whether it is a cache that only a profile starts, which the service itself needs none."""
    is_cache = store.store is not None and store.store.field == "cache"
    return is_cache and _is_run(main) and not _is_run(store)


def _is_run(service: Service) -> bool:
    return service.node.get("profiles") is None


def _in_reach(files: Sequence[ComposeFile], file: ComposeFile) -> list[_Placed]:
    """Return the stores of a file and of those beside it, which may be laid over it."""
    place = posixpath.dirname(file.path)
    beside = [one for one in files if posixpath.dirname(one.path) == place and one is not file]
    return [(one, service) for one in (file, *beside) for service in one.services if service.store]


def _linked_stores(speaker: Spoken, stores: Sequence[_Placed]) -> Iterator[_Said]:
    linked = _linked(speaker.own, [service for _, service in stores])
    sure: Confidence = "high" if speaker.own.is_sure else "medium"
    for file, service in _by_name(stores):
        if service.name in linked and not _is_extra(speaker.own.main, service):
            for found in _store(service, "compose/linked-store", sure):
                yield _Said(file, found, speaker.is_lesser)


def _unlinked(speaker: Spoken, fields: Sequence[str]) -> Iterator[_Said]:
    """Yield the only store of its sort where nobody else is there to whom it could belong."""
    services = speaker.file.services
    if len([service for service in services if service.is_of_the_authors]) > len(speaker.own.all):
        return
    here = [
        (speaker.file, service)
        for service in services
        if service.store and service.node.get("profiles") is None
    ]
    for field in fields:
        yield from _only(here, field, is_lesser=speaker.is_lesser)


def _by_name(stores: Sequence[_Placed]) -> list[_Placed]:
    """Return the stores once each: a file laid over another names the same ones again."""
    found: dict[str, _Placed] = {}
    for file, service in stores:
        found.setdefault(service.name, (file, service))
    return list(found.values())


def _linked(own: Own, stores: Sequence[Service]) -> set[str]:
    """Return the stores that the service says it needs, or that its variables name as hosts."""
    linked = {name for service in own.all for name in service.links}
    values = [value for service in own.all for value, _ in service.environment.values()]
    words = {word for value in values for word in re.split(r"[^\w.-]+", value)}
    for service in stores:
        aliases = (service.node.get("container_name"), service.node.get("hostname"))
        if words & {service.name, *(alias.text for alias in aliases if alias)}:
            linked.add(service.name)
    return linked


def _named(own: Own) -> Iterator[Finding]:
    for name, (value, line) in own.main.environment.items():
        store = store_named(name, value)
        if store:
            yield Finding(store[0], store[1], "compose/store-variable", "medium", line, name)


def _only(stores: Sequence[_Placed], field: str, *, is_lesser: bool) -> Iterator[_Said]:
    of_field = [(file, s) for file, s in stores if s.store and s.store.field == field]
    flavours = {service.store.flavour for _, service in of_field if service.store}
    if len(flavours) == 1:
        file, service = of_field[0]
        is_asked = service.node.get("profiles") or _is_of_choice(file, *flavours)
        sure: Confidence = "low" if is_asked else "medium"
        for found in _store(service, "compose/only-store", sure):
            yield _Said(file, found, is_lesser)


def _store(service: Service, rule: str, confidence: Confidence) -> Iterator[Finding]:
    store = service.store
    if store is None:
        return
    node = service.node.get("image") or service.node.get("build")
    line = node.line if node else service.line
    yield Finding(store.field, store.flavour, rule, confidence, line)
    if store.field == "database" and store.version:
        yield Finding("database_version", store.version, rule, confidence, line)
