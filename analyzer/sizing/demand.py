"""What a service asks of a task: its server, what files say of it, what it keeps data in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from analyzer.conclusions import ABSENT_RULE
from analyzer.facts import Fact
from analyzer.resolution import MANIFEST_RULE
from analyzer.sizing.load import Load
from analyzer.sizing.server_models import ServerModel, server_model
from delightful.manifest import Manifest
from delightful.recommendation import Answer, Evidence

# Seconds that a request is in work where nothing is measured: with a database, and without.
_SECONDS_WITH_DATABASE: Final = 0.2
_SECONDS_ALONE: Final = 0.1
# What a cache, or a queue that takes slow work away, leaves of those seconds.
_LEFT_BY_CACHE: Final = 0.75
_LEFT_BY_QUEUE: Final = 0.75
# Of what a task could bear it is given this share: the rest is for peaks within a minute.
TARGET_SHARE: Final = 0.6
# A usual day's average is a third of its busiest minute.
AVERAGE_SHARE: Final = 1 / 3
# What a queue's client holds ready, and what a further thread takes.
QUEUE_MIB: Final = 96
THREAD_MIB: Final = 4
_ENGINES: Final = ("postgres", "mysql")


@dataclass(frozen=True)
class Demand:
    """The service as sizing sees it."""

    model: ServerModel
    load: Load
    answers: Mapping[str, Answer]
    manifest: Manifest | None

    @property
    def is_worker(self) -> bool:
        """Say whether it serves no requests but takes jobs."""
        return self.answers["kind"].value == "worker"

    @property
    def peak(self) -> int | None:
        """Return the declared requests a second in the busiest minute."""
        return number(self.load.requests_per_second)

    @property
    def processes(self) -> int:
        """Return how many processes of the program run in a task."""
        stated = self.load.consumers if self.is_worker else None
        return number(stated or self.load.processes) or self.model.processes

    @property
    def slots(self) -> int | None:
        """Return how many requests are in work at a time; None where as many as come."""
        if self.model.slots_per_process is None:
            return None
        return self.processes * (number(self.load.threads) or self.model.slots_per_process)

    @property
    def connections_per_task(self) -> int:
        """Return how many connections to the database a task may hold."""
        pool = number(self.load.threads) if self.model.slots_per_process else None
        return self.processes * (pool or self.model.pool_per_process)

    @property
    def database(self) -> str | None:
        """Return the engine of a database that this infrastructure provisions."""
        return next((engine for engine in _ENGINES if self._is_surely("database", engine)), None)

    @property
    def has_redis(self) -> bool:
        """Say whether it needs a Redis, be it for what it caches or for its queue."""
        return self._is_surely("cache", "redis") or self.queue_lies_in("redis")

    def queue_lies_in(self, keeper: str) -> bool:
        """Say whether its jobs wait in the cache ("redis"), the database or a broker.

        What usually lies in Redis lies elsewhere where a line says that none is needed.
        """
        if self.load.queue is None or self.load.queue.value != keeper:
            return False
        is_told = self.answers["cache"].rule != ABSENT_RULE
        return not (keeper == "redis" and is_told and self._is_surely("cache", "none"))

    @property
    def seconds_per_request(self) -> float:
        """Return how long a request is in work, as is assumed."""
        seconds = _SECONDS_WITH_DATABASE if self.database else _SECONDS_ALONE
        if self._is_surely("cache", "redis"):
            seconds *= _LEFT_BY_CACHE
        return seconds * _LEFT_BY_QUEUE if self.load.queue else seconds

    def capacity(self, cpu_units: int) -> float:
        """Return the requests a second that a task of this CPU is trusted with."""
        if self.is_worker:
            return 0.0
        bounds = [self.cpu_bound(cpu_units), self.slot_bound]
        return round(TARGET_SHARE * min(bound for bound in bounds if bound is not None), 1)

    def cpu_bound(self, cpu_units: int) -> float:
        """Return the requests a second at which the CPU is all used."""
        cores = cpu_units / 1024
        usable = min(cores, self.processes) if self.model.uses_one_core else cores
        return usable * self.model.requests_per_vcpu

    @property
    def slot_bound(self) -> float | None:
        """Return the requests a second at which every thread or process is taken."""
        return None if self.slots is None else self.slots / self.seconds_per_request

    def evidence(self, *fields: str) -> tuple[Evidence, ...]:
        """Return the first line behind each of these answers that has a value."""
        answers = [self.answers[field] for field in fields]
        shown = [one.evidence[0] for one in answers if one.value is not None and one.evidence]
        return tuple(dict.fromkeys(shown))

    def _is_surely(self, field: str, value: str) -> bool:
        answer = self.answers[field]
        return answer.value == value and answer.confidence != "low"


def demand_of(
    answers: Mapping[str, Answer], load: Load, manifest: Manifest | None
) -> Demand | None:
    """Return what the service asks of a task, or None where too little is known to say."""
    if answers["kind"].value not in ("web", "worker"):
        return None
    model = server_model(
        _text(answers["language"]),
        _text(answers["framework"]),
        str(answers["start_command"].value or ""),
        is_static=load.static is not None,
    )
    return Demand(model, load, answers, manifest) if model else None


def number(fact: Fact | None) -> int | None:
    """Return a fact's number."""
    return fact.value if fact is not None and isinstance(fact.value, int) else None


def stated(demand: Demand, field: str) -> int | None:
    """Return the manifest's own number for a field, or None where it has none."""
    answer = demand.answers[field]
    if answer.rule != MANIFEST_RULE or not isinstance(answer.value, int):
        return None
    return answer.value


def lines(*facts: Fact | None) -> tuple[Evidence, ...]:
    """Return the lines behind facts, each once."""
    return tuple(dict.fromkeys(fact.evidence for fact in facts if fact and fact.evidence))


def _text(answer: Answer) -> str | None:
    return answer.value if isinstance(answer.value, str) else None
