"""Why a task has its size and its number, in words, with the lines that say so."""

from analyzer.sizing.demand import (
    AVERAGE_SHARE,
    QUEUE_MIB,
    TARGET_SHARE,
    THREAD_MIB,
    Demand,
    lines,
    number,
    stated,
)
from delightful.recommendation import Evidence, Reason


def cpu_reason(demand: Demand, cpu_units: int) -> Reason:
    """Say why a task has so much CPU."""
    if stated(demand, "cpu_units") is not None:
        return _by_manifest(demand, "cpu_units")
    text = (
        f"{demand.model.name}; {_count(demand.processes, 'process', 'processes')} in a task at "
        f"{demand.model.cpu_units_per_process} units each"
    )
    if demand.peak:
        text += f", for a declared peak of {demand.peak} requests a second"
    return Reason(
        field="cpu_units",
        text=f"{text}: {cpu_units} units",
        overrule="cpu_units in .delightful.yaml",
        evidence=(*_process_lines(demand), *lines(demand.load.requests_per_second)),
    )


def memory_reason(demand: Demand, needed_mib: int, memory_mib: int) -> Reason:
    """Say why a task has so much memory."""
    if stated(demand, "memory_mib") is not None:
        return _by_manifest(demand, "memory_mib")
    heap = number(demand.load.heap_mib)
    each = f"{heap} MiB of heap" if heap else f"{demand.model.process_mib} MiB"
    text = f"{demand.model.base_mib} MiB and {demand.processes} x {each}"
    threads = number(demand.load.threads)
    if threads and threads > 1:
        text += f" with {THREAD_MIB} MiB for each further one of {threads} threads"
    if demand.load.queue:
        text += f", {QUEUE_MIB} MiB for what the queue holds ready"
    text += f": {needed_mib} MiB, and a quarter is to stay free: {memory_mib} MiB"
    load = demand.load
    evidence = (*_process_lines(demand), *lines(load.threads, load.heap_mib, load.queue))
    return Reason(
        field="memory_mib", text=text, overrule="memory_mib in .delightful.yaml", evidence=evidence
    )


def count_reasons(
    demand: Demand, cpu_units: int, fewest: int, most: int, percent: int
) -> tuple[Reason, ...]:
    """Say why there are so many tasks, and what their number keeps to."""
    scaling = demand.manifest.scaling if demand.manifest else None
    text = _count_text(demand, cpu_units)
    evidence = (*lines(demand.load.requests_per_second), *_concurrency_lines(demand))
    reasons = []
    for name, value in (("min_count", fewest), ("max_count", most), ("cpu_percent", percent)):
        stated = getattr(scaling, name, None) is not None
        words = _percent_text(demand, percent) if name == "cpu_percent" else text
        reasons.append(
            Reason(
                field=name,
                text="the manifest says so" if stated else f"{words}: {value}",
                overrule=f"scaling.{name} in .delightful.yaml",
                evidence=() if stated else evidence,
            )
        )
    return tuple(reasons)


def _count_text(demand: Demand, cpu_units: int) -> str:
    if demand.is_worker:
        return "it takes jobs, which may wait while a task is replaced"
    capacity = demand.capacity(cpu_units)
    trusted = f"a task is trusted with {capacity:g} requests a second ({_bound_by(demand)})"
    if not demand.peak:
        return f"no traffic is declared and one zone may fail; {trusted}"
    average = demand.peak * AVERAGE_SHARE
    return (
        f"a declared peak of {demand.peak} requests a second, {average:.0f} on average; {trusted}"
    )


def _bound_by(demand: Demand) -> str:
    if demand.slots is None:
        return f"{demand.model.requests_per_vcpu} for each vCPU, {TARGET_SHARE:.0%} of it used"
    return (
        f"{demand.slots} at a time for {demand.seconds_per_request:.2g} seconds each and "
        f"{demand.model.requests_per_vcpu} for each vCPU, {TARGET_SHARE:.0%} of it used"
    )


def _percent_text(demand: Demand, percent: int) -> str:
    if percent < round(100 * TARGET_SHARE):
        return "every process is taken before the CPU is, so tasks are added at less CPU"
    return "tasks are added while there is room for a peak within the minute"


def _by_manifest(demand: Demand, field: str) -> Reason:
    return Reason(
        field=field,
        text="the manifest says so",
        overrule=f"{field} in .delightful.yaml",
        evidence=demand.evidence(field),
    )


def _process_lines(demand: Demand) -> tuple[Evidence, ...]:
    stated = demand.load.consumers if demand.is_worker else None
    said = lines(stated or demand.load.processes)
    return said or demand.evidence("language")


def _concurrency_lines(demand: Demand) -> tuple[Evidence, ...]:
    load = demand.load
    return lines(load.processes, load.threads, load.queue) if not demand.is_worker else ()


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
