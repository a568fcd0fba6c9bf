"""CPU, memory and number of tasks, each with its reason."""

import math
from dataclasses import dataclass
from typing import Final

from analyzer.sizing.demand import (
    AVERAGE_SHARE,
    QUEUE_MIB,
    TARGET_SHARE,
    THREAD_MIB,
    Demand,
    number,
    stated,
)
from analyzer.sizing.task_reasons import count_reasons, cpu_reason, memory_reason
from delightful.fargate import MEMORY_MIB_BY_CPU_UNITS
from delightful.recommendation import Reason

# Of the memory a quarter stays free: for caches of the system, and for what grows.
_FREE_SHARE: Final = 0.25
# Beyond so many tasks, larger ones are used where the program can.
_MANY_TASKS: Final = 10
_LARGEST_CPU_UNITS: Final = 4096
# Half as much again as was declared may come.
_RESERVE: Final = 1.5
# One zone may fail.
_FEWEST: Final = 2
_FEWEST_WORKERS: Final = 1
_MOST_UNDECLARED: Final = 4
_MOST: Final = 100
_LEAST_CPU_PERCENT: Final = 20


@dataclass(frozen=True)
class TaskSize:
    """One task, with what it was worked out from."""

    cpu_units: int
    memory_mib: int
    memory_needed_mib: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class TaskCounts:
    """How many tasks, and what the number keeps to."""

    min_count: int
    max_count: int
    cpu_percent: int | None
    memory_percent: int | None
    requests_per_task: int | None
    reasons: tuple[Reason, ...]


def task_size(demand: Demand) -> TaskSize:
    """Return CPU and memory that Fargate sells together; the manifest's own values hold."""
    needed = _memory_needed(demand)
    stated_cpu, stated_memory = stated(demand, "cpu_units"), stated(demand, "memory_mib")
    cpu, memory = _pair(_cpu_needed(demand), math.ceil(needed / (1 - _FREE_SHARE)))
    if stated_cpu is not None:
        cpu, memory = stated_cpu, _fitting_memory(stated_cpu, needed)
    if stated_memory is not None:
        memory = stated_memory
        cpu = stated_cpu or _fitting_cpu(cpu, stated_memory)
    reasons = (cpu_reason(demand, cpu), memory_reason(demand, needed, memory))
    return TaskSize(cpu, memory, needed, reasons)


def task_counts(demand: Demand, cpu_units: int) -> TaskCounts:
    """Return bounds and targets of the number of tasks; the manifest's own values hold."""
    scaling = demand.manifest.scaling if demand.manifest else None
    fewest, most = _bounds(demand, demand.capacity(cpu_units))
    if scaling is not None:
        fewest = scaling.min_count or min(fewest, scaling.max_count or fewest)
        most = max(scaling.max_count or most, fewest)
    percent = (scaling.cpu_percent if scaling else None) or _cpu_percent(demand, cpu_units)
    requests = scaling.requests_per_task if scaling else None
    return TaskCounts(
        min_count=fewest,
        max_count=most,
        cpu_percent=percent,
        memory_percent=scaling.memory_percent if scaling else None,
        requests_per_task=requests or _requests_per_task(demand, cpu_units),
        reasons=count_reasons(demand, cpu_units, fewest, most, percent),
    )


def _cpu_needed(demand: Demand) -> int:
    cpu = max(demand.model.least_cpu_units, demand.processes * demand.model.cpu_units_per_process)
    cpu = next((size for size in MEMORY_MIB_BY_CPU_UNITS if size >= cpu), _LARGEST_CPU_UNITS)
    while cpu < _LARGEST_CPU_UNITS and _gains_by(demand, cpu):
        cpu *= 2
    return cpu


def _gains_by(demand: Demand, cpu: int) -> bool:
    now, then = demand.capacity(cpu), demand.capacity(2 * cpu)
    return (demand.peak or 0) > _MANY_TASKS * now and then > 1.5 * now


def _memory_needed(demand: Demand) -> int:
    process = number(demand.load.heap_mib) or demand.model.process_mib
    threads = number(demand.load.threads) or 1
    needed = demand.model.base_mib + demand.processes * (process + (threads - 1) * THREAD_MIB)
    return needed + (QUEUE_MIB if demand.load.queue else 0)


def _pair(cpu_units: int, memory_mib: int) -> tuple[int, int]:
    for cpu, sizes in MEMORY_MIB_BY_CPU_UNITS.items():
        memory = next((size for size in sizes if size >= memory_mib), None)
        if cpu >= cpu_units and memory is not None:
            return cpu, memory
    largest = max(MEMORY_MIB_BY_CPU_UNITS)
    return largest, MEMORY_MIB_BY_CPU_UNITS[largest][-1]


def _fitting_memory(cpu_units: int, needed_mib: int) -> int:
    sizes = MEMORY_MIB_BY_CPU_UNITS[cpu_units]
    wanted = needed_mib / (1 - _FREE_SHARE)
    return next((size for size in sizes if size >= wanted), sizes[-1])


def _fitting_cpu(cpu_units: int, memory_mib: int) -> int:
    fitting = [cpu for cpu, sizes in MEMORY_MIB_BY_CPU_UNITS.items() if memory_mib in sizes]
    return next((cpu for cpu in fitting if cpu >= cpu_units), fitting[-1])


def _bounds(demand: Demand, capacity: float) -> tuple[int, int]:
    fewest = _FEWEST_WORKERS if demand.is_worker else _FEWEST
    if not demand.peak or not capacity:
        return fewest, _MOST_UNDECLARED
    fewest = max(fewest, math.ceil(demand.peak * AVERAGE_SHARE / capacity))
    most = max(fewest + 1, math.ceil(demand.peak * _RESERVE / capacity))
    return min(fewest, _MOST), min(most, _MOST)


def _cpu_percent(demand: Demand, cpu_units: int) -> int:
    target = round(100 * TARGET_SHARE)
    if demand.is_worker or demand.slot_bound is None:
        return target
    # Where every process is taken before the CPU is, the average never reaches the target.
    share = min(1.0, demand.slot_bound / demand.cpu_bound(cpu_units))
    return max(_LEAST_CPU_PERCENT, round(target * share))


def _requests_per_task(demand: Demand, cpu_units: int) -> int | None:
    is_rolling = demand.manifest is not None and demand.manifest.rollout.strategy == "rolling"
    if not is_rolling or not demand.peak or demand.is_worker:
        return None
    return max(1, round(60 * demand.capacity(cpu_units)))
