"""The sizes that Fargate sells.

Source: Amazon ECS developer guide, "Task definition parameters for Fargate", task size.
"""

from collections.abc import Mapping
from typing import Final

MEMORY_MIB_BY_CPU_UNITS: Final[Mapping[int, tuple[int, ...]]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}


def memory_sizes_mib(cpu_units: int | None) -> tuple[int, ...]:
    """Return the legal memory sizes for a cpu size, or all of them where it is left open."""
    if cpu_units is not None:
        return MEMORY_MIB_BY_CPU_UNITS.get(cpu_units, ())
    return tuple(sorted({size for sizes in MEMORY_MIB_BY_CPU_UNITS.values() for size in sizes}))


def pair_fault(cpu_units: int | None, memory_mib: int | None) -> str | None:
    """Return the memory sizes that would be legal, or None where the pair is."""
    sizes = memory_sizes_mib(cpu_units)
    if memory_mib is None or memory_mib in sizes:
        return None
    with_cpu = f" with cpu_units {cpu_units}" if cpu_units is not None else ""
    return f"{_ranges(sizes)} MiB{with_cpu}"


def _ranges(sizes: tuple[int, ...]) -> str:
    if len(sizes) <= 4:
        return ", ".join(map(str, sizes))
    return f"{sizes[0]} to {sizes[-1]} in steps of {sizes[1] - sizes[0]}"
