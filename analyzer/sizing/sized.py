"""From answers and load to settings that are recommended, each with its reason.

Pure and deterministic. What no line says is assumed, low on purpose, and every assumption is told
where it stands: `server_models.py`, `demand.py`, `task_size.py`, `store_size.py`.
"""

from collections.abc import Mapping

from analyzer.resolution import MANIFEST_RULE
from analyzer.sizing.demand import Demand, demand_of
from analyzer.sizing.load import Load
from analyzer.sizing.store_size import cache_size, database_connections, database_size
from analyzer.sizing.task_size import TaskCounts, TaskSize, task_counts, task_size
from delightful.manifest import Manifest
from delightful.recommendation import Answer, Reason, Sizing
from delightful.settings import Settings

_RULES = {"cpu_units": "size/cpu-units", "memory_mib": "size/memory-mib"}
_DEFAULT_LOG_RETENTION_DAYS = 30


def sized(answers: Mapping[str, Answer], load: Load, manifest: Manifest | None) -> Sizing | None:
    """Return the settings for a service, or None where there is nothing to run or to go by."""
    demand = demand_of(answers, load, manifest)
    if demand is None:
        return None
    task = task_size(demand)
    counts = task_counts(demand, task.cpu_units)
    connections = database_connections(demand, counts.max_count)
    database, cache = database_size(demand, connections), cache_size(demand)
    return Sizing(
        settings=_settings(task, counts, manifest or Manifest(service="service")).model_copy(
            update={
                "database": database[0] if database else None,
                "cache": cache[0] if cache else None,
            }
        ),
        requests_per_second=demand.peak,
        requests_per_second_per_task=demand.capacity(task.cpu_units),
        memory_needed_mib=task.memory_needed_mib,
        database_connections=connections if database else None,
        reasons=(
            *task.reasons,
            *counts.reasons,
            *((database[1],) if database else ()),
            *((cache[1],) if cache else ()),
            *_queue_reason(demand),
        ),
    )


def size_answers(answers: Mapping[str, Answer], sizing: Sizing | None) -> dict[str, Answer]:
    """Return the answers with CPU and memory as they were worked out; the manifest's stay."""
    if sizing is None:
        return dict(answers)
    found = {
        field: _size_answer(field, sizing, answers["language"])
        for field in _RULES
        if answers[field].rule != MANIFEST_RULE
    }
    return {**answers, **found}


def _size_answer(field: str, sizing: Sizing, language: Answer) -> Answer:
    reason = sizing.reason(field)
    return Answer(
        field=field,
        value=getattr(sizing.settings, field),
        rule=_RULES[field],
        confidence="low",
        evidence=(reason.evidence if reason else ()) or language.evidence[:1],
    )


def _settings(task: TaskSize, counts: TaskCounts, manifest: Manifest) -> Settings:
    rollout = manifest.rollout
    return Settings(
        cpu_units=task.cpu_units,
        memory_mib=task.memory_mib,
        min_count=counts.min_count,
        max_count=counts.max_count,
        cpu_percent=counts.cpu_percent,
        memory_percent=counts.memory_percent,
        requests_per_task=counts.requests_per_task,
        deployment_strategy=rollout.strategy,
        bake_seconds=rollout.bake_seconds,
        termination_wait_minutes=rollout.termination_wait_minutes,
        log_retention_days=manifest.log_retention_days or _DEFAULT_LOG_RETENTION_DAYS,
    )


def _queue_reason(demand: Demand) -> tuple[Reason, ...]:
    queue = demand.load.queue
    if queue is None or queue.evidence is None or demand.is_worker:
        return ()
    return (
        Reason(
            field="queue",
            text="slow work is handed to a queue, so a request is in work for "
            f"{demand.seconds_per_request:.2g} seconds; the consumers are a service of their own, "
            "which is neither sized nor paid for here",
            overrule="a manifest of its own for the consumers",
            evidence=(queue.evidence,),
        ),
    )
