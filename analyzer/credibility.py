"""Which facts count beside the others: not all that is named is what the service is run with."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from analyzer.facts import Fact
from analyzer.languages.service_ports import is_foreign_port
from analyzer.witnesses.containers.compose_stores import NO_CACHE, STORELESS
from analyzer.witnesses.words.addresses import ADDRESS_RULES

# Who runs a service, and with what; and databases that run inside it.
_RUNNING: Final = frozenset(
    {"compose", "ecs", "fly", "helm", "heroku", "kubernetes", "manifest", "nais", "railway"}
    | {"render", "terraform"}
)
_SOLD: Final = frozenset({"heroku/addon", "render/database"})
_SERVERS: Final = frozenset({"mongodb", "mysql", "postgres", "sqlserver"})
EMBEDDED: Final = ("h2", "none", "sqlite")
_OF_PRODUCTION: Final = "ruby/cache-store"
_OF_DRIVERS: Final = frozenset(
    {
        "dotnet/cache-driver",
        "node/cache-driver",
        "php/cache-driver",
        "python/cache-client",
        "ruby/cache-client",
        "rust/cache-driver",
    }
)
_STORES: Final = ("database", "cache")
_OF_STORES: Final = {"database": "database", "database_version": "database", "cache": "cache"}
_OF_TESTS: Final = "github-actions/service"
_WORKPLACE: Final = "/.devcontainer/"
_OF_SAMPLES: Final = "env-file/store"
_CHOICE: Final = ("/optional-cache", "/optional-redis")
_CHOSEN: Final = "/database-kind"
_UNCALLED: Final = "absent/uncalled-driver"
_TO_CHOOSE: Final = frozenset({_OF_SAMPLES, "compose/only-store"})
_OF_MANY: Final = "absent/one-of-many"
_MANY_DATABASES: Final = 3
_NAME_IN_SAMPLE: Final = "env-file/name"
_OF_COMMAND: Final = "dockerfile/command-port"
_OWN_RUNS: Final = ADDRESS_RULES | {"python/run-port"}
# Nodes of a search engine and of etcd talk at these; so may a service.
_SHARED_PORTS: Final = frozenset({2379, 9300})
_OPENED: Final = "dockerfile/expose"
_OF_WEB_SERVER: Final = "dockerfile/base-port"
_OF_FRAMEWORK: Final = "php/framework-port"
_OF_IMAGE: Final = "dotnet/default-port"


def credible(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Return the facts without those that others take the ground from."""
    for beyond in (
        _beyond_offers,
        _beyond_the_choice,
        _beyond_a_table,
        _beyond_the_database,
        _beyond_the_caches,
        _beyond_many_databases,
        _beyond_samples,
        _beyond_choices,
        _beyond_tests,
        _beyond_drivers,
        _beyond_own_machines,
        _beyond_own_runs,
        _beyond_foreign_ports,
        _beyond_the_web_server,
    ):
        facts = beyond(facts)
    return facts


