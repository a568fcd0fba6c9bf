"""Following a rollout through its phases, each bounded by the deadline its engine names."""

from collections.abc import Callable

from blocks.ecs.rollout import ENDED_PHASES, RolloutPhase, RolloutProgress
from delightful.errors import TransientError
from flows.runs.waiting import Pace

PAST_READY: frozenset[RolloutPhase] = frozenset({"ready", "shifting", "live", "finished"})
PAST_LIVE: frozenset[RolloutPhase] = frozenset({"live", "finished"})

Show = Callable[[float, str], None]


def follow(
    look: Callable[[], RolloutProgress],
    until: frozenset[RolloutPhase],
    *,
    pace: Pace,
    show: Show,
    bounds: dict[RolloutPhase, float] | None = None,
) -> tuple[RolloutProgress, bool]:
    """Look until the rollout is in one of these phases or has ended; returns whether in time.

    A phase may last as long as the engine says, or as `bounds` says where that is shorter. Time
    counts from the first look at the phase.
    """
    phase: RolloutPhase | None = None
    deadline = pace.clock()
    while True:
        seen = _looked(look, patient=phase is not None and pace.clock() < deadline)
        if seen is not None:
            show(percent_of(seen), described(seen))
            if seen.phase in until or seen.phase in ENDED_PHASES:
                return seen, True
            if seen.phase != phase:
                phase = seen.phase
                bound = (bounds or {}).get(phase, seen.deadline_seconds)
                deadline = pace.clock() + min(bound, seen.deadline_seconds)
            elif pace.clock() >= deadline:
                return seen, False
        pace.sleep(pace.poll_seconds)


def _looked(look: Callable[[], RolloutProgress], *, patient: bool) -> RolloutProgress | None:
    try:
        return look()
    except TransientError:
        if not patient:
            raise
        return None


def percent_of(seen: RolloutProgress) -> float:
    """Return how far a rollout is, for a bar: half of it is the way to ready."""
    at = {"waiting": 20.0, "ready": 50.0, "live": 90.0, "finished": 100.0, "rolled_back": 100.0}
    if seen.phase == "shifting":
        return 50.0 + 40.0 * _green_weight(seen) / 100.0
    return at.get(seen.phase, 50.0)


def described(seen: RolloutProgress) -> str:
    """Return where a rollout stands in one line."""
    weights = ", ".join(f"{name} {weight:g} %" for name, weight in sorted(seen.weights.items()))
    parts = (f"{seen.phase} ({seen.status})", weights, seen.message)
    return "; ".join(part for part in parts if part)


def _green_weight(seen: RolloutProgress) -> float:
    green = [tasks.weight for tasks in seen.task_sets if tasks.label.lower() == "green"]
    return min(100.0, max(green, default=50.0))
