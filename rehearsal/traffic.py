"""What the prober saw, as data: requests counted, failed, and which commit answered them."""

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence

from delightful.frozen import Frozen


class Sample(Frozen):
    """One request: `at` in seconds since the epoch, `status` None where nothing answered."""

    at: float
    status: int | None
    commit: str | None
    milliseconds: float
    error: str | None


class Traffic(Frozen):
    """The requests of one span of time.

    `commits` counts answers by the commit that gave them; empty where the service does not say.
    """

    requests: int
    failed: int
    commits: dict[str, int]
    p99_milliseconds: float | None
    failures: tuple[str, ...]


def parse_samples(lines: Iterable[str]) -> list[Sample]:
    """Read the prober's lines; a last line cut off in the middle of writing is left out."""
    return [Sample(**json.loads(line)) for line in lines if line.endswith("\n")]


def traffic_of(samples: Sequence[Sample], *, start: float, end: float, expected: int) -> Traffic:
    """Count the samples between two moments; a request failed unless it got the expected status."""
    seen = [sample for sample in samples if start <= sample.at <= end]
    failed = [sample for sample in seen if sample.status != expected]
    return Traffic(
        requests=len(seen),
        failed=len(failed),
        commits=dict(Counter(sample.commit for sample in seen if sample.commit)),
        p99_milliseconds=_p99([sample.milliseconds for sample in seen]),
        failures=tuple(_described(sample) for sample in failed[:5]),
    )


def _p99(milliseconds: list[float]) -> float | None:
    if len(milliseconds) < 2:
        return None
    return round(statistics.quantiles(milliseconds, n=100)[98], 1)


def _described(sample: Sample) -> str:
    return f"at {sample.at:.3f}: {sample.error or f'status {sample.status}'}"