def _beyond_offers(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out a server that a platform sells beside a program that runs on SQLite by itself."""
    if not any(fact.value == "sqlite" and fact.confidence != "low" for fact in facts):
        return facts
    return [fact for fact in facts if fact.field != "database" or fact.rule not in _SOLD]


def _beyond_the_choice(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out the databases that a program can use as well as the one its settings choose."""
    chosen = {
        (fact.rule.partition("/")[0], fact.value)
        for fact in facts
        if fact.field == "database" and fact.rule.endswith(_CHOSEN) and fact.confidence == "high"
    }
    if len(chosen) != 1:
        return facts
    (language, flavour) = chosen.pop()
    return [
        fact
        for fact in facts
        if fact.field != "database"
        or fact.value == flavour
        or fact.rule.partition("/")[0] != language
    ]


def _beyond_a_table(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Doubt a table of Amazon's that is run beside a database whose driver is likely."""
    others = (fact for fact in facts if fact.field == "database" and fact.value in _SERVERS)
    if not any(fact.confidence != "low" for fact in others):
        return facts
    return [
        replace(fact, confidence="low")
        if fact.field == "database" and fact.value == "dynamodb"
        else fact
        for fact in facts
    ]


def _beyond_the_database(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out the databases that sources and samples can use as well as the one that is run."""
    stores = [fact for fact in facts if fact.field == "database"]
    run = {fact.value for fact in stores if is_of_a_run(fact) and fact.confidence == "high"}
    if len(run) != 1:
        return facts
    return [
        fact for fact in facts if fact.field != "database" or fact.value in run or is_of_a_run(fact)
    ]


def _beyond_the_caches(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out a cache that sources and samples can use where the authors run all without one.

    What runs no store at all says so only of a service that needs no database of others' either.
    """
    silent = [fact for fact in facts if fact.rule == NO_CACHE]
    caches = [fact for fact in facts if fact.field == "cache" and fact.value != "none"]
    if not silent or not caches or any(_is_run_with(fact) for fact in caches):
        return facts
    if _is_opened_anyway(caches):
        return facts
    stores = [fact for fact in facts if fact.field == "database" and fact.value not in EMBEDDED]
    if stores and all(fact.field == STORELESS for fact in silent):
        return facts
    none = replace(silent[0], field="cache", value="none")
    return [*(fact for fact in facts if fact.field != "cache"), none]


def _beyond_many_databases(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out a cache that sources know where they can use so many databases: it is a choice."""
    servers = {fact.value for fact in facts if fact.field == "database" and not is_of_a_run(fact)}
    caches = [fact for fact in facts if fact.field == "cache" and fact.value != "none"]
    is_choice = len(servers - {*EMBEDDED, None}) >= _MANY_DATABASES
    if not (is_choice and caches) or any(_is_needed(fact) for fact in caches):
        return facts
    none = replace(caches[0], value="none", rule=_OF_MANY)
    return [*(fact for fact in facts if fact.field != "cache"), none]


def _is_needed(cache: Fact) -> bool:
    return cache.confidence == "high" or _is_run_with(cache)


def _is_opened_anyway(caches: Sequence[Fact]) -> bool:
    """Say whether sources open a cache as they are loaded, or beside a queue that needs one."""
    rules = {fact.rule.rpartition("/")[2] for fact in caches}
    is_opened = not rules.isdisjoint({"redis-client", "redis-variable"})
    return "redis-at-import" in rules or (is_opened and "needs-redis" in rules)


def _is_run_with(cache: Fact) -> bool:
    return is_of_a_run(cache) or cache.rule == _OF_PRODUCTION


def is_of_a_run(fact: Fact) -> bool:
    """Say whether a fact tells what a service is run with."""
    return fact.rule.partition("/")[0] in _RUNNING


def _beyond_tests(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out stores that only tests or developers have, where no dependency knows of them."""
    if not any(fact.field == "dependencies" for fact in facts):
        return facts
    known = {fact.field for fact in facts if not _is_of_a_workplace(fact)}
    return [
        fact for fact in facts if fact.field not in _OF_STORES or _OF_STORES[fact.field] in known
    ]


def _is_of_a_workplace(fact: Fact) -> bool:
    is_inside = fact.evidence is not None and _WORKPLACE in f"/{fact.evidence.file}"
    return fact.rule == _OF_TESTS or is_inside


def _beyond_drivers(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Take a driver of a cache that is installed, but that no source is seen to call, for none."""
    caches = [fact for fact in facts if fact.field == "cache"]
    if not caches or any(
        fact.rule not in _OF_DRIVERS or fact.confidence == "high" for fact in caches
    ):
        return facts
    none = replace(caches[0], value="none", rule=_UNCALLED)
    return [*(fact for fact in facts if fact.field != "cache"), none]


def _beyond_samples(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out a store that a sample alone knows of, in a variable that no source reads."""
    if not any(fact.field == "dependencies" for fact in facts):
        return facts
    read = {
        fact.value
        for fact in facts
        if fact.field == "environment_variables" and fact.rule != _NAME_IN_SAMPLE
    }
    for field in _STORES:
        stores = [fact for fact in facts if fact.field == field]
        if all(fact.rule == _OF_SAMPLES or _is_of_a_workplace(fact) for fact in stores):
            facts = [fact for fact in facts if fact.field != field or not _is_unread(fact, read)]
    return facts


def _beyond_choices(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out a store that a sample, or who runs stores alone, has where sources need none.

    A cache that is run, beside the service or with it, is none that the service can do without.
    """
    run = [fact for fact in facts if fact.field == "cache" and is_of_a_run(fact)]
    if any(fact.value != "none" for fact in run):
        facts = [fact for fact in facts if not fact.rule.endswith(_CHOICE)]
    spared = {fact.field for fact in facts if fact.rule.endswith((*_CHOICE, _UNCALLED))}
    return [fact for fact in facts if fact.field not in spared or fact.rule not in _TO_CHOOSE]


def _is_unread(fact: Fact, read: set[JsonValue]) -> bool:
    if fact.rule != _OF_SAMPLES or fact.evidence is None:
        return False
    return fact.evidence.quote not in read


def _beyond_own_runs(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out how a module runs itself, and where it is asked then, for an image's command."""
    if not any(fact.rule == _OF_COMMAND for fact in facts):
        return facts
    return [fact for fact in facts if fact.rule not in _OWN_RUNS]


def _beyond_own_machines(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out where developers ask a program whose own files leave its port to the image."""
    if not any(fact.rule == _OF_IMAGE and fact.confidence != "low" for fact in facts):
        return facts
    return [fact for fact in facts if fact.rule not in ADDRESS_RULES]


def _beyond_foreign_ports(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out ports at which stores and queues are reached where there are others."""
    if all(_is_foreign(fact) for fact in facts if fact.field == "port"):
        return facts
    return [fact for fact in facts if fact.field != "port" or not _is_foreign(fact)]


def _beyond_the_web_server(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Leave out the port of a framework's own server where an image has another for it."""
    if not any(fact.rule == _OF_WEB_SERVER for fact in facts):
        return facts
    return [fact for fact in facts if fact.rule != _OF_FRAMEWORK]


def _is_foreign(port: Fact) -> bool:
    if not isinstance(port.value, int):
        return False
    # Of some an image that opens one alone may be the owner.
    is_own = port.rule == _OPENED and port.confidence == "high" and port.value in _SHARED_PORTS
    return is_foreign_port(port.value) and not is_own
